//! Which screen is shown: the URL's hash says it, so that a link opens a screen and Back leads to the one before.
//!
//! The way is always the same: something sets the hash, the browser tells of it, [`Workbench::view`] follows.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

use super::{
    screen::{View, hash},
    state::Workbench,
};

/// Where the content of every screen begins; [`focus_content`] goes there.
pub const CONTENT_ID: &str = "content";

/// Follows the hash for as long as the page lives.
pub fn listen(page: Workbench) {
    let handle = window_event_listener(ev::hashchange, move |_| {
        if let Some(view) = View::of_hash(&hash())
            && view != page.view.get_untracked()
        {
            page.view.set(view);
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
