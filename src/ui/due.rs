//! Cards follow the desk one per frame, so what a card shows waits until the card is due.

use leptos::prelude::*;

use super::state::Workbench;
use crate::curation::Desk;

/// What a card shows of the desk: it stays as it was until the card is due, but a card that is new shows something at once.
pub fn of_desk<T: Clone + PartialEq + Send + Sync + 'static>(
    is_due: Memo<bool>,
    look: impl Fn(&Desk) -> Option<T> + Send + Sync + 'static,
) -> Memo<Option<T>> {
    let page = Workbench::here();
    Memo::new(move |old: Option<&Option<T>>| match (is_due.get(), old) {
        (false, Some(old)) => old.clone(),
        _ => page.desk.with(|desk| look(desk.as_ref()?)),
    })
}
