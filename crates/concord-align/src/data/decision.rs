//! The records of what people decide: the state of a row, and the entries of the curation log.

use serde::{Deserialize, Serialize};

use super::Language;

/// What a person has said of a row. Only rows that are undecided or accepted export a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowStatus {
    /// Nothing yet: the method's pick stands.
    #[default]
    Undecided,
    /// The pick, or the person's own, is right.
    Accepted,
    /// The row exports no pair, and nobody has said why.
    LeftOut,
    /// Neither response is better.
    Tie,
    /// Both responses are good, so neither is to be rejected.
    BothGood,
    /// Both responses are bad, so neither is to be chosen.
    BothBad,
    /// The person cannot tell.
    CannotJudge,
    /// A response is harmful.
    Harmful,
}

impl RowStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Undecided,
        Self::Accepted,
        Self::LeftOut,
        Self::Tie,
        Self::BothGood,
        Self::BothBad,
        Self::CannotJudge,
        Self::Harmful,
    ];

    /// As a session file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Accepted => "accepted",
            Self::LeftOut => "left-out",
            Self::Tie => "tie",
            Self::BothGood => "both-good",
            Self::BothBad => "both-bad",
            Self::CannotJudge => "cannot-judge",
            Self::Harmful => "harmful",
        }
    }

    /// Whether a row of this status holds a pair for a trainer, if it has two sides.
    pub fn holds_pair(self) -> bool {
        matches!(self, Self::Undecided | Self::Accepted)
    }
}

/// The state of one row (prompt and language) under curation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowState {
    /// Sample index of the chosen response.
    pub chosen: Option<u32>,
    /// Sample index of the rejected response.
    pub rejected: Option<u32>,
    /// What the person said.
    pub status: RowStatus,
    /// Marked to be looked at again; says nothing about the pair.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flagged: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What an entry of the curation log did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurationAct {
    /// The pair is right as it stands.
    Accept,
    /// Chosen and rejected change places.
    Swap,
    /// The row exports no pair.
    LeaveOut,
    /// Another response is chosen or rejected.
    Choose,
    /// Neither is better; like the four below, the row exports no pair.
    Tie,
    /// Both are good.
    BothGood,
    /// Both are bad.
    BothBad,
    /// The person cannot tell.
    CannotJudge,
    /// A response is harmful.
    Harmful,
    /// A response's text was rewritten by a person: `sample` and `text` say which and to what; without `text`, back to the
    /// model's own words.
    Edit,
    /// A remark on the row, in `text`; without, the remark is taken away.
    Note,
    /// The row was marked to be looked at again, or the mark was taken away.
    Flag,
    /// Several people decided differently, and this settles it.
    Adjudicate,
    /// The row was judged once more, to see whether the same person decides the same; it changes no state.
    Repeat,
    /// Back to the method's pick.
    Reset,
    /// The latest act that still stands is taken back.
    Undo,
    /// The latest undone act stands again.
    Redo,
}

/// One entry of the curation log. Undo and redo are entries too; nothing is ever removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CurationEvent {
    /// Position in the log, from 0.
    pub seq: u32,
    /// ISO 8601 time.
    pub time: String,
    /// Who decided.
    pub actor: String,
    /// Prompt id.
    pub item: String,
    /// Language of the row.
    pub lang: Language,
    /// What was done.
    pub event: CurationAct,
    /// State of the row before.
    pub before: RowState,
    /// State of the row after.
    pub after: RowState,
    /// Why, in the person's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// The order in which the two sides were shown.
    #[serde(default, rename = "shown_order")]
    pub shown_order: Option<Vec<u32>>,
    /// Seed of that order.
    #[serde(default)]
    pub seed: Option<u32>,
    /// Reasons picked from a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Which response was edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u32>,
    /// The text of an edit or a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The other rows of an act on many at once; the first stands in `item`, `lang`, `before` and `after`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<BulkRow>,
}

/// One more row of an act on many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRow {
    /// Prompt id.
    pub item: String,
    /// Language of the row.
    pub lang: Language,
    /// State of the row before.
    pub before: RowState,
    /// State of the row after.
    pub after: RowState,
}
