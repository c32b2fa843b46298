//! The session as a file: read(write(s)) == s, bit for bit, and every problem names its field.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::problem::{DataError, FieldProblem};
use super::{Language, SESSION_SCHEMA, Session};

/// Writes a session as JSON.
///
/// # Errors
/// [`DataError::Fields`] if a number is not finite: JSON has no NaN, and the file would not open again.
pub fn write_session(session: &Session) -> Result<String, DataError> {
    let problems = not_finite(session);
    if !problems.is_empty() {
        return Err(DataError::Fields { problems });
    }
    serde_json::to_string(session).map_err(|error| DataError::Fields {
        problems: vec![FieldProblem {
            field: "session".into(),
            reason: error.to_string(),
            fix: "report this as a bug of Concord".into(),
        }],
    })
}

/// Reads a session from JSON and checks that its parts fit together.
///
/// # Errors
/// Not JSON, another schema, or a list of field problems, each with what to do.
pub fn read_session(json: &str) -> Result<Session, DataError> {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let tag: SchemaTag = serde_json::from_str(json)
        .map_err(|error| DataError::NotJson { line: error.line(), column: error.column() })?;
    let found = match tag {
        SchemaTag::Object { schema } => schema.as_str().map(str::to_owned),
        SchemaTag::Other(_) => None,
    };
    if found.as_deref() != Some(SESSION_SCHEMA) {
        return Err(DataError::Schema { found, expected: SESSION_SCHEMA });
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    let session: Session = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let reason = error.into_inner().to_string();
        DataError::Fields {
            problems: vec![FieldProblem {
                field,
                reason,
                fix: "correct this field, or open the file that Concord saved".into(),
            }],
        }
    })?;
    let problems = inconsistent(&session);
    if problems.is_empty() { Ok(session) } else { Err(DataError::Fields { problems }) }
}

/// Only the tag, so that a file of another version is named before its fields are judged.
#[derive(Deserialize)]
#[serde(untagged)]
enum SchemaTag {
    Object {
        #[serde(default)]
        schema: serde_json::Value,
    },
    Other(serde::de::IgnoredAny),
}

fn not_finite(session: &Session) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut check = |field: String, value: f32| {
        if !value.is_finite() {
            let fix = "make it again: delete the part it belongs to and run it once more".into();
            problems.push(FieldProblem { field, reason: format!("{value} is not a finite number"), fix });
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
        check(format!("config.{name}"), value);
    }
    for (i, r) in session.responses.iter().enumerate() {
        check(format!("responses[{i}].logprob"), r.logprob);
    }
    for (i, r) in session.references.iter().enumerate() {
        let all = r.consistency.iter().chain(&r.mean_cosine).chain(&r.vote_share);
        all.for_each(|v| check(format!("references[{i}]"), *v));
    }
    for (i, p) in session.pairs.iter().enumerate() {
        p.scores.iter().chain(&p.cosine).chain(&p.margin).for_each(|v| check(format!("pairs[{i}]"), *v));
    }
    for (i, s) in session.similarities.iter().enumerate() {
        s.cosine.iter().for_each(|v| check(format!("similarities[{i}].cosine"), *v));
    }
    problems
}

/// The cross-checks without which later code would index past an end or mix up rows.
fn inconsistent(session: &Session) -> Vec<FieldProblem> {
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
    let mut known: HashSet<(&str, &Language, u32)> = HashSet::new();
    for (i, r) in session.responses.iter().enumerate() {
        if !n_texts.contains_key(r.prompt_id.as_str()) {
            problems.unknown_prompt(format!("responses[{i}].promptId"), &r.prompt_id);
        }
        if !known.insert((&r.prompt_id, &r.language, r.sample)) {
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
    problems.0
}

struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: String, reason: String, fix: &str) {
        self.0.push(FieldProblem { field, reason, fix: fix.to_owned() });
    }

    fn unknown_prompt(&mut self, field: String, id: &str) {
        self.add(field, format!("no prompt has the id \"{id}\""), "add the prompt, or delete this entry");
    }

    fn sample(
        &mut self,
        field: String,
        known: &HashSet<(&str, &Language, u32)>,
        key: (&str, &Language, Option<u32>),
    ) {
        let (prompt, language, Some(sample)) = key else { return };
        if !known.contains(&(prompt, language, sample)) {
            let reason = format!("there is no response {prompt} / {} / sample {sample}", language.as_str());
            self.add(field, reason, "set it to a sample that is there, or to null");
        }
    }
}
