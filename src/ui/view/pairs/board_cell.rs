//! One cell of the board: a button with a mark per sample.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::super::{
    row_focus,
    state::{Mode, Sheet, Workbench},
    words,
};
use crate::{
    curation::{Cell, Row, RowFilter, SampleState},
    data::RowStatus,
};

/// What a cell shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct CellView {
    /// Class of each sample's mark.
    marks: Vec<&'static str>,
    /// State of the row after a run, for class names; empty before.
    state: &'static str,
    /// What a screen reader says.
    label: String,
    /// Whether the filter leaves it out.
    is_dimmed: bool,
}

/// A cell: looked at by click, Enter or arrow keys.
#[component]
pub fn BoardCell(
    /// Which prompt; it changes with the page.
    prompt: Memo<usize>,
    /// Place of its language.
    language: usize,
    /// What the board shows.
    sheet: Arc<Sheet>,
) -> impl IntoView {
    let page = Workbench::here();
    let name = words::english(&sheet.languages[language]);
    let cell = move || Cell { prompt: prompt.get(), language };
    let view = Memo::new(move |_| {
        let cell = cell();
        let Some(prompt) = sheet.prompts.get(cell.prompt) else { return CellView::default() };
        if !prompt.text.contains_key(&sheet.languages[language]) {
            let label = format!("Prompt {}, {name}: no text", cell.prompt + 1);
            return CellView { state: "no-text", label, ..CellView::default() };
        }
        let mut view = match page.mode() {
            Mode::Setup => CellView { marks: vec!["waiting"; sheet.n as usize], ..CellView::default() },
            Mode::Running => page.live.with(|grid| running(&grid.states(cell))),
            Mode::Review => reviewed(page, cell),
        };
        view.label = format!("Prompt {}, {name}: {}", cell.prompt + 1, view.label);
        view
    });
    let is_current = Memo::new(move |_| page.focus.with(|focus| focus.cell == cell()));
    let marks = move || {
        view.with(|view| {
            view.marks.iter().map(|mark| view! { <i class=format!("mark mark--{mark}")></i> }).collect_view()
        })
    };
    view! {
        <td>
            <button
                type="button"
                class="cell"
                id=move || cell_id(cell())
                data-testid="board-cell"
                data-state=move || view.with(|view| view.state)
                class:cell--current=is_current
                class:cell--dimmed=move || view.with(|view| view.is_dimmed)
                aria-label=move || view.with(|view| view.label.clone())
                aria-current=move || is_current.get().then_some("true")
                tabindex=move || if is_current.get() { "0" } else { "-1" }
                on:click=move |_| {
                    let cell = untrack(cell);
                    page.look_at(cell);
                    request_animation_frame(move || row_focus::reveal(cell));
                }
            >
                <span class="cell__marks" aria-hidden="true">{marks}</span>
            </button>
        </td>
    }
}

fn running(states: &[SampleState]) -> CellView {
    let count = |state| states.iter().filter(|found| **found == state).count();
    let (n_done, n_running) = (count(SampleState::Done), count(SampleState::Running));
    let mark = |state: &SampleState| match state {
        SampleState::Waiting => "waiting",
        SampleState::Running => "running",
        SampleState::Done => "done",
    };
    CellView {
        marks: states.iter().map(mark).collect(),
        label: format!("{n_done} of {} done, {n_running} running", states.len()),
        ..CellView::default()
    }
}

fn reviewed(page: Workbench, cell: Cell) -> CellView {
    page.desk.with(|desk| {
        let Some(desk) = desk.as_ref() else { return CellView::default() };
        let Some(row) = desk.row(cell) else { return CellView::default() };
        let reference = desk.reference(cell.prompt).filter(|found| found.language == row.language);
        let picked = reference.and_then(|reference| reference.sample);
        let mark = |sample: u32| match () {
            () if row.state.chosen == Some(sample) => "chosen",
            () if row.state.rejected == Some(sample) => "rejected",
            () if picked == Some(sample) => "reference",
            () => "other",
        };
        CellView {
            marks: desk.shown(row).map(|response| mark(response.sample)).collect(),
            state: state_class(row),
            label: label(row, picked),
            is_dimmed: page
                .review
                .filter
                .with(|filter| *filter != RowFilter::default() && !filter.passes(desk, cell)),
        }
    })
}

fn state_class(row: &Row) -> &'static str {
    match row.state.status {
        RowStatus::Undecided if row.state.chosen.is_none() => "no-pair",
        RowStatus::Undecided => "undecided",
        RowStatus::Accepted => "accepted",
        _ => "left-out",
    }
}

fn label(row: &Row, reference: Option<u32>) -> String {
    match (reference, row.state.chosen) {
        (Some(sample), None) => format!("anchor, reference is sample {}", sample + 1),
        _ => format!("{}, margin {}", words::state_words(row), words::fixed(row.margin, 3)),
    }
}

fn cell_id(cell: Cell) -> String {
    format!("cell-{}-{}", cell.prompt, cell.language)
}

/// Puts keyboard focus on a cell.
pub fn focus(cell: Cell) {
    let element = document().get_element_by_id(&cell_id(cell));
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _focused = element.focus();
    }
}
