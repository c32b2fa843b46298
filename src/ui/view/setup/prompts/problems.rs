//! Problems of a prompt set, each with its place, the reason and what to do.

use leptos::prelude::*;

use super::super::super::super::{state::Workbench, words};
use crate::data::{ImportProblem, InOrder};

/// Most problems that a list shows.
const LISTED: usize = 50;

/// What was wrong with the set that was opened last.
#[component]
pub fn Problems() -> impl IntoView {
    let page = Workbench::here();
    move || {
        let n = page.prompt_problems.with(Vec::len);
        (n > 0).then(|| {
            view! {
                <details class="note note--warn" data-testid="prompt-problems">
                    <summary>{words::plural(n, "problem in this set", "problems in this set")}</summary>
                    {page.prompt_problems.with(|all| list(all))}
                </details>
            }
        })
    }
}

/// Problems as a list: those that leave something out come first.
pub fn list(problems: &[ImportProblem]) -> impl IntoView + use<> {
    let mut shown: Vec<&ImportProblem> = problems.iter().collect();
    shown.order_by_key(|found| !found.problem.left_out);
    let items = shown.iter().take(LISTED).map(|found| item(found)).collect_view();
    let n_more = problems.len().saturating_sub(LISTED);
    view! {
        <ul class="import__problems">{items}</ul>
        {(n_more > 0).then(|| view! { <p class="field__help">{format!("and {n_more} more")}</p> })}
    }
}

fn item(found: &ImportProblem) -> impl IntoView + use<> {
    let problem = &found.problem;
    let place = words::sentence(&found.place());
    let place = place.trim_end_matches('.').to_owned();
    view! {
        <li>
            <strong><bdi>{place}</bdi>": "</strong>{problem.reason.clone()}"; "{problem.fix.clone()}
            {problem.left_out.then_some(" (left out)")}"."
        </li>
    }
}
