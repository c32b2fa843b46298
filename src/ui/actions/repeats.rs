//! Pairs that come up a second time, labels hidden and sides swapped, to see whether a person decides the same again.

use leptos::prelude::*;

use super::{
    super::{
        screen::View,
        state::{Look, Repeating, Workbench},
    },
    annotator,
};
use crate::{
    browser::preferences,
    curation::{Act, Cell, Decision, Desk},
};

/// The name that the switch is kept under.
const KEPT: &str = "repeats";

/// Decisions after which a pair may come up again; of fewer a person would remember it.
const N_RECENT: usize = 10;

/// Whether the person wants pairs to come up again.
pub fn are_on() -> bool {
    preferences::get(KEPT).as_deref() == Some("on")
}

/// Switches it on or off.
pub fn set_on(is_on: bool) {
    if is_on { preferences::set(KEPT, "on") } else { preferences::remove(KEPT) }
}

/// Brings up a pair that is due a second time, where one is; says which.
pub fn begin(page: Workbench) -> Option<Cell> {
    let is_desk = page.view.get_untracked() == View::Pairs && untrack(|| page.review.look()) == Look::Focus;
    if !is_desk || !are_on() {
        return None;
    }
    let (cell, order, seed) = page.desk.with_untracked(|desk| due(desk.as_ref()?))?;
    page.look_at(cell);
    let had_labels = page.review.blind.get_untracked().is_none();
    if had_labels {
        page.review.blind.set(Some(seed));
    }
    page.review.repeating.set(Some(Repeating { cell, order, had_labels }));
    Some(cell)
}

fn due(desk: &Desk) -> Option<(Cell, [u32; 2], u32)> {
    let seed = desk.session().config.seed;
    let plans = desk.due_repeats(&annotator::name(), seed, N_RECENT);
    plans.into_iter().find_map(|plan| {
        let cell = desk.cell_of(&plan.prompt_id, &plan.language)?;
        let state = desk.row(cell)?.state;
        // Somebody else may have decided since, and then another pair would be shown.
        let is_there = |side: u32| [state.chosen, state.rejected].contains(&Some(side));
        plan.shown_order.into_iter().all(is_there).then_some((cell, plan.shown_order, seed))
    })
}

/// A decision about a pair that has come up again is that second decision.
pub fn as_repeat(page: Workbench, decision: Decision<Cell>) -> Decision<Cell> {
    match (decision, page.review.repeating.get_untracked()) {
        (Decision::On(cell, act @ (Act::Choose { .. } | Act::Judge(_) | Act::LeaveOut)), Some(repeating))
            if repeating.cell == cell =>
        {
            Decision::On(cell, Act::Repeat(Box::new(act)))
        }
        (decision, _) => decision,
    }
}
