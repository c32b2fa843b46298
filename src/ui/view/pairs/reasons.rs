//! Reasons for the next decision, picked from a short list by mouse or digit.

use leptos::prelude::*;

use super::super::super::state::Workbench;

/// What a reason is called in the log, and on the page.
pub const REASONS: [(&str, &str); 8] = [
    ("wrong-language", "Wrong language"),
    ("wrong-answer", "Wrong answer"),
    ("off-topic", "Off topic"),
    ("unsafe", "Unsafe"),
    ("poor-fluency", "Poor fluency"),
    ("incomplete", "Incomplete"),
    ("formatting", "Formatting"),
    ("other", "Other"),
];

/// The reasons as chips, each with its digit.
#[component]
pub fn Reasons() -> impl IntoView {
    let page = Workbench::here();
    let chips = REASONS.into_iter().enumerate().map(|(at, (reason, name))| {
        let is_picked =
            move || page.review.draft.with(|draft| draft.reasons.iter().any(|picked| picked == reason));
        view! {
            <button
                type="button"
                class="chip"
                data-testid=format!("reason-{reason}")
                aria-pressed=move || is_picked().to_string()
                on:click=move |_| toggle(page, reason)
            >
                {name}" "<kbd>{at + 1}</kbd>
            </button>
        }
    });
    view! {
        <div class="chips" role="group" aria-label="Reasons for the next decision" data-testid="reasons">
            {chips.collect_view()}
        </div>
    }
}

/// Picks the reason of a digit, counted from 1, or takes it back.
pub fn toggle_nth(page: Workbench, n: usize) {
    match n.checked_sub(1).and_then(|at| REASONS.get(at)) {
        Some((reason, _)) => toggle(page, reason),
        None => page.review.refuse(format!("There is no reason {n}.")),
    }
}

fn toggle(page: Workbench, reason: &str) {
    let cell = page.focus.get_untracked().cell;
    page.review.draft.update(|draft| {
        draft.cell = cell;
        match draft.reasons.iter().position(|picked| picked == reason) {
            Some(at) => drop(draft.reasons.remove(at)),
            None => draft.reasons.push(reason.to_owned()),
        }
    });
}
