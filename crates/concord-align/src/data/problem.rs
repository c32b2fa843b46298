//! Problems of user data: never an error of a function, always a row or a field, a reason and what to do.

use serde::{Deserialize, Serialize};

use super::{Language, archive::ArchiveError};

/// What is wrong with a row of a prompt set or of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A text is empty or only spaces.
    EmptyText,
    /// The prompt has a text in fewer than two languages.
    OneLanguage,
    /// The id was used by an earlier row.
    DuplicateId,
    /// There is no text in the anchor language.
    MissingAnchor,
    /// The row has no id; one was made from its number.
    MissingId,
    /// The row is not an object with the fields of a prompt.
    NotAPrompt,
    /// The language tag is not one.
    BadLanguage,
    /// Chosen and rejected, or a prompt in two languages, are the same text.
    SameText,
    /// The row names a prompt or a response that the session does not hold.
    MissingRecord,
    /// The text is hardly in the script of its language.
    OtherScript,
    /// The text is much longer or shorter than the set leads one to expect.
    OddLength,
    /// The text has another number than the other languages.
    OtherNumbers,
    /// The gold answer of a math prompt is no number.
    UnreadableAnswer,
    /// A column of a prompt file that is neither a language nor another field, so it was not read.
    IgnoredColumn,
    /// Two columns, or two spellings in a row, are one language; the first was taken.
    SameLanguage,
    /// A column without a language was taken for the anchor's.
    TakenForAnchor,
    /// A line that could not be read, or a row with another number of columns than the header.
    BadRow,
    /// A text holds what looks like a model's control token.
    ControlTokens,
    /// Every text of a column looks like a date, which loaders turn into timestamps.
    LooksLikeDates,
    /// Responses reached the token limit, so that their ends are missing.
    CutResponses,
    /// Texts hold markers of a model's reasoning.
    ReasoningInText,
    /// A model translated prompts, and nobody has confirmed it.
    DraftPrompts,
    /// A response has no score, and the export judges it by one.
    NoScore,
    /// Neither response of a pair is on its side of the threshold.
    BeyondThreshold,
    /// The export has a shape that trainers have given up.
    LegacyShape,
    /// Responses are labelled good or bad without a threshold on their scores.
    NoThreshold,
    /// Several people decided differently on the row.
    Conflict,
}

/// A problem with one row of a prompt set or of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowProblem {
    /// Row number from 1; 0 is the file as a whole, or a prompt whose row is not known.
    pub row: u32,
    /// Prompt id, where the row has one.
    pub prompt_id: Option<String>,
    /// Language, where one is concerned.
    pub language: Option<Language>,
    /// For a caller to branch on.
    pub kind: ProblemKind,
    /// What is wrong, for a person.
    pub reason: String,
    /// What to do about it.
    pub fix: String,
    /// True if the row (or, with a language, that text) was left out because of it.
    pub left_out: bool,
}

/// How many problems of a session are told: nobody reads more, and a file may have one in every field.
pub const MOST_PROBLEMS: usize = 100;

/// A problem with one field of a session file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldProblem {
    /// Path of the field, such as `responses[3].finishReason`.
    pub field: String,
    /// What is wrong, in words for users.
    pub reason: String,
    /// What to do about it.
    pub fix: String,
}

impl std::fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.reason, self.fix)
    }
}

/// What would be read as a prompt set.
const READ: &str = "Concord reads CSV and TSV, in UTF-8, JSON, JSON Lines, Parquet, workbooks (XLSX, ODS), and zip archives of these, with a column for each \
    language (id, answer, en, de), a row for each, a file for each, or the texts under \"text\" (\"text\": { \"en\": …, \"de\": … })";

/// Why a file could not be read or written at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The bytes are not JSON.
    #[error(
        "this file is not complete JSON (line {line}, column {column}): get it again, or pick the file that Concord saved"
    )]
    NotJson {
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
    },
    /// The file is no text that a prompt set could be in.
    #[error("this file is {is}, not a prompt set: {}", READ)]
    NotText {
        /// What it is, such as `a zip archive`.
        is: String,
    },
    /// The text has no prompts in it.
    #[error("this file holds {found}, not prompts: {}", READ)]
    NotAPromptSet {
        /// What the file holds.
        found: String,
    },
    /// Not one row is a prompt in two languages.
    #[error("none of the {n_rows} rows is a prompt in two languages; row {row}: {reason}; {fix}")]
    NoPrompts {
        /// Rows of the file.
        n_rows: usize,
        /// The first row with a problem.
        row: u32,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        fix: String,
    },
    /// One of several files cannot be used.
    #[error("{file}: {reason}")]
    Unusable {
        /// Its name.
        file: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Texts that would be joined are not those of the same prompts.
    #[error(
        "these texts are not parallel: {reason}; give every prompt an id that is the same in all languages, or leave out the language that does not fit"
    )]
    NotParallel {
        /// What shows it.
        reason: String,
    },
    /// The file has no schema tag, or another one.
    #[error("{}", schema_message(found.as_deref(), expected))]
    Schema {
        /// The tag of the file, if any.
        found: Option<String>,
        /// The tag this program reads.
        expected: &'static str,
    },
    /// The file is a session of a newer version.
    #[error("{}", newer_message(found, app.as_deref(), expected))]
    NewerSession {
        /// Its schema.
        found: String,
        /// The version of Concord that wrote it, where it says so.
        app: Option<String>,
        /// The schema that this program reads.
        expected: &'static str,
    },
    /// The file is a zip archive that cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The zip archive is no session.
    #[error(
        "this zip archive is not a Concord session ({reason}): pick a .concord.zip or .json file that Concord saved"
    )]
    NotASessionArchive {
        /// What it lacks.
        reason: String,
    },
    /// A part of a session's archive is not what its manifest says.
    #[error("{part} in this session archive is not what was saved ({reason}): get the file again")]
    OtherPart {
        /// Which part.
        part: String,
        /// What differs.
        reason: String,
    },
    /// A field is missing, of the wrong kind, out of its bounds, or contradicts another.
    #[error("{}", fields_message(problems))]
    Fields {
        /// Every problem found.
        problems: Vec<FieldProblem>,
    },
}

fn schema_message(found: Option<&str>, expected: &str) -> String {
    match found {
        None => format!(
            "schema: this file has no schema tag, so it is not a Concord session: pick a file whose \"schema\" is {expected}"
        ),
        Some(found) => format!(
            "schema: this file is not a Concord session: its \"schema\" should be {expected}, not {found}"
        ),
    }
}

fn newer_message(found: &str, app: Option<&str>, expected: &str) -> String {
    let app = app.map(|version| format!(" {version}")).unwrap_or_default();
    format!(
        "this session was saved by a newer Concord{app} (it is {found}, this program reads {expected}): reload the page for the newest Concord, or open the file with the one that saved it"
    )
}

fn fields_message(problems: &[FieldProblem]) -> String {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    match problems.len() {
        1 => format!("the session has a problem: {first}"),
        MOST_PROBLEMS.. => format!("the session has {MOST_PROBLEMS} problems or more, the first: {first}"),
        n => format!("the session has {n} problems, the first: {first}"),
    }
}
