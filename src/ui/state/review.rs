//! How the person reviews: what they see of the session, and what they have begun and not yet decided.

use leptos::prelude::*;

use super::super::{keymap::KeyMap, screen};
use crate::{
    browser::preferences,
    curation::{Cell, Listing, RowFilter},
};

/// The name that the look is kept under.
const KEPT_LOOK: &str = "look";
/// The name that the folded rail is kept under.
const KEPT_RAIL: &str = "rail";

/// The name that the seed of the blind order is kept under.
const KEPT_BLIND: &str = "blind";

/// How the rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// One row at a time.
    #[default]
    Focus,
    /// All rows in a table.
    Table,
    /// The board, and the cards of a page of prompts.
    Overview,
}

impl Look {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Focus, Self::Table, Self::Overview];

    /// For class names and the preferences.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Table => "table",
            Self::Overview => "overview",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Focus => "One row",
            Self::Table => "Table",
            Self::Overview => "Overview",
        }
    }
}

/// A part of the action bar that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The list of reasons.
    Reasons,
    /// The note.
    Note,
    /// The text of a sample, to be rewritten.
    Edit(u32),
}

/// What was begun on a row and not yet decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Which row.
    pub cell: Cell,
    /// The response that was picked as chosen, where the row has no pair yet.
    pub chosen: Option<u32>,
    /// The response that was picked as rejected.
    pub rejected: Option<u32>,
    /// Reasons for the next decision.
    pub reasons: Vec<String>,
}

/// How the person reviews.
#[derive(Clone, Copy, Debug)]
pub struct Review {
    /// How the rows are shown; `None` until the review begins.
    pub look: RwSignal<Option<Look>>,
    /// Whether the rail of settings is folded away, where the person has said so.
    pub rail: RwSignal<Option<bool>>,
    /// What was begun on the current row.
    pub draft: RwSignal<Draft>,
    /// The part of the action bar that is open.
    pub part: RwSignal<Option<Part>>,
    /// Why the last act could not be done.
    pub problem: RwSignal<Option<String>>,
    /// What was decided last, and which row came up.
    pub said: RwSignal<String>,
    /// Which rows are looked at.
    pub filter: RwSignal<RowFilter>,
    /// Those rows; of a long session, a moment later.
    pub listing: RwSignal<Listing>,
    /// Whether the last decision left nothing to decide.
    pub is_done: RwSignal<bool>,
    /// Whether differing words of the two sides are marked, where the person has said so; else where the sides are alike.
    pub has_differences: RwSignal<Option<bool>>,
    /// Seed of the order of the sides, while labels and scores are hidden.
    pub blind: RwSignal<Option<u32>>,
    /// A decided row that is shown once more, and the order of its sides, to see whether the person decides the same.
    pub repeat: RwSignal<Option<(Cell, [u32; 2])>>,
    /// Which key does what.
    pub keys: RwSignal<KeyMap>,
}

impl Review {
    /// As the person left it.
    pub(super) fn kept() -> Self {
        Self {
            look: RwSignal::new(None),
            rail: RwSignal::new(preferences::get(KEPT_RAIL).map(|kept| kept == "folded")),
            draft: RwSignal::default(),
            part: RwSignal::default(),
            problem: RwSignal::default(),
            said: RwSignal::default(),
            filter: RwSignal::new(RowFilter::of_query(&screen::query())),
            listing: RwSignal::default(),
            is_done: RwSignal::default(),
            has_differences: RwSignal::default(),
            blind: RwSignal::new(preferences::get(KEPT_BLIND).and_then(|seed| seed.parse().ok())),
            repeat: RwSignal::default(),
            keys: RwSignal::new(KeyMap::kept()),
        }
    }

    /// The look that was kept; called when the review begins.
    pub fn begin(self) {
        if self.look.get_untracked().is_none() {
            let kept = preferences::get(KEPT_LOOK).unwrap_or_default();
            let look = Look::ALL.into_iter().find(|look| look.as_str() == kept);
            self.look.set(Some(look.unwrap_or_default()));
        }
    }

    /// How the rows are shown; tracked.
    pub fn look(self) -> Look {
        let look = self.look.get().unwrap_or_default();
        // The overview has scores and labels everywhere.
        if look == Look::Overview && self.blind.get().is_some() { Look::Focus } else { look }
    }

    /// Shows the rows in another way.
    pub fn set_look(self, look: Look) {
        preferences::set(KEPT_LOOK, look.as_str());
        self.look.set(Some(look));
        self.part.set(None);
    }

    /// Whether the rail is folded away; tracked. The overview has room for it, the others need theirs.
    pub fn is_rail_folded(self) -> bool {
        self.rail.get().unwrap_or_else(|| self.look() != Look::Overview)
    }

    /// Folds the rail away, or brings it back.
    pub fn fold_rail(self, is_folded: bool) {
        preferences::set(KEPT_RAIL, if is_folded { "folded" } else { "open" });
        self.rail.set(Some(is_folded));
    }

    /// Hides labels and scores and shows the sides in an order of this seed, or shows them all again.
    pub fn set_blind(self, seed: Option<u32>) {
        match seed {
            Some(seed) => preferences::set(KEPT_BLIND, &seed.to_string()),
            None => preferences::remove(KEPT_BLIND),
        }
        self.repeat.set(None);
        self.blind.set(seed);
    }

    /// Other rows are on the desk: nothing that was begun on those before holds.
    pub(super) fn begin_anew(self, cell: Cell) {
        self.draft.set(Draft { cell, ..Draft::default() });
        self.part.set(None);
        self.repeat.set(None);
        self.problem.set(None);
        self.is_done.set(false);
    }

    /// Another row comes up: what was begun on the one before is given up.
    pub(super) fn leave_row(self, cell: Cell) {
        if self.draft.with_untracked(|draft| draft.cell != cell) {
            self.draft.set(Draft { cell, ..Draft::default() });
            self.part.set(None);
        }
        if self.repeat.get_untracked().is_some_and(|(repeated, _)| repeated != cell) {
            self.repeat.set(None);
        }
        if self.problem.with_untracked(Option::is_some) {
            self.problem.set(None);
        }
        if self.is_done.get_untracked() {
            self.is_done.set(false);
        }
    }

    /// Says why an act could not be done, where the act was.
    pub fn refuse(self, words: impl Into<String>) {
        self.problem.set(Some(words.into()));
    }
}
