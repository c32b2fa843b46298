//! Judging pairs.

use leptos::prelude::*;

use super::{
    super::{
        route::{self, View},
        state::{Place, Workbench},
        view::pair_row,
    },
    keep,
};
use crate::{
    browser::clock,
    curation::{Cell, CurationError, Decision, Filter, Stamp, next_row, next_to_judge},
    data::Language,
    protocol::{Fault, FaultCode},
};

/// How often a row is looked for before it is given up, every 50 ms.
const WAITS: usize = 40;

/// What a reviewer can do to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The pair is right.
    Accept,
    /// Chosen and rejected change places.
    Swap,
    /// Export no pair.
    LeaveOut,
    /// Back to the method's pick.
    Reset,
    /// These two are the pair.
    Choose {
        /// Sample index of the chosen response.
        chosen: u32,
        /// Sample index of the rejected response.
        rejected: u32,
    },
}

/// Does it to the row at a cell. After a judgement the next row that passes the filter comes up.
pub fn act(page: Workbench, cell: Cell, act: Act) {
    let filter = page.focus.with_untracked(|focus| focus.filter);
    // Looked up before the act: afterwards the row itself may no longer pass the filter.
    let next =
        page.desk.with_untracked(|desk| desk.as_ref().and_then(|desk| next_to_judge(desk, cell, filter)));
    let row = page.desk.with_untracked(|desk| {
        let row = desk.as_ref()?.row(cell)?;
        Some((row.prompt_id.clone(), row.language.clone(), row.has_pair()))
    });
    let Some((prompt_id, language, has_pair)) = row else { return };
    if act == Act::LeaveOut && !has_pair {
        // Without a pair the row is out already.
        return page.fail(Place::Results, Fault::new(FaultCode::BadInput, CurationError::NoPair.to_string()));
    }
    let is_done = decide(page, decision(&prompt_id, &language, act));
    if is_done {
        let stays = matches!(act, Act::Reset | Act::Choose { .. });
        page.look_at(if stays { cell } else { next.unwrap_or(cell) });
    }
}

/// Takes the latest act back and goes to its row.
pub fn undo(page: Workbench) {
    if decide(page, Decision::Undo) {
        go_to_last(page);
    }
}

/// Lets the latest undone act stand again and goes to its row.
pub fn redo(page: Workbench) {
    if decide(page, Decision::Redo) {
        go_to_last(page);
    }
}

/// Moves to the next (1) or previous (-1) row that passes the filter.
pub fn step(page: Workbench, step: i64) {
    let focus = page.focus.get_untracked();
    let next = page
        .desk
        .with_untracked(|desk| desk.as_ref().and_then(|desk| next_row(desk, focus.cell, step, focus.filter)));
    match next {
        Some(cell) => page.look_at(cell),
        None => page.status.set("No further row here.".to_owned()),
    }
}

/// Looks only at rows of a kind, and goes to the first of them.
pub fn set_filter(page: Workbench, filter: Filter) {
    page.focus.update(|focus| focus.filter = filter);
    let first = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        let start = Cell::default();
        let is_first = desk.row(start).is_some_and(|row| row.state.chosen.is_some() && filter.passes(row));
        if is_first { Some(start) } else { next_row(desk, start, 1, filter) }
    });
    if let Some(cell) = first {
        page.look_at(cell);
    }
}

fn decision<'a>(prompt_id: &'a str, language: &'a Language, act: Act) -> Decision<'a> {
    match act {
        Act::Accept => Decision::Accept { prompt_id, language },
        Act::Swap => Decision::Swap { prompt_id, language },
        Act::LeaveOut => Decision::LeaveOut { prompt_id, language },
        Act::Reset => Decision::Reset { prompt_id, language },
        Act::Choose { chosen, rejected } => Decision::Choose { prompt_id, language, chosen, rejected },
    }
}

fn decide(page: Workbench, decision: Decision<'_>) -> bool {
    page.clear_fault(Place::Results);
    let stamp = Stamp { time: clock::iso_now(), actor: "person".to_owned(), ..Stamp::default() };
    let result: Option<Result<(), CurationError>> =
        page.desk.try_update(|desk| desk.as_mut().map(|desk| desk.decide(decision, stamp))).flatten();
    match result {
        Some(Ok(())) => {
            keep::events_changed(page);
            true
        }
        Some(Err(error)) => {
            page.fail(Place::Results, Fault::new(FaultCode::BadInput, error.to_string()));
            false
        }
        None => false,
    }
}

/// Shows a row among the cards of the Pairs screen, from whatever screen.
pub async fn show_row(page: Workbench, cell: Cell) {
    page.focus.update(|focus| focus.filter = Filter::All);
    page.look_at(cell);
    route::go_to(View::Pairs);
    // The cards come one per frame; a row that has no pair in no language may never come.
    for _ in 0..WAITS {
        clock::sleep(50).await;
        if pair_row::is_there(cell) {
            return pair_row::enter(cell);
        }
    }
}

fn go_to_last(page: Workbench) {
    let cell = page.desk.with_untracked(|desk| {
        let session = desk.as_ref()?.session();
        let last = session.events.last()?;
        let prompt = session.prompts.iter().position(|prompt| prompt.id == last.item)?;
        let language = session.config.languages.iter().position(|language| *language == last.lang)?;
        Some(Cell { prompt, language })
    });
    if let Some(cell) = cell {
        page.look_at(cell);
    }
}
