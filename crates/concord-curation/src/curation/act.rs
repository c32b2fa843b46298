//! What people do to rows, and why it may not be possible.

use crate::data::{RowState, RowStatus};

/// Who decides where nobody has given a name.
pub const PERSON: &str = "person";

/// Who takes decisions back where their responses were made again: the program itself.
pub const PROGRAM: &str = "concord";

/// What a person does to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The pair is right as it stands.
    Accept,
    /// Chosen and rejected change places; the row counts as accepted.
    Swap,
    /// The row exports no pair.
    LeaveOut,
    /// These two responses are the pair; the row counts as accepted.
    Choose {
        /// Sample index of the chosen response.
        chosen: u32,
        /// Sample index of the rejected response.
        rejected: u32,
    },
    /// A verdict. The row keeps its two sides, so that accepting it or going back to the method brings them back. Statuses
    /// that are no verdicts do what they say: accept, leave out, or go back to the method.
    Judge(RowStatus),
    /// The text of a response is this one now; `None` brings the model's own back.
    Edit {
        /// Sample index of the response.
        sample: u32,
        /// Its text from now on.
        text: Option<String>,
    },
    /// A remark on the row; `None` takes it away. Says nothing about the pair.
    Note(Option<String>),
    /// Marks the row to be looked at again, or takes the mark away. Says nothing about the pair.
    Flag(bool),
    /// What holds where several people decided differently, until one of them decides again.
    Adjudicate(RowState),
    /// The row was judged once more, in this way; it changes no state.
    Repeat(Box<Self>),
    /// Back to the method's pick, undecided.
    Reset,
}

/// What a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<R> {
    /// Something of a row.
    On(R, Act),
    /// The same of many rows at once: one event, and one step of undo.
    OnMany(Vec<R>, Act),
    /// Take back the same person's latest act that still stands.
    Undo,
    /// Make the same person's latest undone act stand again.
    Redo,
}

impl<R> Decision<R> {
    /// The same decision with rows named in another way.
    ///
    /// # Errors
    /// The first that `name` gives.
    pub fn try_map<S, E>(self, mut name: impl FnMut(R) -> Result<S, E>) -> Result<Decision<S>, E> {
        Ok(match self {
            Self::On(row, act) => Decision::On(name(row)?, act),
            Self::OnMany(rows, act) => {
                Decision::OnMany(rows.into_iter().map(name).collect::<Result<_, _>>()?, act)
            }
            Self::Undo => Decision::Undo,
            Self::Redo => Decision::Redo,
        })
    }
}

/// Who decided, when and why: all passed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// ISO 8601 time.
    pub time: String,
    /// Who decided.
    pub actor: String,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// Reasons picked from a list.
    pub reasons: Vec<String>,
    /// The order in which the two sides were shown.
    pub shown_order: Option<Vec<u32>>,
    /// Seed of that order.
    pub seed: Option<u32>,
}

/// Why a decision cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurationError {
    /// There is no such row.
    #[error(
        "there is no row for language {language} of this prompt: pick one that is in the session, not {prompt_id}"
    )]
    NoRow {
        /// Prompt id asked for.
        prompt_id: String,
        /// Language asked for.
        language: String,
    },
    /// The row has no pair to accept or swap.
    #[error("this row has no pair to accept or swap: choose two responses first")]
    NoPair,
    /// The row has no pair to leave out.
    #[error(
        "this row has no pair, so there is nothing to leave out: choose two responses to make one, or go to the next row"
    )]
    NothingToLeaveOut,
    /// The samples chosen are not two responses of the row.
    #[error(
        "samples {chosen} and {rejected} are not two different responses of this row: choose two that are shown"
    )]
    NotTwoResponses {
        /// Sample asked for as chosen.
        chosen: u32,
        /// Sample asked for as rejected.
        rejected: u32,
    },
    /// There is no such response to edit.
    #[error("this row has no sample {sample}: edit a response that is shown")]
    NoResponse {
        /// Sample asked for.
        sample: u32,
    },
    /// An edited response without text.
    #[error("a response cannot be empty: write what it should say, or leave the row out")]
    EmptyEdit,
    /// An edit that gives the model's own words.
    #[error("this is what the model wrote: change something, or restore the model's text")]
    UnchangedEdit,
    /// The row is as the act would leave it.
    #[error("this row is so already")]
    AlreadySo,
    /// The person has decided nothing of the row.
    #[error("you have decided nothing in this row, so there is nothing to take back")]
    NothingToReset,
    /// A settlement that settles nothing.
    #[error("say what holds: a pair, left out or a verdict")]
    NothingSettled,
    /// What is only ever done to one row.
    #[error(
        "this is done row by row: for many rows at once, accept, swap, leave out, judge, mark or reset them"
    )]
    NotForMany,
    /// None of many rows can be decided so.
    #[error("none of these rows can be decided so: they have no pair, or it is decided so already")]
    NoneOfMany,
    /// Nothing stands that could be undone.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nothing was undone since the last act.
    #[error("there is nothing to redo")]
    NothingToRedo,
}
