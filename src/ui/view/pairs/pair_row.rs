//! A row of a card: what is chosen and rejected in one language, why, and what the reviewer decided.

use leptos::prelude::*;

use super::{
    super::{
        super::{
            actions::review::{Keyboard, Target, decide},
            due::of_desk,
            keymap::Command,
            row_focus::{self, row_id},
            state::Workbench,
            words,
        },
        speech::Speech,
    },
    action_bar::{Done, RowProblem},
    candidates::CandidatePicker,
    pair_side::PairSide,
};
use crate::{
    curation::{Act, Cell, Decision, Row, RowView},
    data::{Language, SkipReason},
};

/// A row; it opens when it is looked at.
#[component]
pub fn PairRow(
    /// Where it is on the board.
    cell: Cell,
    /// Whether its card shows the desk as it is now.
    is_due: Memo<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let is_current = Memo::new(move |_| page.focus.with(|focus| focus.cell == cell));
    let is_list_open = RwSignal::new(false);
    let shown = of_desk(is_due, move |desk| {
        let is_shown = is_current.get() || page.review.filter.with(|filter| filter.passes(desk, cell));
        is_shown.then(|| desk.row_view(cell)).flatten()
    });
    // Nothing in it changes but with the row itself, so it has no signals of its own for that.
    let item = move |view: RowView| {
        let row = view.row.clone();
        view! {
            <li
                class="pair"
                id=row_id(cell)
                class:pair--current=is_current
                data-testid="pair-row"
                data-prompt=row.prompt_id.clone()
                data-language=row.language.as_str().to_owned()
                data-chosen=row.state.chosen.map(|sample| sample.to_string())
                data-rejected=row.state.rejected.map(|sample| sample.to_string())
                data-margin=row.margin.map(|margin| margin.to_string())
                data-skip=row.skip.map(skip_tag)
                data-state=words::state_words(&row).replace(' ', "-")
                on:click=move |event| {
                    if !is_current.get_untracked() {
                        page.look_at(cell);
                    }
                    row_focus::enter_by_click(cell, &event);
                }
            >
                <RowBody view is_current is_list_open />
            </li>
        }
    };
    move || shown.get().map(item)
}

#[component]
fn RowBody(
    /// What to show.
    view: RowView,
    /// Whether it is the row in focus.
    is_current: Memo<bool>,
    /// Whether all responses are listed; kept while the row itself changes.
    is_list_open: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let (cell, row) = (view.cell, view.row.clone());
    let info = row.language.info();
    let margin = words::fixed(row.margin, 3);
    let state = words::state_words(&row);
    let kept = view.clone();
    view! {
        <div class="pair__grid">
            <button
                type="button"
                class="pair__language"
                aria-expanded=move || is_current.get().to_string()
                data-hue={cell.language % 8}
                on:click=move |_| page.look_at(cell)
            >
                <span lang=row.language.as_str().to_owned() dir=info.direction.as_str()>{info.native}</span>
                <span class="pair__tag">{info.english}</span>
            </button>
            <Sides view />
            <div class="pair__end">
                <span class="pair__margin number"><span class="pair__cap">"margin "</span>{margin}</span>
                <span class=format!("state state--{}", state.replace(' ', "-"))>{state}</span>
            </div>
        </div>
        <Show when=move || is_current.get()>
            <div class="pair__open">
                <RowProblem />
                <Done />
                <div class="pair__question">
                    <Speech language=row.language.clone() text=kept.question.clone() />
                    {kept.drafted_by.as_deref().map(|model| view! { <p class="field__help">{words::draft_mark(model)}</p> })}
                </div>
                <Acts cell has_pair=row.has_pair() />
                <CandidatePicker view=kept.clone() is_open=is_list_open />
            </div>
        </Show>
    }
}

/// Chosen and rejected side by side, or why there is no pair.
#[component]
fn Sides(
    /// The row.
    view: RowView,
) -> impl IntoView {
    let page = Workbench::here();
    let RowView { row, chosen, rejected, question, cell, .. } = view;
    let gold =
        page.desk.with_untracked(|desk| desk.as_ref()?.session().prompts.get(cell.prompt)?.answer.clone());
    if let (Some(chosen), Some(rejected)) = (chosen, rejected) {
        view! {
            <PairSide is_chosen=true language=row.language.clone() candidate=chosen question=question.clone() gold=gold.clone() />
            <PairSide is_chosen=false language=row.language candidate=rejected question gold />
        }
        .into_any()
    } else {
        let anchor = page.sheet.with_untracked(|sheet| sheet.anchor.clone());
        let (what, then) = no_pair_words(row.skip, &anchor);
        view! { <p class="pair__skip"><strong>{what}</strong>" "{then}</p> }.into_any()
    }
}

/// Why a row has no pair, and what to do.
pub fn no_pair_words(skip: Option<SkipReason>, anchor: &Language) -> (String, &'static str) {
    skip.map_or_else(
        || ("This row has no pair.".to_owned(), "Pick two responses."),
        |reason| words::skip_words(reason, anchor),
    )
}

/// The judgement buttons, each with its key.
#[component]
fn Acts(
    /// Which row.
    cell: Cell,
    /// Whether there is a pair to judge.
    has_pair: bool,
) -> impl IntoView {
    let page = Workbench::here();
    // The row that comes up next takes the focus that the button had.
    let judge = move |act: Act| decide(page, Decision::On(Target::At(cell), act), Keyboard::Follows);
    let key = move |command: Command| move || page.review.keys.with(|keys| keys.shown(command));
    view! {
        <div class="acts" role="group" aria-label="Judge this pair">
            <button type="button" class="button" data-testid="accept" disabled=!has_pair
                on:click=move |_| judge(Act::Accept)>"Accept "<kbd>{key(Command::Accept)}</kbd></button>
            <button type="button" class="button" data-testid="swap" disabled=!has_pair
                on:click=move |_| judge(Act::Swap)>"Swap "<kbd>{key(Command::Swap)}</kbd></button>
            <button type="button" class="button" data-testid="leave-out" disabled=!has_pair
                on:click=move |_| judge(Act::LeaveOut)>"Leave out "<kbd>{key(Command::LeaveOut)}</kbd></button>
            <button type="button" class="button button--quiet" data-testid="reset"
                on:click=move |_| judge(Act::Reset)>"Back to the method "<kbd>{key(Command::Reset)}</kbd></button>
        </div>
    }
}

/// What a row says of itself in its `data-` attributes.
pub fn row_facts(row: &Row) -> [(&'static str, Option<String>); 5] {
    let sample = |side: Option<u32>| side.map(|sample| sample.to_string());
    [
        ("prompt", Some(row.prompt_id.clone())),
        ("language", Some(row.language.as_str().to_owned())),
        ("chosen", sample(row.state.chosen)),
        ("rejected", sample(row.state.rejected)),
        ("state", Some(words::state_words(row).replace(' ', "-"))),
    ]
}

/// A skip reason as the session file writes it.
fn skip_tag(reason: SkipReason) -> String {
    serde_json::to_value(reason).ok().and_then(|tag| tag.as_str().map(str::to_owned)).unwrap_or_default()
}
