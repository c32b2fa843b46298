//! The session as a file: read(write(s)) == s, bit for bit, and every problem names its field.

use std::collections::HashMap;

use super::problem::{DataError, FieldProblem};
use super::session_reader::SessionReader;
use super::session_writer::SessionWriter;
use super::{Language, Session, measurement_checks};

/// Writes a session as JSON.
///
/// # Errors
/// [`DataError::Fields`] if a number is not finite: JSON has no NaN, and the file would not open again.
pub fn write_session(session: &Session) -> Result<String, DataError> {
    let (mut writer, mut text) = (SessionWriter::default(), Vec::new());
    while let Some(piece) = writer.piece(session)? {
        text.extend(piece);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Reads a session from JSON and checks that its parts fit together.
///
/// # Errors
/// Not JSON, another schema, or a list of field problems, each with what to do.
pub fn read_session(json: &str) -> Result<Session, DataError> {
    let mut reader = SessionReader::default();
    reader.push(json.as_bytes());
    while reader.step()? {}
    reader.finish()
}

pub(super) fn not_finite(session: &Session) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut check = |field: &dyn Fn() -> String, value: f32| {
        if !value.is_finite() {
            let fix = "make it again: delete the part it belongs to and run it once more".into();
            let reason = format!("{value} is not a finite number");
            problems.push(FieldProblem { field: field(), reason, fix });
        }
    };
    let c = &session.config;
    for (name, value) in [
        ("temperature", c.temperature),
        ("topP", c.top_p),
        ("minP", c.min_p),
        ("repetitionPenalty", c.repetition_penalty),
        ("minMargin", c.min_margin),
    ] {
        check(&|| format!("config.{name}"), value);
    }
    for (i, r) in session.responses.iter().enumerate() {
        check(&|| format!("responses[{i}].logprob"), r.logprob);
    }
    for (i, r) in session.references.iter().enumerate() {
        let all = r.consistency.iter().chain(&r.mean_cosine).chain(&r.vote_share);
        all.for_each(|v| check(&|| format!("references[{i}]"), *v));
    }
    for (i, p) in session.pairs.iter().enumerate() {
        p.scores.iter().chain(&p.cosine).chain(&p.margin).for_each(|v| check(&|| format!("pairs[{i}]"), *v));
    }
    for (i, s) in session.similarities.iter().enumerate() {
        s.cosine.iter().for_each(|v| check(&|| format!("similarities[{i}].cosine"), *v));
    }
    measurement_checks::each_number(session, check);
    problems
}

/// The cross-checks without which later code would index past an end or mix up rows.
pub(super) fn inconsistent(session: &Session) -> Vec<FieldProblem> {
    let mut problems = Problems(Vec::new());
    let mut n_texts: HashMap<&str, usize> = HashMap::new();
    for (i, prompt) in session.prompts.iter().enumerate() {
        if n_texts.insert(&prompt.id, prompt.text.len()).is_some() {
            problems.add(
                format!("prompts[{i}].id"),
                format!("\"{}\" is used twice", prompt.id),
                "give every prompt its own id",
            );
        }
    }
    let mut known = Samples::default();
    for (i, r) in session.responses.iter().enumerate() {
        if !n_texts.contains_key(r.prompt_id.as_str()) {
            problems.unknown_prompt(format!("responses[{i}].promptId"), &r.prompt_id);
        }
        if !known.insert(&r.prompt_id, &r.language, r.sample) {
            let what =
                format!("{} / {} / sample {} is there twice", r.prompt_id, r.language.as_str(), r.sample);
            problems.add(format!("responses[{i}]"), what, "keep one of the two");
        }
    }
    for (i, r) in session.references.iter().enumerate() {
        problems.sample(format!("references[{i}].sample"), &known, (&r.prompt_id, &r.language, r.sample));
    }
    for (i, p) in session.pairs.iter().enumerate() {
        problems.sample(format!("pairs[{i}].chosen"), &known, (&p.prompt_id, &p.language, p.chosen));
        problems.sample(format!("pairs[{i}].rejected"), &known, (&p.prompt_id, &p.language, p.rejected));
    }
    for (i, s) in session.similarities.iter().enumerate() {
        let (found, wanted) = (s.cosine.len(), s.n_cosines());
        if found != wanted {
            let reason = format!("{found} cosines for {} responses, {wanted} expected", s.order.len());
            problems.add(
                format!("similarities[{i}].cosine"),
                reason,
                "open the file as Concord saved it, or delete this entry",
            );
        }
    }
    for (i, e) in session.events.iter().enumerate() {
        if e.seq as usize != i {
            let reason = format!("entry {i} of the log says it is number {}", e.seq);
            problems.add(
                format!("events[{i}].seq"),
                reason,
                "restore the log's order; entries are never removed",
            );
        }
    }
    measurement_checks::each_contradiction(session, |field, reason| {
        problems.add(field, reason, "open the file as Concord saved it, or delete the measurements");
    });
    problems.0
}

/// The samples of each prompt and language, kept row by row: a large session has tens of thousands of samples.
#[derive(Default)]
struct Samples<'a> {
    rows: Vec<Vec<u32>>,
    row_of: HashMap<(&'a str, &'a Language), usize>,
    last: Option<((&'a str, &'a Language), usize)>,
}

impl<'a> Samples<'a> {
    /// False if it is there already.
    fn insert(&mut self, prompt_id: &'a str, language: &'a Language, sample: u32) -> bool {
        let key = (prompt_id, language);
        let row = match self.last {
            Some((last, row)) if last == key => row,
            _ => *self.row_of.entry(key).or_insert_with(|| {
                self.rows.push(Vec::new());
                self.rows.len() - 1
            }),
        };
        self.last = Some((key, row));
        let is_new = !self.rows[row].contains(&sample);
        if is_new {
            self.rows[row].push(sample);
        }
        is_new
    }

    fn contains(&self, (prompt_id, language, sample): (&str, &Language, u32)) -> bool {
        self.row_of.get(&(prompt_id, language)).is_some_and(|row| self.rows[*row].contains(&sample))
    }
}

struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: String, reason: String, fix: &str) {
        self.0.push(FieldProblem { field, reason, fix: fix.to_owned() });
    }

    fn unknown_prompt(&mut self, field: String, id: &str) {
        self.add(field, format!("no prompt has the id \"{id}\""), "add the prompt, or delete this entry");
    }

    fn sample(&mut self, field: String, known: &Samples<'_>, key: (&str, &Language, Option<u32>)) {
        let (prompt, language, Some(sample)) = key else { return };
        if !known.contains((prompt, language, sample)) {
            let reason = format!("there is no response {prompt} / {} / sample {sample}", language.as_str());
            self.add(field, reason, "set it to a sample that is there, or to null");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::test_session::sample;

    fn field_problems(session: &Session) -> Vec<String> {
        match read_session(&serde_json::to_string(session).unwrap()) {
            Err(DataError::Fields { problems }) => problems.into_iter().map(|p| p.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reopens_exactly() {
        let session = sample();
        let written = write_session(&session).unwrap();
        assert_eq!(read_session(&written).unwrap(), session);
        assert_eq!(read_session(&format!("\u{feff}{written}")).unwrap(), session);
        assert_eq!(write_session(&read_session(&written).unwrap()).unwrap(), written);
    }

    #[test]
    fn names_follow_the_contract() {
        let json: serde_json::Value = serde_json::from_str(&write_session(&sample()).unwrap()).unwrap();
        assert_eq!(json["schema"], "concord-session/1");
        for (pointer, wanted) in [
            ("/config/minMargin", true),
            ("/config/languageGate", true),
            ("/responses/0/promptId", true),
            ("/responses/0/finishReason", true),
            ("/responses/0/detectedLanguage", true),
            ("/references/0/voteShare", true),
            ("/pairs/0/scores", true),
            ("/events/0/shown_order", true),
            ("/prompts/1/answer", false),
        ] {
            assert_eq!(json.pointer(pointer).is_some(), wanted, "{pointer}");
        }
        assert_eq!(json["config"]["method"], "cm-align");
        assert_eq!(json["responses"][0]["finishReason"], "stop");
    }

    #[test]
    fn a_file_that_is_no_session_is_told_apart() {
        for (text, wanted) in [
            ("", "not complete JSON"),
            ("{\"schema\": \"concord-session/1\",", "not complete JSON"),
            ("[1]", "no schema tag"),
            ("{}", "no schema tag"),
            ("{\"schema\": \"concord-session/2\"}", "open it with the Concord version"),
            ("{\"schema\": \"other\"}", "not a Concord session"),
            ("{\"schema\": \"concord-session/1\"}", "missing field"),
        ] {
            let message = read_session(text).unwrap_err().to_string();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let written = write_session(&sample()).unwrap();
        for (from, to, path) in [
            ("\"stop\"", "\"stopped\"", "responses[0].finishReason"),
            ("\"cm-align\"", "\"magic\"", "config.method"),
            ("\"temperature\":0.9", "\"temperature\":\"hot\"", "config.temperature"),
            ("\"sample\":1,", "\"sample\":-1,", "responses[1].sample"),
        ] {
            assert!(written.contains(from), "{from}");
            let message = read_session(&written.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(path), "{path}: {message}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_together_are_named() {
        type Change = fn(&mut Session);
        let cases: [(Change, &str); 9] = [
            (|s| s.prompts[1].id = "a".into(), "prompts[1].id"),
            (|s| s.responses[0].prompt_id = "x".into(), "responses[0].promptId"),
            (|s| s.responses[1].sample = 0, "responses[1]"),
            (|s| s.references[0].sample = Some(9), "references[0].sample"),
            (|s| s.pairs[1].chosen = Some(9), "pairs[1].chosen"),
            (|s| s.pairs[1].rejected = Some(9), "pairs[1].rejected"),
            (|s| s.similarities[0].cosine.push(0.5), "similarities[0].cosine"),
            (|s| s.similarities[0].order.clear(), "similarities[0].cosine"),
            (|s| s.events[0].seq = 4, "events[0].seq"),
        ];
        for (change, field) in cases {
            let mut session = sample();
            change(&mut session);
            assert!(field_problems(&session).contains(&field.to_owned()), "{field}");
        }
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_refused_on_writing() {
        type Change = fn(&mut Session);
        let cases: [(Change, &str); 4] = [
            (|s| s.responses[1].logprob = f32::NAN, "responses[1].logprob"),
            (|s| s.similarities[0].cosine[0] = f32::INFINITY, "similarities[0].cosine"),
            (|s| s.config.top_p = f32::NAN, "config.topP"),
            (|s| s.pairs[1].margin = Some(f32::NAN), "pairs[1]"),
        ];
        for (change, field) in cases {
            let mut session = sample();
            change(&mut session);
            let message = write_session(&session).unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }

    #[test]
    fn a_session_that_was_saved_with_other_spellings_opens() {
        let saved =
            write_session(&sample()).unwrap().replace("\"ar\"", "\"arb_Arab\"").replace("\"en\"", "\"EN\"");
        assert!(saved.contains("arb_Arab"));
        assert_eq!(read_session(&saved).unwrap(), sample());
    }

    proptest! {
        #[test]
        fn every_finite_float_and_every_text_reopens_bit_for_bit(bits in any::<u32>(), text in "\\PC{0,40}") {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let mut session = sample();
            session.responses[0].logprob = value;
            session.responses[0].text = format!("{text}\u{2028}\u{85}\0");
            let back = read_session(&write_session(&session).unwrap()).unwrap();
            prop_assert_eq!(back.responses[0].logprob.to_bits(), bits);
            prop_assert_eq!(&back.responses[0].text, &session.responses[0].text);
        }
    }
}
