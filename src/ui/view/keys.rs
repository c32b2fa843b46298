//! Keys of the whole page.
//!
//! `event.key` where it is a Latin letter, a digit or a sign, else what sits on the key's place (`event.code`), so that a
//! Russian or Arabic layout works too. Nothing happens while text is composed or typed into a field.

use leptos::{ev, prelude::*, reactive::graph::untrack};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use super::super::{
    actions::{commands, review, walk},
    keymap::Command,
    row_focus,
    screen::View,
    state::{Mode, Part, Workbench},
};
use super::pairs::reasons;

/// Listens for as long as the page lives.
pub fn listen(page: Workbench) {
    let handle = window_event_listener(ev::keydown, move |event| on_key(page, &event));
    on_cleanup(move || handle.remove());
    row_focus::keep(page);
    walk::follow(page);
}

fn on_key(page: Workbench, event: &KeyboardEvent) {
    if is_composed(event) || event.default_prevented() || is_typing(event) {
        return;
    }
    let sign = sign(event);
    let is_sheet_open = page.is_key_sheet_open.get_untracked();
    if sign.as_deref() == Some("?") && !is_modified(event) {
        event.prevent_default();
        return page.is_key_sheet_open.set(!is_sheet_open);
    }
    if is_sheet_open || document().query_selector("dialog[open]").ok().flatten().is_some() {
        return;
    }
    let is_review = untrack(|| page.mode()) == Mode::Review && page.view.get_untracked() == View::Pairs;
    if is_modified(event) {
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if is_review && is_command && sign.as_deref() == Some("z") {
            event.prevent_default();
            commands::run(page, if event.shift_key() { Command::Redo } else { Command::Undo });
        }
        return;
    }
    let has_letters = page.has_letter_keys.get_untracked();
    let is_done = match sign {
        Some(sign) if has_letters => on_sign(page, event, &sign, is_review),
        Some(_) => false,
        None => is_review && on_named(page, &event.key()),
    };
    if is_done {
        event.prevent_default();
    }
}

/// A letter, a digit or a sign: whether it did something.
fn on_sign(page: Workbench, event: &KeyboardEvent, sign: &str, is_review: bool) -> bool {
    if let Some(n) = digit(event).filter(|n| is_review && *n > 0) {
        match page.review.part.get_untracked() {
            Some(Part::Reasons) => reasons::toggle_nth(page, n),
            _ => review::pick_nth(page, n, event.shift_key()),
        }
        return true;
    }
    let command = page.review.keys.with_untracked(|keys| keys.command(sign));
    match command.filter(|command| is_review || !command.is_of_review()) {
        Some(command) => commands::run(page, command),
        None => return false,
    }
    true
}

/// A key with a name: whether it did something.
fn on_named(page: Workbench, key: &str) -> bool {
    match key {
        "ArrowDown" if row_focus::takes_arrows() => commands::step(page, 1),
        "ArrowUp" if row_focus::takes_arrows() => commands::step(page, -1),
        "Escape" if page.review.problem.with_untracked(Option::is_some) => page.review.problem.set(None),
        "Escape" if page.review.part.get_untracked().is_some() => {
            page.review.part.set(None);
            let cell = page.focus.get_untracked().cell;
            request_animation_frame(move || {
                row_focus::enter(cell);
            });
        }
        _ => return false,
    }
    true
}

/// Whether an input method has taken the key; 229 is what older engines report for that.
pub fn is_composed(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// The key as a lower-case Latin letter, a digit or a sign, where it is one or sits where one sits; `None` for keys with
/// names.
pub fn sign(event: &KeyboardEvent) -> Option<String> {
    let key = event.key();
    if key.is_ascii() {
        return (key.len() == 1 && key != " ").then(|| key.to_ascii_lowercase());
    }
    let code = event.code();
    let letter = code.strip_prefix("Key").or_else(|| code.strip_prefix("Digit"));
    match code.as_str() {
        "BracketLeft" => Some("[".to_owned()),
        "BracketRight" => Some("]".to_owned()),
        _ => letter.map(str::to_ascii_lowercase),
    }
}

/// The digit, whatever Shift makes of it.
fn digit(event: &KeyboardEvent) -> Option<usize> {
    let (key, code) = (event.key(), event.code());
    let is_digit = key.len() == 1 && key.chars().all(|c| c.is_ascii_digit());
    if is_digit { key.parse().ok() } else { code.strip_prefix("Digit")?.parse().ok() }
}

/// Whether a modifier other than Shift makes it another key; some layouts need one to write a sign at all.
fn is_modified(event: &KeyboardEvent) -> bool {
    let writes_sign = event.get_modifier_state("AltGraph");
    !writes_sign && (event.ctrl_key() || event.alt_key() || event.meta_key())
}

/// Whether the key goes into a field, or chooses in a control that takes letters.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| {
        let takes_text = target.dyn_ref::<HtmlInputElement>().is_some_and(|input| {
            !matches!(input.type_().as_str(), "checkbox" | "radio" | "file" | "range" | "button" | "color")
        });
        takes_text
            || matches!(target.tag_name().as_str(), "TEXTAREA" | "SELECT")
            || target.is_content_editable()
    })
}
