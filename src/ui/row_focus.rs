//! The rows of the cards as elements of the page: whether one is there, and keyboard focus on it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::curation::Cell;

/// The id of a row's element.
pub fn row_id(cell: Cell) -> String {
    format!("row-{}-{}", cell.prompt, cell.language)
}

/// Whether a row is on the page.
pub fn is_there(cell: Cell) -> bool {
    document().get_element_by_id(&row_id(cell)).is_some()
}

/// Scrolls a row into view and puts keyboard focus on it.
pub fn enter(cell: Cell) {
    reveal(cell);
    let button = document().query_selector(&format!("#{} .pair__language", row_id(cell))).ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _focused = button.focus();
    }
}

/// Whether keyboard focus is in a row.
pub fn has_focus() -> bool {
    let row = document().active_element().and_then(|element| element.closest(".pair").ok().flatten());
    row.is_some()
}

/// Scrolls a row into view, as little as needed.
pub fn reveal(cell: Cell) {
    let element = document().get_element_by_id(&row_id(cell));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_behavior(ScrollBehavior::Auto);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
