//! What a file is, by the ending of its name, and the files that arguments name.

use std::path::{Path, PathBuf};

use concord_align::data::InOrder;

use crate::error::CliError;

/// How a file holds its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// JSON Lines.
    Lines,
    /// JSON Lines in gzip.
    PackedLines,
    /// Parquet.
    Parquet,
}

/// The kind of a file of rows; `None` for any other.
pub(crate) fn kind_of(path: &Path) -> Option<FileKind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".jsonl.gz", ".ndjson.gz"]) {
        Some(FileKind::PackedLines)
    } else if ends(&[".jsonl", ".ndjson"]) {
        Some(FileKind::Lines)
    } else if ends(&[".parquet"]) {
        Some(FileKind::Parquet)
    } else {
        None
    }
}

/// Endings of files of rows, as they are told.
pub(crate) const ENDINGS: &str = ".jsonl, .jsonl.gz or .parquet";

/// Whether a name is that of a session: a JSON file or an archive.
pub(crate) fn is_session(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    path.is_file() && matches!(ending.as_deref(), Some("json" | "zip"))
}

/// The files of rows of a folder, by name; files that are being written and hidden ones are left out.
pub(crate) fn rows_of(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let entries = std::fs::read_dir(folder).map_err(CliError::unreadable(folder))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(CliError::unreadable(folder))?.path();
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden && path.is_file() && kind_of(&path).is_some() {
            found.push(path);
        }
    }
    found.order();
    Ok(found)
}

/// The files that arguments name: a file itself, of a folder those of `name` in it, or else its own. `what` is what is looked for.
pub(crate) fn files_of(
    paths: &[PathBuf],
    name: &str,
    what: &'static str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            std::fs::metadata(path).map_err(CliError::unreadable(path))?;
            if kind_of(path).is_none() {
                return Err(CliError::Ending { path: path.clone(), endings: ENDINGS });
            }
            files.push(path.clone());
            continue;
        }
        let below = path.join(name);
        let folder = if below.is_dir() { below } else { path.clone() };
        let mut of_folder = rows_of(&folder)?;
        of_folder.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&is_wanted));
        if of_folder.is_empty() {
            return Err(CliError::Empty { path: folder, what });
        }
        files.extend(of_folder);
    }
    Ok(files)
}
