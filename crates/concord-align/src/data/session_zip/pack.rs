//! Writes a session's archive.

use super::{ARCHIVE_SCHEMA, Counts, EVENTS, MANIFEST, Manifest, Part, SESSION};
use crate::data::{
    AppRecord, DataError, Session, SessionWriter, Tally,
    archive::{ArchiveError, Packer},
};

/// Events of which lines are written in one step.
const STEP_EVENTS: usize = 64;

/// Writes a session's archive in steps. The session is lent to each, so that nothing holds on to it; events may be added between
/// two steps.
#[derive(Default)]
pub struct SessionPacker {
    packer: Packer,
    writer: Option<SessionWriter>,
    tally: Tally,
    parts: Vec<Part>,
    n_events: usize,
    counts: Counts,
    created: String,
}

impl std::fmt::Debug for SessionPacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionPacker").field("parts", &self.parts).finish_non_exhaustive()
    }
}

impl SessionPacker {
    /// Writes some more; `false` when all is written.
    ///
    /// # Errors
    /// When a number is not finite: JSON has no NaN, and the file would not open again.
    pub fn step(&mut self, session: &Session) -> Result<bool, DataError> {
        match self.parts.len() {
            0 => {
                if self.writer.is_none() {
                    self.packer.begin(SESSION)?;
                }
                let writer = self.writer.get_or_insert_with(SessionWriter::without_events);
                match writer.piece(session)? {
                    Some(piece) => self.put(&piece)?,
                    None => {
                        self.close(SESSION);
                        self.packer.begin(EVENTS)?;
                    }
                }
                Ok(true)
            }
            1 => {
                let mut lines = Vec::new();
                for event in session.events.iter().skip(self.n_events).take(STEP_EVENTS) {
                    serde_json::to_writer(&mut lines, event)
                        .map_err(|error| ArchiveError::Unwritable { reason: error.to_string() })?;
                    lines.push(b'\n');
                    self.n_events += 1;
                }
                if !lines.is_empty() {
                    self.put(&lines)?;
                    return Ok(true);
                }
                self.close(EVENTS);
                self.created.clone_from(&session.created);
                self.counts = Counts {
                    prompts: session.prompts.len(),
                    languages: session.config.languages.len(),
                    responses: session.responses.len(),
                    pairs: session.pairs.len(),
                    events: self.n_events,
                };
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// Events that are written so far.
    pub fn n_events(&self) -> usize {
        self.n_events
    }

    /// The archive, once [`SessionPacker::step`] has said `false`.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn finish(mut self) -> Result<Vec<u8>, DataError> {
        let manifest = Manifest {
            schema: ARCHIVE_SCHEMA.to_owned(),
            app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
            created: self.created,
            counts: self.counts,
            parts: self.parts,
        };
        let text = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| ArchiveError::Unwritable { reason: error.to_string() })?;
        self.packer.begin(MANIFEST)?;
        self.packer.push(&text)?;
        Ok(self.packer.finish()?)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.tally.push(bytes);
        Ok(self.packer.push(bytes)?)
    }

    fn close(&mut self, name: &str) {
        self.parts.push(Part::new(name, std::mem::take(&mut self.tally)));
    }
}
