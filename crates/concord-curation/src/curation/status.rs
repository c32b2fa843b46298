//! Which rows are of a kind, and how many there are of each.

use super::Row;
use crate::data::RowStatus;

/// Kinds of rows. Every row that is worked through is of exactly one kind other than [`Self::All`]; [`Self::LeftOut`] as a
/// filter also takes the verdicts, because none of those rows exports a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every row.
    #[default]
    All,
    /// Rows with a pair that nobody has judged.
    Undecided,
    /// Rows somebody accepted as the method picked.
    Accepted,
    /// Rows with another pair than the method's.
    Changed,
    /// Rows that a reviewer left out, for whatever reason.
    LeftOut,
    /// Neither response is better.
    Tie,
    /// Both responses are good.
    BothGood,
    /// Both responses are bad.
    BothBad,
    /// The person could not tell.
    CannotJudge,
    /// A response is harmful.
    Harmful,
    /// Rows without a pair of which nobody has said anything.
    Skipped,
    /// Rows that people decided differently.
    Conflict,
}

impl Filter {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 12] = [
        Self::All,
        Self::Undecided,
        Self::Accepted,
        Self::Changed,
        Self::LeftOut,
        Self::Tie,
        Self::BothGood,
        Self::BothBad,
        Self::CannotJudge,
        Self::Harmful,
        Self::Skipped,
        Self::Conflict,
    ];

    /// For class names, values and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Undecided => "undecided",
            Self::Accepted => "accepted",
            Self::Changed => "changed",
            Self::LeftOut => "left-out",
            Self::Tie => "tie",
            Self::BothGood => "both-good",
            Self::BothBad => "both-bad",
            Self::CannotJudge => "cannot-judge",
            Self::Harmful => "harmful",
            Self::Skipped => "skipped",
            Self::Conflict => "conflict",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == name)
    }

    /// Whether it is one of the verdicts, which [`Self::LeftOut`] takes too.
    pub fn is_verdict(self) -> bool {
        matches!(self, Self::Tie | Self::BothGood | Self::BothBad | Self::CannotJudge | Self::Harmful)
    }

    /// The one kind that a row is of; `None` for a row that nobody works through.
    pub fn of(row: &Row) -> Option<Self> {
        row.is_listed().then(|| match row.state.status {
            _ if row.is_conflict() => Self::Conflict,
            RowStatus::Undecided if row.has_pair() => Self::Undecided,
            RowStatus::Undecided => Self::Skipped,
            RowStatus::Accepted if row.is_changed() => Self::Changed,
            RowStatus::Accepted => Self::Accepted,
            RowStatus::LeftOut => Self::LeftOut,
            RowStatus::Tie => Self::Tie,
            RowStatus::BothGood => Self::BothGood,
            RowStatus::BothBad => Self::BothBad,
            RowStatus::CannotJudge => Self::CannotJudge,
            RowStatus::Harmful => Self::Harmful,
        })
    }

    /// Whether a row passes.
    pub fn passes(self, row: &Row) -> bool {
        Self::of(row).is_some_and(|kind| self.takes(kind))
    }

    /// Whether rows of a kind pass.
    pub fn takes(self, kind: Self) -> bool {
        self == Self::All || self == kind || (self == Self::LeftOut && kind.is_verdict())
    }
}

/// How many rows pass each filter, in the order of [`Filter::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub [usize; Filter::ALL.len()]);

impl Counts {
    /// How many pass a filter. All but the verdicts add up to [`Filter::All`].
    pub fn of(&self, filter: Filter) -> usize {
        Filter::ALL.iter().zip(self.0).find(|(known, _)| **known == filter).map_or(0, |(_, n)| n)
    }

    /// Counts one more row of a kind, or one less.
    pub(super) fn change(&mut self, kind: Filter, is_more: bool) {
        for (count, filter) in self.0.iter_mut().zip(Filter::ALL) {
            if filter.takes(kind) {
                *count = if is_more { *count + 1 } else { count.saturating_sub(1) };
            }
        }
    }
}

/// How far the review is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that pass each filter.
    pub counts: Counts,
    /// Rows an export would hold.
    pub n_exported: usize,
    /// Of the exported rows with gold: how many.
    pub n_gold: usize,
    /// Of those, chosen is right.
    pub n_chosen_right: usize,
    /// Of those, rejected is wrong.
    pub n_rejected_wrong: usize,
}

/// What one row adds to a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) kind: Option<Filter>,
    pub(super) is_exported: bool,
    /// Whether chosen and rejected are right, by gold.
    pub(super) is_right: Option<(bool, bool)>,
}

impl Summary {
    /// Counts a row's share, or takes it away again.
    pub(super) fn change(&mut self, share: Share, is_more: bool) {
        if let Some(kind) = share.kind {
            self.counts.change(kind, is_more);
        }
        let (chosen, rejected) = share.is_right.unwrap_or_default();
        for (count, counts) in [
            (&mut self.n_exported, share.is_exported),
            (&mut self.n_gold, share.is_right.is_some()),
            (&mut self.n_chosen_right, chosen),
            (&mut self.n_rejected_wrong, share.is_right.is_some() && !rejected),
        ] {
            let n = usize::from(counts);
            *count = if is_more { *count + n } else { count.saturating_sub(n) };
        }
    }
}
