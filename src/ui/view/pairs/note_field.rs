//! A note on the row that is looked at.

use leptos::prelude::*;

use super::{
    super::super::{
        actions::review::{Keyboard, Target, decide},
        state::Workbench,
    },
    long_field::LongField,
};
use crate::curation::{Act, Decision};

/// A field for the note; saved empty, the note is gone.
#[component]
pub fn NoteField() -> impl IntoView {
    let page = Workbench::here();
    let cell = page.focus.get_untracked().cell;
    let note = page.desk.with_untracked(|desk| desk.as_ref()?.row(cell)?.note.clone()).unwrap_or_default();
    let save = move |text: String| {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        decide(page, Decision::On(Target::At(cell), Act::Note(text)), Keyboard::Follows);
    };
    view! { <LongField text=note label="Note on this row" rows=2 name="note" save /> }
}
