//! Why a command could not do its work. Each says what to do; only [`CliError::Bug`] is ours to mend.

use std::io;
use std::path::{Path, PathBuf};

use concord_align::data::{DataError, Method};
use concord_tables::TableError;

/// Where in a file something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// From 1: a line, or a row of a Parquet file.
    pub(crate) line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}", self.path.display(), self.line)
    }
}

/// For a person, with the file and the line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A file or a folder cannot be opened.
    #[error("{}: it cannot be read ({reason}): give a file or a folder that is there", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    /// A folder has nothing to read.
    #[error(
        "{}: there is no file of {what} in it: give files that end in .jsonl, .jsonl.gz or .parquet, or a folder that holds some",
        path.display()
    )]
    Empty { path: PathBuf, what: &'static str },
    /// A file of another kind.
    #[error("{}: its name does not say what it is: it must end in {endings}", path.display())]
    Ending { path: PathBuf, endings: &'static str },
    /// A line is not JSON.
    #[error("{place}: this is not a JSON object ({reason}): correct the line or take it out")]
    NotJson { place: Place, reason: String },
    /// A packed file ends early or is damaged.
    #[error("{place}: the gzip data end here or are damaged: copy or make the file again")]
    CutGzip { place: Place },
    /// A line that nobody wrote on purpose.
    #[error("{place}: the line is longer than 64 MiB: a line is one response, so check what wrote the file")]
    LongLine { place: Place },
    /// A column that every row needs.
    #[error("{place}: there is no \"{column}\": rows need {needed}")]
    Missing { place: Place, column: &'static str, needed: &'static str },
    /// A Parquet file of other columns.
    #[error("{}: it has no column \"{column}\" (it has {found}): rows need {needed}", path.display())]
    OtherColumns { path: PathBuf, column: &'static str, found: String, needed: &'static str },
    /// A cell that cannot be.
    #[error("{place}: {reason}")]
    Value { place: Place, reason: String },
    /// A table that cannot be read.
    #[error("{}: {reason}", path.display())]
    Table { path: PathBuf, reason: TableError },
    /// A session that cannot be read.
    #[error("{}: {reason}", path.display())]
    Session { path: PathBuf, reason: DataError },
    /// A row of a prompt that the job does not have.
    #[error(
        "{place}: the prompt \"{prompt_id}\" is not in the job's prompts.jsonl: take the folder of the job that made these responses (--job)"
    )]
    UnknownPrompt { place: Place, prompt_id: String },
    /// Prompts in another order than the job's.
    #[error(
        "{place}: the prompt \"{prompt_id}\" comes after one that follows it in prompts.jsonl: put the rows in order with `concord merge FILES --job DIR -o FILE`"
    )]
    Order { place: Place, prompt_id: String },
    /// No job was found.
    #[error(
        "{}: there is no job.json with prompts.jsonl beside it, nor above it: name the folder of the job with --job DIR",
        path.display()
    )]
    NoJob { path: PathBuf },
    /// A file of the job is wrong.
    #[error("{}: {reason}", path.display())]
    Job { path: PathBuf, reason: String },
    /// The method has to look at the whole set first.
    #[error(
        "{} looks at the whole set before it judges a prompt: run `concord stats … --method {} -o stats.json` once, and give `--stats stats.json` with each shard",
        .0.as_str(), .0.as_str()
    )]
    NeedsStats(Method),
    /// Statistics of something else.
    #[error("{}: these statistics are of {found}, not of {wanted}: run `concord stats` again", path.display())]
    OtherStats { path: PathBuf, found: String, wanted: String },
    /// Arguments that do not fit each other.
    #[error("{0}")]
    Arguments(String),
    /// A file cannot be written.
    #[error("{}: it cannot be written ({reason}): make room, or name another place with -o", path.display())]
    Unwritable { path: PathBuf, reason: String },
    /// Ours.
    #[error("{0}: this is a bug of Concord, please report it")]
    Bug(String),
}

impl CliError {
    pub(crate) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |reason| Self::Unreadable { path: path.to_owned(), reason }
    }

    pub(crate) fn unwritable(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Unwritable { path: path.to_owned(), reason: reason.to_string() }
    }

    /// The number that the program ends with: 1 for a bug, 2 for what the caller can mend.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Bug(_) => 1,
            _ => 2,
        }
    }
}
