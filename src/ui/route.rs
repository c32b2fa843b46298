//! Which screen is shown: the URL's hash says it, so that a link opens a screen and Back leads to the one before.
//!
//! The way is always the same: something sets the hash, the browser tells of it, [`Workbench::view`] follows.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FocusOptions, HtmlElement};

use super::{
    screen::{View, hash, query},
    state::Workbench,
};
use crate::curation::RowFilter;

/// Where the content of every screen begins; [`focus_content`] goes there.
pub const CONTENT_ID: &str = "content";

/// Follows the hash for as long as the page lives.
pub fn listen(page: Workbench) {
    let handle = window_event_listener(ev::hashchange, move |_| {
        let filter = RowFilter::of_query(&query());
        if View::of_hash(&hash()) == Some(View::Pairs)
            && !query().is_empty()
            && page.review.filter.with_untracked(|now| *now != filter)
        {
            page.review.filter.set(filter);
        }
        if let Some(view) = View::of_hash(&hash())
            && view != page.view.get_untracked()
        {
            page.view.set(view);
            if view == View::Pairs && query().is_empty() {
                show_filter(page);
            }
            // The screen is there after the next frame.
            request_animation_frame(focus_content);
        }
    });
    on_cleanup(move || handle.remove());
    Effect::new(move |_| {
        let view = page.view.get();
        document().set_title(&match view {
            View::Pairs => "Concord: preference pairs from agreement across languages".to_owned(),
            other => format!("{} · Concord", other.name()),
        });
    });
}

/// Goes to a screen as its link does.
pub fn go_to(view: View) {
    // Refused only in a document without a location.
    let _set = window().location().set_hash(view.as_str());
}

/// Where what has the focus is about to go: keeps it in the screen's content, and what is in view in view.
pub fn keep_focus() {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if let Some(content) = content() {
        let _focused = content.focus_with_options(&options);
    }
}

/// Writes the filter of the rows after the name of the screen, so that a link and a reload show the same rows. Back does not
/// lead through every filter.
pub fn show_filter(page: Workbench) {
    let filter = page.review.filter.with_untracked(RowFilter::to_query);
    if page.view.get_untracked() != View::Pairs || filter == query() {
        return;
    }
    let name = View::Pairs.as_str();
    let hash = if filter.is_empty() { format!("#{name}") } else { format!("#{name}?{filter}") };
    if let Ok(history) = window().history() {
        // Refused only where the address may not change, and then the filter holds all the same.
        let _set = history.replace_state_with_url(&JsValue::NULL, "", Some(&hash));
    }
}

/// Puts the focus where the screen's content begins, so that keys and screen readers go on from there.
pub fn focus_content() {
    if let Some(content) = content() {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        let _focused = content.focus();
    }
}

fn content() -> Option<HtmlElement> {
    document().get_element_by_id(CONTENT_ID).and_then(|found| found.dyn_into().ok())
}
