//! Keys of the whole page.
//!
//! `event.key` where it is a Latin letter or a digit, else the letter on the key's place (`event.code`), so
//! that a Russian or Arabic layout works too. Nothing happens while text is composed or typed into a field.

use leptos::{ev, prelude::*, reactive::graph::untrack};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::super::{
    actions::review::{self, Keyboard, Target, decide},
    route, row_focus,
    screen::View,
    state::{Mode, Workbench},
};
use crate::curation::{Act, Decision};

/// Listens for as long as the page lives.
pub fn listen(page: Workbench) {
    let handle = window_event_listener(ev::keydown, move |event| on_key(page, &event));
    on_cleanup(move || handle.remove());
}

fn on_key(page: Workbench, event: &KeyboardEvent) {
    // 229 is what older engines report for a key that an input method has taken.
    if event.is_composing() || event.key_code() == 229 || event.default_prevented() || is_typing(event) {
        return;
    }
    let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
    let key = letter(event);
    let is_review = untrack(|| page.mode()) == Mode::Review
        && page.view.get_untracked() == View::Pairs
        && !page.is_key_sheet_open.get_untracked();
    if is_command {
        if is_review && key == "z" {
            event.prevent_default();
            let decision = if event.shift_key() { Decision::Redo } else { Decision::Undo };
            decide(page, decision, Keyboard::Follows);
        }
        return;
    }
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    if event.key() == "?" {
        event.prevent_default();
        page.is_key_sheet_open.update(|is_open| *is_open = !*is_open);
        return;
    }
    let has_letter_keys = page.has_letter_keys.get_untracked();
    if let Some(view) = view_of(event).filter(|_| has_letter_keys && !page.is_key_sheet_open.get_untracked())
    {
        event.prevent_default();
        return route::go_to(view);
    }
    let is_letter = key.len() == 1;
    if is_review && (!is_letter || has_letter_keys) && judge(page, &key) {
        event.prevent_default();
    }
}

/// Whether the key did something.
fn judge(page: Workbench, key: &str) -> bool {
    let on = |act: Act| decide(page, Decision::On(Target::Focused, act), Keyboard::Follows);
    match key {
        "a" => on(Act::Accept),
        "s" => on(Act::Swap),
        "x" => on(Act::LeaveOut),
        "r" => on(Act::Reset),
        "j" => step(page, 1),
        "k" => step(page, -1),
        // Elsewhere the arrow keys scroll the page.
        "ArrowDown" if row_focus::has_focus() => step(page, 1),
        "ArrowUp" if row_focus::has_focus() => step(page, -1),
        "u" => decide(page, Decision::Undo, Keyboard::Follows),
        "y" => decide(page, Decision::Redo, Keyboard::Follows),
        "e" => toggle_candidates(),
        _ => return false,
    }
    true
}

fn step(page: Workbench, by: i64) {
    review::step(page, by);
    let cell = page.focus.get_untracked().cell;
    request_animation_frame(move || row_focus::enter(cell));
}

fn toggle_candidates() {
    let found = document().query_selector(".pair--current details").ok().flatten();
    if let Some(details) = found {
        let _toggled = details.toggle_attribute("open");
    }
}

/// The key as a lower-case Latin letter where it is one or sits where one sits, else its name.
fn letter(event: &KeyboardEvent) -> String {
    let key = event.key();
    if key.len() == 1 && key.is_ascii() {
        return key.to_ascii_lowercase();
    }
    match event.code().strip_prefix("Key") {
        Some(code) if key.chars().count() == 1 => code.to_ascii_lowercase(),
        _ => key,
    }
}

/// The screen of a digit, counted from 1; a key in the row of digits counts as its digit where it writes no letter.
fn view_of(event: &KeyboardEvent) -> Option<View> {
    let key = event.key();
    let code = event.code();
    let digit = match key.parse::<usize>() {
        Ok(digit) => digit,
        Err(_) if event.shift_key() || key.chars().any(|c| c.is_ascii_alphabetic()) => return None,
        Err(_) => code.strip_prefix("Digit")?.parse().ok()?,
    };
    View::ALL.get(digit.checked_sub(1)?).copied()
}

/// Whether the key goes into a field, or moves within a control that uses it.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| {
        matches!(target.tag_name().as_str(), "TEXTAREA" | "SELECT")
            || (target.tag_name() == "INPUT" && target.get_attribute("type").as_deref() != Some("checkbox"))
            || target.is_content_editable()
    })
}
