//! How many responses are written at once, and how much room each has.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{
        actions::model,
        state::{Room, Workbench},
    },
    fields::NumberField,
};

/// Both numbers; a loaded model is loaded again with what they say.
#[component]
pub fn RoomFields() -> impl IntoView {
    let page = Workbench::here();
    let change = move |change: fn(&mut Room, u32)| {
        move |value: f64| {
            page.room.update(|room| change(room, value as u32));
            spawn_local(model::make_room(page));
        }
    };
    view! {
        <NumberField label="Responses at once" name="rows" min=0.0 max=256.0 step=1.0
            help="0 takes as many as fit, at most 64. Fewer take less memory."
            value=Signal::derive(move || f64::from(page.room.get().rows))
            on_change=change(|room, rows| room.rows = rows) />
        <NumberField label="Tokens of room for each" name="row-tokens" min=0.0 max=32768.0 step=1.0
            help="0 is what the job needs. A number limits the room of all responses together; a longer one takes the room of several."
            value=Signal::derive(move || f64::from(page.room.get().row_tokens))
            on_change=change(|room, tokens| room.row_tokens = tokens) />
    }
}
