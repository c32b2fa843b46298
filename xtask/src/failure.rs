//! What stops a command, worded for the person at the keyboard.

use std::fmt;
use std::path::PathBuf;

/// Why a developer command stopped.
#[derive(Debug)]
pub enum Failure {
    /// A program ran and reported failure.
    Command {
        /// The command line, as one would type it.
        line: String,
        /// Its exit status, in words.
        status: String,
    },
    /// A program that is needed is not there and could not be installed.
    Missing {
        /// Name of the program.
        tool: String,
        /// What to type to get it.
        how: String,
    },
    /// A file could not be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The release build is larger than people should have to download.
    TooLarge {
        /// The program's file.
        name: String,
        /// Its compressed size, in bytes.
        n_bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A check of the repository's own did not hold.
    Check(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { line, status } => write!(f, "this command failed ({status}):\n    {line}"),
            Self::Missing { tool, how } => {
                write!(f, "{tool} is needed and was not found; to install it:\n    {how}")
            }
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::TooLarge { name, n_bytes, limit } => write!(
                f,
                "{name} takes {n_bytes} bytes with brotli, and the limit is {limit}; \
                 look at what grew with `cargo tree` or twiggy before raising the limit in xtask/src/size.rs"
            ),
            Self::Check(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// Turns an IO error about `path` into a failure, for use with `map_err`.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
