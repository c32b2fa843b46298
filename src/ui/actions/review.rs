//! Judging pairs.

use std::{cell::RefCell, collections::VecDeque};

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        row_focus,
        state::{Part, Place, Workbench},
        words,
    },
    annotator, keep, repeats,
    walk::{self, all_decided_words, next_undecided},
};
use crate::{
    browser::clock,
    curation::{Act, Cell, CurationError, Decision, Desk, Row, Stamp, blind_order},
    data::{CurationEvent, RowStatus},
};

/// Decisions after which nobody remembers a row, so that it can be shown once more.
const N_RECENT: usize = 10;

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

/// Decides, in the order of asking. After a judgement the next undecided row that passes the filter comes up.
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
                request_animation_frame(move || {
                    row_focus::enter(cell);
                });
            }
        }
        IS_DECIDING.set(false);
    });
}

async fn decide_now(page: Workbench, decision: Decision<Target>) {
    page.clear_fault(Place::Results);
    page.review.problem.set(None);
    let focused = page.focus.get_untracked().cell;
    let is_of_row = matches!(decision, Decision::On(Target::Focused, _));
    if is_of_row && page.review.is_done.get_untracked() {
        return page.review.refuse(format!("{} Go to a row to change it.", all_decided_words(page)));
    }
    let at = |target: Target| if let Target::At(cell) = target { cell } else { focused };
    let decision = match decision {
        Decision::On(target, act) => Decision::On(at(target), act),
        Decision::OnMany(targets, act) => Decision::OnMany(targets.into_iter().map(at).collect(), act),
        Decision::Undo => Decision::Undo,
        Decision::Redo => Decision::Redo,
    };
    // What was picked stands with this decision, or goes with it, unless more was picked meanwhile.
    let picked = match &decision {
        Decision::On(_, Act::Choose { chosen, rejected }) => Some((Some(*chosen), Some(*rejected))),
        _ => None,
    };
    let drop_picked = || {
        page.review.draft.update(|draft| {
            if picked.is_none_or(|picked| picked == (draft.chosen, draft.rejected)) {
                (draft.chosen, draft.rejected) = (None, None);
            }
        });
    };
    let made = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        Some(event_of(page, desk, decision.clone()))
    });
    let event = match made {
        Some(Ok(event)) => event,
        Some(Err(CurationError::AlreadySo)) if let Decision::On(cell, act) = &decision => {
            // Nothing is written twice; the person goes on all the same.
            drop_picked();
            let done = format!("{} already", act_words(act));
            return if is_judgement(page, act) { go_on(page, *cell, &done) } else { say(page, &done, *cell) };
        }
        Some(Err(error)) => {
            drop_picked();
            return page.review.refuse(error_words(&error));
        }
        None => return,
    };
    if !keep::store_event(page, event.clone()).await {
        return;
    }
    page.desk.update(|desk| {
        if let Some(desk) = desk.as_mut().filter(|desk| !desk.has_taken(&event)) {
            desk.take(event.clone());
        }
    });
    drop_picked();
    page.review.draft.update(|draft| draft.reasons.clear());
    let of_event = page.desk.with_untracked(|desk| desk.as_ref()?.cell_of(&event.item, &event.lang));
    match decision {
        Decision::On(cell, act) if is_judgement(page, &act) => go_on(page, cell, act_words(&act)),
        Decision::On(cell, act) => {
            page.look_at(cell);
            say(page, act_words(&act), cell);
        }
        Decision::OnMany(_, act) => {
            let n = words::plural(event.rows.len() + 1, "row", "rows");
            page.review.said.set(format!("{}: {n}.", act_words(&act)));
        }
        Decision::Undo | Decision::Redo => {
            let done = if decision == Decision::Undo { "Undone" } else { "Done again" };
            if let Some(cell) = of_event {
                page.look_at(cell);
                say(page, done, cell);
            }
            if !event.rows.is_empty() {
                let n = words::plural(event.rows.len() + 1, "row", "rows");
                page.review.said.set(format!("{done}: {n}."));
            }
        }
    }
}

/// Whether the next row comes up after an act.
fn is_judgement(page: Workbench, act: &Act) -> bool {
    match act {
        Act::Accept | Act::Swap | Act::LeaveOut | Act::Judge(_) => true,
        // With the labels hidden, to say which is better is the whole judgement.
        Act::Choose { .. } => page.review.blind.get_untracked().is_some(),
        // What several people disagree on is settled one after the other elsewhere.
        Act::Adjudicate(_) | Act::Reset | Act::Edit { .. } | Act::Note(_) | Act::Flag(_) | Act::Repeat(_) => {
            false
        }
    }
}

/// Says what was done, and brings the next undecided row up, or now and then one to be decided once more.
fn go_on(page: Workbench, cell: Cell, done: &str) {
    let seed = page.review.blind.get_untracked().filter(|_| repeats::are_on());
    let repeat = seed.and_then(|seed| {
        page.desk.with_untracked(|desk| {
            let desk = desk.as_ref()?;
            let due = desk.due_repeats(&annotator::name(), seed, N_RECENT).into_iter();
            due.filter_map(|plan| Some((desk.cell_of(&plan.prompt_id, &plan.language)?, plan.shown_order)))
                .next()
        })
    });
    let next = repeat.map(|(cell, _)| cell).or_else(|| next_undecided(page, cell));
    page.look_at(next.unwrap_or(cell));
    page.review.repeat.set(repeat);
    page.review.is_done.set(next.is_none());
    let then = next
        .map_or_else(|| all_decided_words(page), |next| format!("Next: {}.", walk::cell_words(page, next)));
    page.review.said.set(format!("{done}: {}. {then}", walk::cell_words(page, cell)));
}

fn say(page: Workbench, done: &str, cell: Cell) {
    page.review.said.set(format!("{done}: {}.", walk::cell_words(page, cell)));
}

/// The event of a decision, with who decides, why, and what they saw.
fn event_of(
    page: Workbench,
    desk: &Desk,
    mut decision: Decision<Cell>,
) -> Result<CurationEvent, CurationError> {
    let mut stamp = Stamp { time: clock::iso_now(), actor: annotator::name(), ..Stamp::default() };
    if let Decision::On(cell, act) = &mut decision {
        let row = desk.row(*cell);
        stamp.reasons = page.review.draft.with_untracked(|draft| draft.reasons.clone());
        let shown = page.review.blind.get_untracked().zip(row.and_then(|row| sides_of(page, *cell, row)));
        (stamp.seed, stamp.shown_order) = shown.map(|(seed, sides)| (seed, sides.to_vec())).unzip();
        let is_repeat = page.review.repeat.get_untracked().is_some_and(|(repeated, _)| repeated == *cell);
        if is_repeat && is_judgement(page, act) {
            *act = Act::Repeat(Box::new(act.clone()));
        }
    }
    desk.event(decision, stamp)
}

/// The two sides of a row in the order in which they are shown: chosen first, or as the seed says.
pub fn sides_of(page: Workbench, cell: Cell, row: &Row) -> Option<[u32; 2]> {
    let sides = [row.state.chosen?, row.state.rejected?];
    let Some(seed) = page.review.blind.get() else { return Some(sides) };
    if let Some((_, order)) = page.review.repeat.get().filter(|(repeated, _)| *repeated == cell) {
        return Some(order);
    }
    let [low, high] = if sides[0] < sides[1] { sides } else { [sides[1], sides[0]] };
    let order = blind_order(seed, &row.prompt_id, &row.language, &[low, high]);
    Some([*order.first()?, *order.get(1)?])
}

/// Picks the response under a digit as chosen or rejected. With two different ones the pair is decided.
pub fn pick_nth(page: Workbench, n: usize, is_rejected: bool) {
    let cell = page.focus.get_untracked().cell;
    let blind_pair = page.review.blind.get_untracked().and_then(|_| {
        page.desk.with_untracked(|desk| {
            desk.as_ref()?.row(cell).and_then(|row| untrack(|| sides_of(page, cell, row)))
        })
    });
    if let Some([a, b]) = blind_pair {
        let (better, worse) = match (n, is_rejected) {
            (1, false) | (2, true) => (a, b),
            (2, false) | (1, true) => (b, a),
            _ => return page.review.refuse("Press 1 if response A is better, 2 if response B is."),
        };
        let act = Act::Choose { chosen: better, rejected: worse };
        return decide(page, Decision::On(Target::At(cell), act), Keyboard::Follows);
    }
    let sample = offered(page, cell).get(n.wrapping_sub(1)).copied();
    match sample {
        Some(sample) => pick(page, cell, sample, is_rejected, Keyboard::Follows),
        None => page.review.refuse(format!("There is no response {n} in this row.")),
    }
}

/// The responses under the digits, from 1 on.
fn offered(page: Workbench, cell: Cell) -> Vec<u32> {
    let blind = page.review.blind.get_untracked();
    page.desk.with_untracked(|desk| {
        let offered = desk.as_ref().map(|desk| desk.offered(cell, blind)).unwrap_or_default();
        offered.into_iter().map(|candidate| candidate.sample).collect()
    })
}

/// Picks a response as chosen or rejected. With two different ones the pair is decided.
pub fn pick(page: Workbench, cell: Cell, sample: u32, is_rejected: bool, keyboard: Keyboard) {
    page.look_at(cell);
    let state = page.desk.with_untracked(|desk| desk.as_ref()?.row(cell).map(|row| row.state));
    let Some(state) = state else { return };
    let (chosen, rejected) = page.review.draft.with_untracked(|draft| match (draft.chosen, draft.rejected) {
        (None, None) => (state.chosen, state.rejected),
        begun => begun,
    });
    // A response cannot be on both sides, so picking it for one takes it off the other.
    let other = |side: Option<u32>| side.filter(|other| *other != sample);
    let (chosen, rejected) =
        if is_rejected { (other(chosen), Some(sample)) } else { (Some(sample), other(rejected)) };
    match (chosen, rejected) {
        (Some(chosen), Some(rejected)) => {
            // It stays until it stands: the next digit may come before.
            page.review.draft.update(|draft| (draft.chosen, draft.rejected) = (Some(chosen), Some(rejected)));
            decide(page, Decision::On(Target::At(cell), Act::Choose { chosen, rejected }), keyboard);
        }
        _ => {
            page.review.draft.update(|draft| (draft.chosen, draft.rejected) = (chosen, rejected));
            let (picked, then) = if is_rejected {
                ("Rejected", "Now pick the chosen one: press its digit.")
            } else {
                ("Chosen", "Now pick the rejected one: press Shift and its digit.")
            };
            let number = offered(page, cell).iter().position(|offer| *offer == sample);
            let number = number.unwrap_or(sample as usize) + 1;
            page.review.said.set(format!("{picked}: response {number}. {then}"));
        }
    }
}

/// Marks the current row to be looked at again, or takes the mark away.
pub fn flag(page: Workbench) {
    let cell = page.focus.get_untracked().cell;
    let flagged = page.desk.with_untracked(|desk| desk.as_ref()?.row(cell).map(|row| row.state.flagged));
    if let Some(flagged) = flagged {
        decide(page, Decision::On(Target::At(cell), Act::Flag(!flagged)), Keyboard::Stays);
    }
}

/// Opens the chosen response to be rewritten; of a row without a pair, its first. With the labels hidden, response A, and B
/// where A is open.
pub fn edit(page: Workbench) {
    let cell = page.focus.get_untracked().cell;
    let sides = page.desk.with_untracked(|desk| {
        desk.as_ref()?.row(cell).and_then(|row| untrack(|| sides_of(page, cell, row)))
    });
    let sample = match sides {
        Some([first, second]) if page.review.part.get_untracked() == Some(Part::Edit(first)) => {
            Some(if page.review.blind.get_untracked().is_some() { second } else { first })
        }
        Some([first, _]) => Some(first),
        None => {
            let chosen = page.desk.with_untracked(|desk| desk.as_ref()?.row(cell)?.state.chosen);
            chosen.or_else(|| offered(page, cell).first().copied())
        }
    };
    match sample {
        Some(sample) => page.review.part.set(Some(Part::Edit(sample))),
        None => page.review.refuse("This row has no response to edit."),
    }
}

/// Why a decision could not be made, and what to do.
fn error_words(error: &CurationError) -> String {
    match error {
        CurationError::NoPair => {
            "This row has no pair. Pick two responses: a digit chooses one, Shift and a digit rejects one."
                .to_owned()
        }
        other => words::sentence(&other.to_string()),
    }
}

/// What an act did, in a word or two.
pub fn act_words(act: &Act) -> &'static str {
    match act {
        Act::Accept => "Accepted",
        Act::Swap => "Swapped",
        Act::LeaveOut => "Left out",
        Act::Choose { .. } => "New pair",
        Act::Judge(RowStatus::Tie) => "Tie",
        Act::Judge(RowStatus::BothGood) => "Both good",
        Act::Judge(RowStatus::BothBad) => "Both bad",
        Act::Judge(RowStatus::CannotJudge) => "Cannot judge",
        Act::Judge(RowStatus::Harmful) => "Harmful",
        Act::Judge(_) => "Judged",
        Act::Edit { text: Some(_), .. } => "Edited",
        Act::Edit { text: None, .. } => "The model's own words again",
        Act::Note(Some(_)) => "Noted",
        Act::Note(None) => "Note taken away",
        Act::Flag(true) => "Flagged",
        Act::Flag(false) => "Flag taken away",
        Act::Adjudicate(_) => "Settled",
        Act::Repeat(act) => act_words(act),
        Act::Reset => "Back to the method's pick",
    }
}
