//! The same act on every row that passes the filter, with a preview; one event, and one step of undo.

use leptos::prelude::*;

use super::super::super::{
    actions::{
        annotator,
        review::{Keyboard, Target, decide},
        walk,
    },
    state::Workbench,
    words,
};
use super::super::modal::modal;
use crate::{
    curation::{Act, Cell, Decision},
    data::RowStatus,
};

/// Rows that the preview shows.
const SHOWN: usize = 5;

/// What can be done to many rows, by its name.
const ACTS: [(&str, Act); 10] = [
    ("Accept", Act::Accept),
    ("Leave out", Act::LeaveOut),
    ("Tie", Act::Judge(RowStatus::Tie)),
    ("Both good", Act::Judge(RowStatus::BothGood)),
    ("Both bad", Act::Judge(RowStatus::BothBad)),
    ("Cannot judge", Act::Judge(RowStatus::CannotJudge)),
    ("Harmful", Act::Judge(RowStatus::Harmful)),
    ("Flag", Act::Flag(true)),
    ("Take the flag away", Act::Flag(false)),
    ("Back to the method's pick", Act::Reset),
];

/// The button that opens the dialog.
#[component]
pub fn BulkButton() -> impl IntoView {
    let page = Workbench::here();
    let is_open = RwSignal::new(false);
    let n = Memo::new(move |_| page.review.listing.with(|listing| listing.len()));
    view! {
        <button type="button" class="button button--small" data-testid="bulk" disabled=move || n.get() == 0
            on:click=move |_| is_open.set(true)>
            {move || match n.get() {
                1 => "Decide 1 row…".to_owned(),
                n => format!("Decide all {n} rows…"),
            }}
        </button>
        <Show when=move || is_open.get()>
            <BulkDialog is_open />
        </Show>
    }
}

#[component]
fn BulkDialog(
    /// Closes it.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let dialog = modal();
    let at = RwSignal::new(0_usize);
    let cells = StoredValue::new(page.review.listing.with_untracked(|listing| listing.cells()));
    let act = move || ACTS[at.get()].1.clone();
    let n_possible = Memo::new(move |_| {
        let act = act();
        page.desk.with(|desk| {
            cells.with_value(|cells| {
                desk.as_ref().map_or(0, |desk| desk.n_possible(cells, &act, &annotator::name()))
            })
        })
    });
    let options = ACTS
        .iter()
        .enumerate()
        .map(|(at, (name, _))| view! { <option value=at.to_string()>{*name}</option> })
        .collect_view();
    let first: Vec<Cell> = cells.with_value(|cells| cells.iter().take(SHOWN).copied().collect());
    let n = cells.with_value(Vec::len);
    let preview = first.into_iter().map(|cell| view! { <li>{preview_words(page, cell)}</li> }).collect_view();
    let confirm = move |_| {
        is_open.set(false);
        let targets = cells.with_value(|cells| cells.iter().map(|cell| Target::At(*cell)).collect());
        decide(page, Decision::OnMany(targets, untrack(act)), Keyboard::Follows);
    };
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="bulk-title" data-testid="bulk-dialog" on:close=move |_| is_open.set(false)>
            <h2 id="bulk-title">{format!("Decide {}", words::plural(n, "row", "rows"))}</h2>
            <label class="field">
                <span class="field__label">"What to do with each"</span>
                <select data-testid="bulk-act" on:change=move |event| at.set(event_target_value(&event).parse().unwrap_or(0).min(ACTS.len() - 1))>
                    {options}
                </select>
            </label>
            <p data-testid="bulk-count">
                {move || match (n_possible.get(), n - n_possible.get().min(n)) {
                    (0, _) => "None of these rows can be decided so: they have no pair, or they are so already.".to_owned(),
                    (n, 0) => format!("{} will change.", words::plural(n, "row", "rows")),
                    (n, others) => format!(
                        "{} will change. {others} stay as they are: they have no pair, or they are so already.",
                        words::plural(n, "row", "rows")
                    ),
                }}
            </p>
            <ul class="bulk__preview" aria-label="The first rows">{preview}</ul>
            {(n > SHOWN).then(|| view! { <p>{format!("and {} more.", n - SHOWN)}</p> })}
            <p>"One Undo takes all of it back."</p>
            <div class="row">
                <button type="button" class="button button--strong" data-testid="bulk-confirm"
                    disabled=move || n_possible.get() == 0 on:click=confirm>
                    {move || format!("{}: {}", ACTS[at.get()].0, words::plural(n_possible.get(), "row", "rows"))}
                </button>
                <button type="button" class="button button--quiet" on:click=move |_| is_open.set(false)>"Cancel"</button>
            </div>
        </dialog>
    }
}

fn preview_words(page: Workbench, cell: Cell) -> String {
    let state = page.desk.with_untracked(|desk| desk.as_ref()?.row(cell).map(words::state_words));
    format!(
        "{}, {} now",
        words::sentence(&walk::cell_words(page, cell)).trim_end_matches('.'),
        state.unwrap_or_default()
    )
}
