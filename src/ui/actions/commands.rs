//! What a command does, whether a key or a button gives it.

use leptos::prelude::*;

use super::{
    super::{
        keymap::Command,
        route, row_focus,
        screen::View,
        state::{Look, Part, Workbench},
    },
    review::{self, Keyboard, Target, decide},
    walk,
};
use crate::{
    curation::{Act, Decision},
    data::RowStatus,
};

/// Does it.
pub fn run(page: Workbench, command: Command) {
    let on = |act: Act| decide(page, Decision::On(Target::Focused, act), Keyboard::Follows);
    match command {
        Command::Accept | Command::Swap if page.review.blind.get_untracked().is_some() => {
            page.review.refuse("The labels are hidden. Press 1 if response A is better, 2 if response B is.");
        }
        Command::Accept => on(Act::Accept),
        Command::Swap => on(Act::Swap),
        Command::LeaveOut => on(Act::LeaveOut),
        Command::Tie => on(Act::Judge(RowStatus::Tie)),
        Command::BothGood => on(Act::Judge(RowStatus::BothGood)),
        Command::BothBad => on(Act::Judge(RowStatus::BothBad)),
        Command::CannotJudge => on(Act::Judge(RowStatus::CannotJudge)),
        Command::Harmful => on(Act::Judge(RowStatus::Harmful)),
        Command::Reset => on(Act::Reset),
        Command::Flag => review::flag(page),
        Command::Note => toggle(page, Part::Note),
        Command::Reasons => toggle(page, Part::Reasons),
        Command::Edit => review::edit(page),
        Command::Undo => decide(page, Decision::Undo, Keyboard::Follows),
        Command::Redo => decide(page, Decision::Redo, Keyboard::Follows),
        Command::Next => step(page, 1),
        Command::Previous => step(page, -1),
        Command::NextUndecided => {
            walk::to_next_undecided(page);
            enter(page);
        }
        Command::Look => {
            let now =
                Look::ALL.iter().position(|look| *look == untrack(|| page.review.look())).unwrap_or_default();
            // The overview stands last.
            let n = Look::ALL.len() - usize::from(page.review.blind.get_untracked().is_some());
            page.review.set_look(Look::ALL[(now + 1) % n]);
            enter(page);
        }
        Command::Rail => page.review.fold_rail(!untrack(|| page.review.is_rail_folded())),
        Command::PreviousScreen => turn_screen(page, View::ALL.len() - 1),
        Command::NextScreen => turn_screen(page, 1),
    }
}

/// Moves to the next (1) or previous (-1) row, and the focus with it.
pub fn step(page: Workbench, by: i64) {
    walk::step(page, by);
    enter(page);
}

fn enter(page: Workbench) {
    let cell = page.focus.get_untracked().cell;
    request_animation_frame(move || {
        row_focus::enter(cell);
    });
}

fn toggle(page: Workbench, part: Part) {
    page.review.part.update(|open| *open = if *open == Some(part) { None } else { Some(part) });
    if page.review.part.get_untracked().is_none() {
        enter(page);
    }
}

fn turn_screen(page: Workbench, by: usize) {
    let now = page.view.get_untracked();
    let at = View::ALL.iter().position(|view| *view == now).unwrap_or_default();
    route::go_to(View::ALL[(at + by) % View::ALL.len()]);
}
