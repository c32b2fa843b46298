//! What a person said of a row, as a category and as a preference.

use serde::{Deserialize, Serialize};

use crate::data::{RowState, RowStatus};

/// What a person made of a row. Two people who put different pairs in the place of the method's judged alike, although the
/// row is in conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// The method's pair, accepted as it was picked.
    Kept,
    /// The method's pair with its sides changed.
    Swapped,
    /// Another pair than the method's, or a pair where the method had none.
    Other,
    /// Left out, and nothing said why.
    LeftOut,
    /// Neither is better.
    Tie,
    /// Both are good.
    BothGood,
    /// Both are bad.
    BothBad,
    /// The person cannot tell.
    CannotJudge,
    /// A response is harmful.
    Harmful,
}

/// Preferences that there are: the method's rejected response, neither, the method's chosen response.
pub const N_PREFERENCES: usize = 3;

impl Judgement {
    /// All of them; the place in this list is the value that measures of agreement read.
    pub const ALL: [Self; 9] = [
        Self::Kept,
        Self::Swapped,
        Self::Other,
        Self::LeftOut,
        Self::Tie,
        Self::BothGood,
        Self::BothBad,
        Self::CannotJudge,
        Self::Harmful,
    ];

    /// What a state says over what the method picked; `None` while it is undecided.
    pub fn of(method: RowState, state: RowState) -> Option<Self> {
        Some(match state.status {
            RowStatus::Undecided => return None,
            RowStatus::Accepted if sides(state) == sides(method) => Self::Kept,
            RowStatus::Accepted if is_swapped(method, state) => Self::Swapped,
            RowStatus::Accepted => Self::Other,
            RowStatus::LeftOut => Self::LeftOut,
            RowStatus::Tie => Self::Tie,
            RowStatus::BothGood => Self::BothGood,
            RowStatus::BothBad => Self::BothBad,
            RowStatus::CannotJudge => Self::CannotJudge,
            RowStatus::Harmful => Self::Harmful,
        })
    }

    /// Its place in [`Self::ALL`].
    pub fn value(self) -> usize {
        self as usize
    }
}

/// Which of the method's two responses a person prefers, as a rank: 0 the rejected one, 1 neither, 2 the chosen one.
///
/// `None` where that was not said: of another pair, of a row that was left out, is harmful or cannot be judged, and where the
/// method had picked nothing. That both are good or both bad is a preference for neither.
pub fn preference(method: RowState, state: RowState) -> Option<usize> {
    let is_of_the_pick = sides(state) == sides(method) || is_swapped(method, state);
    if method.chosen.is_none() || !is_of_the_pick {
        return None;
    }
    match Judgement::of(method, state)? {
        Judgement::Swapped => Some(0),
        Judgement::Tie | Judgement::BothGood | Judgement::BothBad => Some(1),
        Judgement::Kept => Some(2),
        _ => None,
    }
}

fn sides(state: RowState) -> (Option<u32>, Option<u32>) {
    (state.chosen, state.rejected)
}

fn is_swapped(method: RowState, state: RowState) -> bool {
    method.chosen.is_some() && sides(state) == (method.rejected, method.chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(chosen: u32, rejected: u32, status: RowStatus) -> RowState {
        RowState { chosen: Some(chosen), rejected: Some(rejected), status, flagged: false }
    }

    #[test]
    fn every_status_is_a_judgement_and_some_are_preferences() {
        use RowStatus::{Accepted, BothBad, BothGood, CannotJudge, Harmful, LeftOut, Tie, Undecided};
        let method = state(0, 1, Undecided);
        let none = RowState::default();
        for (method, state, judgement, rank) in [
            (method, method, None, None),
            (method, state(0, 1, Accepted), Some(Judgement::Kept), Some(2)),
            (method, state(1, 0, Accepted), Some(Judgement::Swapped), Some(0)),
            (method, state(0, 2, Accepted), Some(Judgement::Other), None),
            (none, state(0, 1, Accepted), Some(Judgement::Other), None),
            (none, RowState { status: LeftOut, ..none }, Some(Judgement::LeftOut), None),
            (none, RowState { status: Tie, ..none }, Some(Judgement::Tie), None),
            (method, state(0, 1, LeftOut), Some(Judgement::LeftOut), None),
            (method, state(0, 1, Tie), Some(Judgement::Tie), Some(1)),
            (method, state(1, 0, Tie), Some(Judgement::Tie), Some(1)),
            (method, state(2, 1, Tie), Some(Judgement::Tie), None),
            (method, state(0, 1, BothGood), Some(Judgement::BothGood), Some(1)),
            (method, state(0, 1, BothBad), Some(Judgement::BothBad), Some(1)),
            (method, state(0, 1, CannotJudge), Some(Judgement::CannotJudge), None),
            (method, state(0, 1, Harmful), Some(Judgement::Harmful), None),
            (method, state(0, 1, Undecided), None, None),
        ] {
            assert_eq!(Judgement::of(method, state), judgement, "{state:?}");
            assert_eq!(preference(method, state), rank, "{state:?}");
        }
        for (at, judgement) in Judgement::ALL.into_iter().enumerate() {
            assert_eq!(judgement.value(), at);
        }
    }
}
