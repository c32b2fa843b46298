//! Reads a session piece by piece, so that a page can open a large one without holding up anything else.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::json_pieces::{Part, Pieces};
use super::problem::{DataError, FieldProblem};
use super::session_checks::check_session;
use super::{AppRecord, Response, SESSION_SCHEMA, Session};

/// Arrays and objects of a session that are read element by element.
const CUT: [&str; 12] = [
    "prompts",
    "responses",
    "references",
    "pairs",
    "similarities",
    "events",
    "measurements",
    "measurements.own",
    "measurements.instructed",
    "measurements.translations",
    "measurements.states",
    "measurements.representations",
];

/// Takes the text of a session in pieces of any size.
#[derive(Debug)]
pub struct SessionReader {
    pieces: Pieces,
    is_started: bool,
    seen: HashSet<String>,
    draft: Session,
    n_separated: usize,
    /// The schema of a session that a newer Concord wrote.
    newer: Option<String>,
}

impl Default for SessionReader {
    fn default() -> Self {
        Self {
            pieces: Pieces::new(|path| CUT.contains(&path)),
            is_started: false,
            seen: HashSet::new(),
            draft: Session::default(),
            n_separated: 0,
            newer: None,
        }
    }
}

impl SessionReader {
    /// Takes the next bytes; [`SessionReader::step`] then reads them.
    pub fn push(&mut self, bytes: &[u8]) {
        let bytes = match bytes.strip_prefix("\u{feff}".as_bytes()) {
            Some(rest) if !self.is_started => rest,
            _ => bytes,
        };
        self.is_started |= !bytes.is_empty();
        self.pieces.push(bytes);
    }

    /// Reads one element; false when there is none until more bytes come.
    ///
    /// # Errors
    /// Not JSON, another schema, or a field that is wrong, with what to do.
    pub fn step(&mut self) -> Result<bool, DataError> {
        let part = self.pieces.next();
        let Ok(part) = part else {
            let (line, column) = self.pieces.place();
            // Other JSON than an object has no tag.
            return Err(if (line, column) == (1, 1) {
                DataError::Schema { found: None, expected: SESSION_SCHEMA }
            } else {
                DataError::NotJson { line, column }
            });
        };
        if let Some(found) = &self.newer {
            return Self::look_for_app(found, part);
        }
        match part {
            None => return Ok(false),
            Some(Part::Value { path, index: None, json, .. }) if path == "schema" => {
                let found = serde_json::from_slice::<String>(json).ok();
                let version = found.as_deref().and_then(version_of);
                match found {
                    Some(found) if found == SESSION_SCHEMA => found.clone_into(&mut self.draft.schema),
                    Some(found) if version > version_of(SESSION_SCHEMA) => self.newer = Some(found),
                    found => return Err(DataError::Schema { found, expected: SESSION_SCHEMA }),
                }
                self.seen.insert(path);
            }
            Some(Part::Begins { path }) => {
                self.seen.insert(path);
            }
            Some(Part::Value { path, index, json, at }) => {
                take(&mut self.draft, &mut self.n_separated, &path, index, json, at)?;
                if index.is_none() {
                    self.seen.insert(path);
                }
            }
        }
        Ok(true)
    }

    /// Responses so far whose texts held reasoning, which was taken out of them; `align::read_answer` then reads their
    /// answers.
    pub fn n_separated(&self) -> usize {
        self.n_separated
    }

    /// The session, once it is checked whole.
    ///
    /// # Errors
    /// As [`SessionReader::complete`], or a list of field problems, each with what to do.
    pub fn finish(self) -> Result<Session, DataError> {
        let session = self.complete()?;
        let problems = check_session(&session);
        if problems.is_empty() { Ok(session) } else { Err(DataError::Fields { problems }) }
    }

    /// The session as it stands in the file, for those who check it themselves, in slices ([`super::SessionChecks`]).
    ///
    /// # Errors
    /// Not complete, of a newer version, no schema tag, or a part that is missing.
    pub fn complete(self) -> Result<Session, DataError> {
        if let Some(found) = self.newer {
            return Err(newer(found, None));
        }
        if !self.pieces.is_complete() {
            let (line, column) = self.pieces.place();
            return Err(DataError::NotJson { line, column });
        }
        if !self.seen.contains("schema") {
            return Err(DataError::Schema { found: None, expected: SESSION_SCHEMA });
        }
        let needed = ["created", "app", "config", "model", "prompts", "responses", "references", "pairs"];
        if let Some(missing) = needed.into_iter().find(|name| !self.seen.contains(*name)) {
            return Err(wrong(missing.to_owned(), format!("missing field `{missing}`")));
        }
        Ok(self.draft)
    }

    /// Looks for the program that wrote a session of a newer version, to name it; nothing else is read of one.
    fn look_for_app(found: &str, part: Option<Part<'_>>) -> Result<bool, DataError> {
        match part {
            None => Ok(false),
            Some(Part::Value { path, index: None, json, .. }) if path == "app" => {
                let app = serde_json::from_slice::<AppRecord>(json).ok();
                Err(newer(found.to_owned(), app.map(|app| app.version)))
            }
            Some(Part::Value { index: None, .. }) => Ok(true),
            // The lists of a session come last, and it may have millions of elements.
            Some(_) => Err(newer(found.to_owned(), None)),
        }
    }
}

fn newer(found: String, app: Option<String>) -> DataError {
    DataError::NewerSession { found, app, expected: SESSION_SCHEMA }
}

/// The number of a session's schema.
fn version_of(schema: &str) -> Option<u32> {
    schema.strip_prefix("concord-session/")?.parse().ok()
}

/// Puts a part where it belongs. Members that this version does not know are passed over.
fn take(
    draft: &mut Session,
    n_separated: &mut usize,
    path: &str,
    index: Option<usize>,
    json: &[u8],
    at: (usize, usize),
) -> Result<(), DataError> {
    let field = index.map_or_else(|| path.to_owned(), |index| format!("{path}[{index}]"));
    let source = Source { field, json, at };
    let measurements = &mut draft.measurements;
    match (path, index) {
        ("created", None) => draft.created = source.parse()?,
        ("app", None) => draft.app = source.parse()?,
        ("config", None) => draft.config = source.parse()?,
        ("model", None) => draft.model = source.parse()?,
        ("handoff", None) => draft.handoff = source.parse()?,
        ("prompts", Some(_)) => draft.prompts.push(source.parse()?),
        ("responses", Some(_)) => {
            let mut response: Response = source.parse()?;
            *n_separated += usize::from(response.separate_reasoning());
            draft.responses.push(response);
        }
        ("references", Some(_)) => draft.references.push(source.parse()?),
        ("pairs", Some(_)) => draft.pairs.push(source.parse()?),
        ("similarities", Some(_)) => draft.similarities.push(source.parse()?),
        ("events", Some(_)) => draft.events.push(source.parse()?),
        ("measurements.model", None) => measurements.model = source.parse()?,
        ("measurements.own", Some(_)) => measurements.own.push(source.parse()?),
        ("measurements.instructed", Some(_)) => measurements.instructed.push(source.parse()?),
        ("measurements.translations", Some(_)) => measurements.translations.push(source.parse()?),
        ("measurements.states", Some(_)) => measurements.states.push(source.parse()?),
        ("measurements.representations", Some(_)) => measurements.representations.push(source.parse()?),
        (path, None) if CUT.contains(&path) => {
            return Err(wrong(path.to_owned(), "neither a list nor an object".to_owned()));
        }
        _ => {}
    }
    Ok(())
}

/// A part's JSON with where it stood.
struct Source<'a> {
    field: String,
    json: &'a [u8],
    at: (usize, usize),
}

impl Source<'_> {
    fn parse<T: DeserializeOwned>(self) -> Result<T, DataError> {
        let mut reader = serde_json::Deserializer::from_slice(self.json);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let inner = error.path().to_string();
            let error = error.into_inner();
            // The reader of JSON calls a number that an f32 cannot hold no JSON.
            if !error.is_data() && !error.to_string().starts_with("number out of range") {
                // Columns of the first line count from where the part begins.
                let column = error.column() + if error.line() == 1 { self.at.1 - 1 } else { 0 };
                return DataError::NotJson { line: self.at.0 + error.line() - 1, column };
            }
            let separator = if inner.starts_with('[') || inner == "." { "" } else { "." };
            let inner = if inner == "." { "" } else { &inner };
            wrong(format!("{}{separator}{inner}", self.field), error.to_string())
        })
    }
}

fn wrong(field: String, reason: String) -> DataError {
    let fix = "correct this field, or open the file that Concord saved".to_owned();
    DataError::Fields { problems: vec![FieldProblem { field, reason, fix }] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_session::sample;
    use crate::data::{
        Representations, RepresentedText, RowScores, SessionWriter, StatePooling, write_session,
    };

    fn measured() -> Session {
        let mut session = sample();
        session.measurements.own = vec![RowScores {
            prompt_id: "a".into(),
            language: "ar".into(),
            samples: vec![0, 1],
            n_tokens: vec![3, 4],
            logprob: vec![-0.5, -1.25],
        }];
        session.measurements.representations = vec![Representations {
            text: RepresentedText::Plain,
            pooling: StatePooling::Mean,
            layer: 1,
            n_layers: 2,
            dim: 2,
            order: vec![("a".into(), "en".into()), ("a".into(), "ar".into())],
            values: vec![0.1, -2.5, 1e-30, 3.0],
        }];
        session
    }

    #[test]
    fn reads_the_same_however_the_bytes_come() {
        for session in [sample(), measured()] {
            let text = write_session(&session).unwrap();
            for n in [1, 5, 64, 100_000] {
                let mut reader = SessionReader::default();
                for bytes in text.as_bytes().chunks(n) {
                    reader.push(bytes);
                    while reader.step().unwrap() {}
                }
                assert_eq!(reader.finish().unwrap(), session, "{n}");
            }
        }
    }

    #[test]
    fn a_large_session_is_written_in_small_pieces_and_takes_new_events() {
        let mut session = sample();
        let mut template = session.responses[0].clone();
        template.translation_of = Some(("ar".into(), 0));
        for sample in 2..2_000 {
            template.sample = sample;
            template.text = "ক".repeat(100);
            session.responses.push(template.clone());
        }
        let (mut writer, mut text, mut n_pieces) = (SessionWriter::default(), Vec::new(), 0);
        while let Some(piece) = writer.piece(&session).unwrap() {
            assert!(piece.len() < 80_000, "{}", piece.len());
            text.extend(piece);
            n_pieces += 1;
            if n_pieces == 2 {
                let mut event = session.events[0].clone();
                event.seq = 1;
                session.events.push(event);
            }
        }
        assert!(n_pieces > 10, "{n_pieces}");
        assert_eq!(crate::data::read_session(&String::from_utf8(text).unwrap()).unwrap(), session);
    }

    #[test]
    fn reasoning_in_a_text_is_taken_out_of_it() {
        let mut session = sample();
        session.responses[0].text = "<think>3 or 4?</think>\n\nen 0: 3".into();
        session.responses[1].text = "<think>\n\n</think>en 1: 3".into();
        session.responses[2].reasoning = Some("hm".into());
        session.responses[2].text = "write </think> here".into();
        let read = crate::data::read_session(&write_session(&session).unwrap()).unwrap();
        let [first, second, third] = [0, 1, 2].map(|i| &read.responses[i]);
        assert_eq!((first.text.as_str(), first.reasoning.as_deref()), ("en 0: 3", Some("3 or 4?")));
        assert_eq!((&first.answer, &first.detected_language), (&None, &None));
        assert_eq!((second.text.as_str(), &second.reasoning), ("en 1: 3", &None));
        assert_eq!(third, &session.responses[2], "what was told apart already stays as it is");
    }

    #[test]
    fn a_list_of_another_kind_is_named() {
        let text = write_session(&sample()).unwrap();
        let start = text.find("\"pairs\":[").unwrap();
        let end = text.find(",\"similarities\"").unwrap();
        let broken = format!("{}\"pairs\":7{}", &text[..start], &text[end..]);
        let message = crate::data::read_session(&broken).unwrap_err().to_string();
        assert!(message.contains("pairs"), "{message}");
    }
}
