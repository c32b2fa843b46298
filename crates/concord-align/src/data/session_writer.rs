//! Writes a session piece by piece, so that a page can save a large one without holding up anything else.

use serde::Serialize;
use serde_json::to_vec;

use super::Session;
use super::problem::{DataError, FieldProblem};
use super::session_numbers::not_finite;

/// About how long a piece gets, in bytes.
const PIECE_BYTES: usize = 1 << 16;

/// Where in a session the writing is. The session is lent to each step, so that nothing holds on to it; events may be
/// added between two steps, and are written last.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionWriter {
    part: usize,
    element: usize,
    skips_events: bool,
}

/// The lists of a session in the order of the file, those of its measurements in their place.
const N_LISTS: usize = 11;

impl SessionWriter {
    /// Writes an empty list in the place of the events, for a file that has them elsewhere.
    pub fn without_events() -> Self {
        Self { skips_events: true, ..Self::default() }
    }

    /// The next piece of the file; `None` after the last one. The first step checks every number.
    ///
    /// # Errors
    /// [`DataError::Fields`] if a number is not finite: JSON has no NaN, and the file would not open again.
    pub fn piece(&mut self, session: &Session) -> Result<Option<Vec<u8>>, DataError> {
        let mut out = Vec::with_capacity(2 * PIECE_BYTES);
        if self.part == 0 {
            let problems = not_finite(session);
            if !problems.is_empty() {
                return Err(DataError::Fields { problems });
            }
            out.extend(b"{\"schema\":");
            put(&mut out, &session.schema)?;
            for (name, value) in [
                ("created", to_vec(&session.created)),
                ("app", to_vec(&session.app)),
                ("config", to_vec(&session.config)),
                ("model", to_vec(&session.model)),
            ] {
                out.extend(format!(",\"{name}\":").bytes());
                out.extend(value.map_err(bug)?);
            }
            if let Some(handoff) = &session.handoff {
                out.extend(b",\"handoff\":");
                put(&mut out, handoff)?;
            }
            self.part = 1;
        }
        while self.part <= N_LISTS && out.len() < PIECE_BYTES {
            self.list(session, &mut out)?;
        }
        if self.part == N_LISTS + 1 && out.len() < PIECE_BYTES {
            out.push(b'}');
            self.part += 1;
        }
        Ok((!out.is_empty()).then_some(out))
    }

    fn list(&mut self, session: &Session, out: &mut Vec<u8>) -> Result<(), DataError> {
        let measured = &session.measurements;
        match self.part {
            1 => self.elements(",\"prompts\":[", &session.prompts, "]", out),
            2 => self.elements(",\"responses\":[", &session.responses, "]", out),
            3 => self.elements(",\"references\":[", &session.references, "]", out),
            4 => self.elements(",\"pairs\":[", &session.pairs, "]", out),
            5 => self.elements(",\"similarities\":[", &session.similarities, "]", out),
            6..=10 if measured.is_empty() => {
                self.part = 11;
                Ok(())
            }
            6 => {
                if self.element == 0 {
                    out.extend(b",\"measurements\":{\"model\":");
                    put(out, &measured.model)?;
                }
                self.elements(",\"own\":[", &measured.own, "]", out)
            }
            7 => self.elements(",\"instructed\":[", &measured.instructed, "]", out),
            8 => self.elements(",\"translations\":[", &measured.translations, "]", out),
            9 => self.elements(",\"states\":[", &measured.states, "]", out),
            10 => self.elements(",\"representations\":[", &measured.representations, "]}", out),
            _ if self.skips_events => self.elements::<u32>(",\"events\":[", &[], "]", out),
            _ => self.elements(",\"events\":[", &session.events, "]", out),
        }
    }

    /// Some elements of a list, with what stands before the first and after the last.
    fn elements<T: Serialize>(
        &mut self,
        before: &str,
        list: &[T],
        after: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), DataError> {
        if self.element == 0 {
            out.extend(before.bytes());
        }
        while let Some(element) = list.get(self.element) {
            if self.element > 0 {
                out.push(b',');
            }
            put(out, element)?;
            self.element += 1;
            if out.len() >= PIECE_BYTES {
                return Ok(());
            }
        }
        out.extend(after.bytes());
        (self.part, self.element) = (self.part + 1, 0);
        Ok(())
    }
}

fn put<T: Serialize>(out: &mut Vec<u8>, value: &T) -> Result<(), DataError> {
    serde_json::to_writer(out, value).map_err(bug)
}

fn bug(error: serde_json::Error) -> DataError {
    DataError::Fields {
        problems: vec![FieldProblem {
            field: "session".into(),
            reason: error.to_string(),
            fix: "report this as a bug of Concord".into(),
        }],
    }
}
