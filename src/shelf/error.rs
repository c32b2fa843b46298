//! Why a model could not be fetched or kept, in words that say what to do.

/// Most names listed in a message.
const MOST_NAMES: usize = 12;

/// What stands between a person and a model file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// The text is no address.
    #[error(
        "\"{text}\" is not the address of a model: write owner/name, owner/name:Q8_0, owner/name/file.gguf, or a full address that begins with https://"
    )]
    NotAnAddress {
        /// What was written.
        text: String,
    },
    /// The repository has no GGUF file that can be used.
    #[error(
        "{repository} has no whole GGUF file; look for a repository of the same model whose name ends in GGUF. It holds {}",
        names(.found)
    )]
    NoUsableFile {
        /// `owner/name`.
        repository: String,
        /// The files that are there.
        found: Vec<String>,
    },
    /// A part of a split model that is not the first.
    #[error("{name} is not the first part of its model: open {first}, and the others come with it")]
    LaterPart {
        /// What was asked for.
        name: String,
        /// The first part.
        first: String,
    },
    /// The repository has GGUF files, but not the one that was asked for.
    #[error("{repository} has no file for \"{wanted}\"; choose one of {}", names(.found))]
    NoSuchFile {
        /// `owner/name`.
        repository: String,
        /// File or quantisation.
        wanted: String,
        /// The GGUF files that are there.
        found: Vec<String>,
    },
    /// The file's type is one that the engine cannot run, and the repository has others.
    #[error("{wanted} of {repository} has weights of a type that does not run here; {}", instead(.runnable))]
    CannotRun {
        /// `owner/name`.
        repository: String,
        /// File or quantisation.
        wanted: String,
        /// The files of the repository that can be run, the best first.
        runnable: Vec<String>,
    },
    /// The file is behind a licence that has to be accepted, or private.
    #[error(
        "{place} is gated, private or missing (status {status}): sign in where it is published, accept its licence, download the file and open it from disk"
    )]
    Gated {
        /// Repository or address.
        place: String,
        /// HTTP status.
        status: u16,
    },
    /// There is nothing at the address.
    #[error("there is nothing at {place} (status {status}): check the spelling of the address")]
    Missing {
        /// Repository or address.
        place: String,
        /// HTTP status.
        status: u16,
    },
    /// Any other refusal.
    #[error(
        "{place} answered with status {status}: try again later, or download the file and open it from disk"
    )]
    Status {
        /// Repository or address.
        place: String,
        /// HTTP status.
        status: u16,
    },
    /// The server answers, but not to other sites' pages.
    #[error(
        "the server of {url} does not let other sites' pages read its files (CORS): download the file and open it from disk"
    )]
    Cors {
        /// The address that was asked.
        url: String,
    },
    /// The page's Content-Security-Policy refuses the address.
    #[error(
        "{url} is not asked, because the policy of this page allows only https, and plain http to this computer: serve the file over https or from localhost, or download it and open it from disk"
    )]
    NotAllowed {
        /// The address.
        url: String,
    },
    /// There is no answer at all.
    #[error("{url} could not be reached: check the address and the connection, then try again")]
    NoAnswer {
        /// The address that was asked.
        url: String,
    },
    /// The server sends nothing any more, and has not ended the connection.
    #[error(
        "{url} has sent nothing for {secs} seconds: check the connection, then load the model again; what has arrived is not fetched again"
    )]
    Silent {
        /// The address.
        url: String,
        /// How long it was waited for.
        secs: u32,
    },
    /// The browser says that it is offline.
    #[error("this browser is offline and {url} is not wholly on this device: connect, then try again")]
    Offline {
        /// The address that was asked.
        url: String,
    },
    /// The connection broke too often.
    #[error(
        "the connection to {url} broke {n_tries} times in a row: what has arrived is kept, so load the model again to go on"
    )]
    GaveUp {
        /// The address that was asked.
        url: String,
        /// Tries without a single byte between them.
        n_tries: u32,
    },
    /// The file on the server is another one than when the download began.
    #[error(
        "the file at {url} changed while it was being fetched: load the model again to fetch it once more"
    )]
    Changed {
        /// The address that was asked.
        url: String,
    },
    /// The Hub's answer is not what it documents.
    #[error("the list of files of {repository} could not be read: give the full address of the file instead")]
    NoList {
        /// `owner/name`.
        repository: String,
    },
    /// There is no room.
    #[error(
        "the file takes {} and this browser gives {} more: delete models below, free disk space, or load it without keeping it",
        megabytes(*.needed),
        megabytes(*.free)
    )]
    NoRoom {
        /// Bytes still to come.
        needed: u64,
        /// Bytes that may still be kept.
        free: u64,
    },
}

/// Why the browser's own disk space did not do what was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiskError {
    /// Another tab has the file open.
    #[error("another tab of this page has the file open; close that tab or wait until it has finished")]
    InUse,
    /// There is no room.
    #[error("there is no room left for it in this browser; delete models or free disk space")]
    Full,
    /// The browser does not let pages keep files.
    #[error("this browser does not let the page keep files (a private window, or site data is blocked)")]
    Unavailable,
    /// Anything else.
    #[error("the browser could not read or write the file ({reason}); reload the page and try again")]
    Failed {
        /// The browser's name for it.
        reason: String,
    },
}

impl ShelfError {
    /// What an HTTP status other than success means.
    pub fn from_status(place: &str, status: u16) -> Self {
        let place = place.to_owned();
        match status {
            401 | 403 => Self::Gated { place, status },
            404 | 410 => Self::Missing { place, status },
            _ => Self::Status { place, status },
        }
    }
}

/// Bytes as a person reads them.
fn megabytes(n: u64) -> String {
    if n >= 1_000_000_000 { format!("{:.2} GB", n as f64 / 1e9) } else { format!("{:.0} MB", n as f64 / 1e6) }
}

/// What to open instead of a file that cannot run.
fn instead(runnable: &[String]) -> String {
    match runnable {
        [] => "look for a repository of the same model with Q4_K_M or Q8_0 files".to_owned(),
        [best, ..] => format!("open {best} instead (of {})", names(runnable)),
    }
}

fn names(all: &[String]) -> String {
    match all.len() {
        0 => "no files".to_owned(),
        n if n <= MOST_NAMES => all.join(", "),
        n => format!("{} and {} more", all[..MOST_NAMES].join(", "), n - MOST_NAMES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_ask_for_different_acts_have_different_messages() {
        for (status, expected) in
            [(401, "accept its licence"), (403, "accept its licence"), (404, "spelling"), (503, "later")]
        {
            let message = ShelfError::from_status("a/b", status).to_string();
            assert!(message.contains(expected) && message.contains(&status.to_string()), "{message}");
            assert!(message.contains("a/b"), "{message}");
        }
    }

    #[test]
    fn what_is_there_is_listed_but_not_without_end() {
        let found: Vec<String> = (0..40).map(|i| format!("file-{i}.bin")).collect();
        let message = ShelfError::NoUsableFile { repository: "a/b".to_owned(), found }.to_string();
        assert!(message.contains("file-11.bin and 28 more") && !message.contains("file-12.bin"), "{message}");
        let message = ShelfError::NoRoom { needed: 1_320_000_000, free: 300_000_000 }.to_string();
        assert!(message.contains("1.32 GB") && message.contains("300 MB"), "{message}");
    }
}
