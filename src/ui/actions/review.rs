//! Judging pairs.

use std::{cell::RefCell, collections::VecDeque, convert::Infallible};

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        route, row_focus,
        screen::View,
        state::{Place, Workbench},
        words,
    },
    keep,
};
use crate::{
    browser::clock,
    curation::{Act, Cell, CurationError, Decision, Filter, Stamp, next_row, next_undecided},
    protocol::{Fault, FaultCode},
};

/// How often a row is looked for before it is given up, every 50 ms.
const WAITS: usize = 40;

/// Which row a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one that is looked at when its turn comes: after a key, the next row may not have come up yet.
    Focused,
    /// This one.
    At(Cell),
}

/// Whether keyboard focus follows to the row that is looked at then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// It does.
    Follows,
    /// It stays where it is.
    Stays,
}

thread_local! {
    /// Decisions that wait for their turn: each is stored before it stands, and before the next is looked at.
    static WAITING: RefCell<VecDeque<(Decision<Target>, Keyboard)>> = RefCell::default();
    static IS_DECIDING: RefCell<bool> = const { RefCell::new(false) };
}

/// Decides, in the order of asking. After a judgement the next row that passes the filter comes up.
pub fn decide(page: Workbench, decision: Decision<Target>, keyboard: Keyboard) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back((decision, keyboard)));
    if IS_DECIDING.replace(true) {
        return;
    }
    spawn_local(async move {
        while let Some((decision, keyboard)) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            decide_now(page, decision).await;
            if keyboard == Keyboard::Follows {
                let cell = page.focus.get_untracked().cell;
                request_animation_frame(move || row_focus::enter(cell));
            }
        }
        IS_DECIDING.set(false);
    });
}

async fn decide_now(page: Workbench, decision: Decision<Target>) {
    page.clear_fault(Place::Results);
    let focus = page.focus.get_untracked();
    let Ok(decision) = decision.try_map(|target| match target {
        Target::Focused => Ok::<_, Infallible>(focus.cell),
        Target::At(cell) => Ok(cell),
    });
    let stamp = Stamp { time: clock::iso_now(), actor: page.actor(), ..Stamp::default() };
    let event =
        page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.event(decision.clone(), stamp)));
    let event = match event {
        Some(Ok(event)) => event,
        // Said already: nothing new for the log, and nothing wrong.
        Some(Err(error @ CurationError::AlreadySo)) => {
            return page.status.set(words::sentence(&error.to_string()));
        }
        Some(Err(error)) => {
            return page.fail(Place::Results, Fault::new(FaultCode::BadInput, error.to_string()));
        }
        None => return,
    };
    // Looked up before the act: afterwards the row itself may no longer pass the filter.
    let cell = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        match decision {
            Decision::On(cell, Act::Reset | Act::Choose { .. }) => Some(cell),
            Decision::On(cell, _) => next_undecided(desk, cell, &focus.filter.into()).or(Some(cell)),
            Decision::OnMany(..) => None,
            Decision::Undo | Decision::Redo => desk.cell_of(&event.item, &event.lang),
        }
    });
    if !keep::store_event(page, event.clone()).await {
        return;
    }
    page.desk.update(|desk| {
        if let Some(desk) = desk.as_mut().filter(|desk| !desk.has_taken(&event)) {
            desk.take(event);
        }
    });
    if let Some(cell) = cell {
        page.look_at(cell);
    }
}

/// Moves to the next (1) or previous (-1) row that passes the filter.
pub fn step(page: Workbench, step: i64) {
    let focus = page.focus.get_untracked();
    let next = page.desk.with_untracked(|desk| {
        desk.as_ref().and_then(|desk| next_row(desk, focus.cell, step, &focus.filter.into()))
    });
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
        if is_first { Some(start) } else { next_row(desk, start, 1, &filter.into()) }
    });
    if let Some(cell) = first {
        page.look_at(cell);
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
        if row_focus::is_there(cell) {
            return row_focus::enter(cell);
        }
    }
}
