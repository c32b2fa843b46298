//! Reads a session's archive, and believes nothing of it that its manifest does not confirm.

use super::{ARCHIVE_SCHEMA, EVENTS, MANIFEST, Manifest, Part, SESSION};
use crate::data::{
    CurationEvent, DataError, Session, SessionReader, Tally,
    archive::{Limits, Unpacker},
};

/// The largest manifest.
const MANIFEST_BYTES: u64 = 1 << 20;
/// What a session's archive may hold: few files, and as much text as a page can have in memory.
const LIMITS: Limits = Limits { n_entries: 64, n_bytes: 1 << 30, ratio: 400 };

/// Reads a session's archive in steps.
pub struct SessionUnpacker {
    unpacker: Unpacker<Vec<u8>>,
    parts: Vec<Part>,
    reader: SessionReader,
    tally: Tally,
    line: Vec<u8>,
    events: Vec<CurationEvent>,
}

impl std::fmt::Debug for SessionUnpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionUnpacker").field("parts", &self.parts).finish_non_exhaustive()
    }
}

impl SessionUnpacker {
    /// Reads the manifest.
    ///
    /// # Errors
    /// When the archive cannot be read, is no session's, or is of a newer version.
    pub fn new(bytes: Vec<u8>) -> Result<Self, DataError> {
        let mut unpacker = Unpacker::new(bytes, &LIMITS)?;
        let not_one = |reason: String| DataError::NotASessionArchive { reason };
        let Some(text) = unpacker.take(MANIFEST, MANIFEST_BYTES)? else {
            return Err(not_one(format!("it has no {MANIFEST}")));
        };
        let manifest = manifest(&text)?;
        for name in [SESSION, EVENTS] {
            if !manifest.parts.iter().any(|part| part.name == name) {
                return Err(not_one(format!("its {MANIFEST} names no {name}")));
            }
        }
        let mut parts = Vec::new();
        for part in manifest.parts {
            let found = unpacker.files().find(|(name, _)| *name == part.name).map(|(_, n_bytes)| n_bytes);
            match found {
                Some(n_bytes) if n_bytes == part.bytes => parts.push(part),
                Some(n_bytes) => {
                    let reason = format!("it has {n_bytes} bytes, not {}", part.bytes);
                    return Err(DataError::OtherPart { part: part.name, reason });
                }
                None => {
                    return Err(DataError::OtherPart { part: part.name, reason: "it is missing".to_owned() });
                }
            }
        }
        // What the manifest does not name was put there by others.
        unpacker.keep_only(|name| [SESSION, EVENTS].contains(&name));
        Ok(Self {
            unpacker,
            parts,
            reader: SessionReader::default(),
            tally: Tally::default(),
            line: Vec::new(),
            events: Vec::new(),
        })
    }

    /// Reads some more; `false` when all is read.
    ///
    /// # Errors
    /// When a part is damaged, was changed, or holds no session.
    pub fn step(&mut self) -> Result<bool, DataError> {
        if self.reader.step()? {
            return Ok(true);
        }
        let Some(piece) = self.unpacker.next_piece()? else { return Ok(false) };
        self.tally.push(piece.bytes);
        let is_last = piece.is_last;
        let name = if piece.name == SESSION {
            self.reader.push(piece.bytes);
            SESSION
        } else {
            let mut lines = piece.bytes.split(|byte| *byte == b'\n');
            // What was begun goes on with the first; what follows the last line feed is begun.
            self.line.extend_from_slice(lines.next().unwrap_or_default());
            for line in lines {
                take_event(&mut self.events, &std::mem::replace(&mut self.line, line.to_vec()))?;
            }
            if is_last {
                take_event(&mut self.events, &std::mem::take(&mut self.line))?;
            }
            EVENTS
        };
        if is_last {
            let found = Part::new(name, std::mem::take(&mut self.tally));
            if !self.parts.contains(&found) {
                let reason = "its SHA-256 is another than the manifest's".to_owned();
                return Err(DataError::OtherPart { part: name.to_owned(), reason });
            }
        }
        Ok(true)
    }

    /// Responses so far whose texts held reasoning; as [`SessionReader::n_separated`].
    pub fn n_separated(&self) -> usize {
        self.reader.n_separated()
    }

    /// The session as it stands in the archive, to be checked by [`crate::data::SessionChecks`].
    ///
    /// # Errors
    /// As [`SessionReader::complete`].
    pub fn complete(self) -> Result<Session, DataError> {
        let mut session = self.reader.complete()?;
        session.events.extend(self.events);
        Ok(session)
    }
}

fn manifest(text: &[u8]) -> Result<Manifest, DataError> {
    let not_one = |error: serde_json::Error| DataError::NotASessionArchive {
        reason: format!("its {MANIFEST} cannot be read: {error}"),
    };
    let value: serde_json::Value = serde_json::from_slice(text).map_err(not_one)?;
    let schema = value["schema"].as_str().unwrap_or_default();
    let version_of = |schema: &str| schema.strip_prefix("concord-archive/")?.parse::<u32>().ok();
    if version_of(schema) > version_of(ARCHIVE_SCHEMA) {
        let app = value["app"]["version"].as_str().map(str::to_owned);
        return Err(DataError::NewerSession { found: schema.to_owned(), app, expected: ARCHIVE_SCHEMA });
    }
    if schema != ARCHIVE_SCHEMA {
        let reason = format!("the schema in its {MANIFEST} is not {ARCHIVE_SCHEMA}");
        return Err(DataError::NotASessionArchive { reason });
    }
    serde_json::from_value(value).map_err(not_one)
}

fn take_event(events: &mut Vec<CurationEvent>, line: &[u8]) -> Result<(), DataError> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    let event = serde_json::from_slice(line).map_err(|error| DataError::OtherPart {
        part: EVENTS.to_owned(),
        reason: format!("line {} is no decision: {error}", events.len() + 1),
    })?;
    events.push(event);
    Ok(())
}
