//! Keys of the lesson: those of a presenter's clicker, and one to show the answer.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::state::Lesson;

/// Listens for as long as the lesson is shown.
pub fn listen(lesson: Lesson) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented()
            || event.is_composing()
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
        {
            return;
        }
        let is_done = act(lesson, &event);
        if is_done {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

fn act(lesson: Lesson, event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_in =
        |what: &str| target.as_ref().is_some_and(|element| element.closest(what).ok().flatten().is_some());
    if is_in("input[type=text], input[type=range], select, textarea") {
        return false;
    }
    let step = lesson.link.with_untracked(|link| link.step);
    match event.key().as_str() {
        // Arrows move through options there.
        "ArrowRight" | "ArrowLeft" if is_in("input[type=radio]") => return false,
        "PageDown" | "ArrowRight" => lesson.go(|link| link.step = step.next()),
        "PageUp" | "ArrowLeft" => lesson.go(|link| link.step = step.before()),
        "." | "b" if !lesson.is_revealed(step) => lesson.reveal(step),
        "Escape" if lesson.term.with_untracked(Option::is_some) => lesson.term.set(None),
        _ => return false,
    }
    true
}
