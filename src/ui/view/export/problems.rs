//! The rows that an export leaves out, and why.

use leptos::prelude::*;

use super::super::super::{row_focus, state::Workbench, words};
use crate::data::RowProblem;

/// Problems that are shown; the list as a file has all of them.
const MOST_SHOWN: usize = 50;

/// Each problem with its row, which can be looked at on the desk. A warning about the whole file is said without being
/// opened.
pub fn problem_list(problems: &[RowProblem]) -> Option<impl IntoView + use<>> {
    if problems.is_empty() {
        return None;
    }
    let items = problems.iter().take(MOST_SHOWN).map(item).collect_view();
    let n_left_out = problems.iter().filter(|problem| problem.left_out).count();
    let left_out = words::plural(n_left_out, "row not exported", "rows not exported");
    let warnings = problems.iter().filter(|problem| !problem.left_out).map(|problem| problem.reason.clone());
    let summary =
        (n_left_out > 0).then_some(left_out).into_iter().chain(warnings).collect::<Vec<_>>().join("; ");
    let n_more = problems.len().saturating_sub(MOST_SHOWN);
    Some(view! {
        <details class="note note--warn" data-testid="export-problems">
            <summary>{summary}</summary>
            <ul>{items}</ul>
            {(n_more > 0).then(|| view! { <p>{format!("And {n_more} more, in the list as a file.")}</p> })}
        </details>
    })
}

fn item(problem: &RowProblem) -> impl IntoView + use<> {
    let page = Workbench::here();
    let place = problem.prompt_id.clone().zip(problem.language.clone());
    let name = match &place {
        Some((id, language)) => format!("{id}, {}", words::english(language)),
        None => "The file".to_owned(),
    };
    let look = place.map(|(id, language)| {
        move |_| {
            let cell = page.desk.with_untracked(|desk| desk.as_ref()?.cell_of(&id, &language));
            if let Some(cell) = cell {
                page.look_at(cell);
                request_animation_frame(move || {
                    row_focus::enter(cell);
                });
            }
        }
    });
    let text = format!("{}; {}.", problem.reason, problem.fix);
    view! {
        <li>
            <strong><bdi>{name}</bdi>": "</strong>{text}
            {look.map(|look| view! {
                <button type="button" class="button button--quiet export__look" data-testid="export-look" on:click=look>"Show"</button>
            })}
        </li>
    }
}
