//! Prompt sets in: a JSON array of `{ id, task, answer?, text: { en: "…", sw: "…" } }`.
//!
//! A bad row is a [`RowProblem`], never an error: the good rows are usable at once. Texts are kept byte for byte.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::problem::{DataError, ProblemKind, RowProblem};
use super::{Language, Prompt, Task, parallel_problems};

/// Reads a prompt set; the starter prompts have the same form.
///
/// A prompt without text in `anchor` is kept and reported, because the anchor is a setting. Texts that do not look like
/// translations of each other are reported too ([`parallel_problems`]).
///
/// # Errors
/// The text is not JSON or not an array.
pub fn read_prompts(json: &str, anchor: &Language) -> Result<(Vec<Prompt>, Vec<RowProblem>), DataError> {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let value: Value = serde_json::from_str(json)
        .map_err(|error| DataError::NotJson { line: error.line(), column: error.column() })?;
    let Value::Array(rows) = value else {
        return Err(DataError::NotAPromptSet { found: kind_of(&value) });
    };
    let mut reader = Reader { anchor, ids: HashSet::new(), problems: Vec::new() };
    let (mut prompts, mut numbers) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (i, row) in rows.iter().enumerate() {
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        if let Some(prompt) = reader.prompt(number, row) {
            prompts.push(prompt);
            numbers.push(number);
        }
    }
    let mut problems = reader.problems;
    problems.extend(parallel_problems(&prompts, &numbers, anchor));
    Ok((prompts, problems))
}

struct Reader<'a> {
    anchor: &'a Language,
    ids: HashSet<String>,
    problems: Vec<RowProblem>,
}

/// Where a problem is: row, prompt id, language.
type Place<'a> = (u32, Option<&'a str>, Option<&'a str>);

impl Reader<'_> {
    fn prompt(&mut self, row: u32, value: &Value) -> Option<Prompt> {
        let Some(object) = value.as_object() else {
            let reason = format!("the row holds {}, not a prompt", kind_of(value));
            self.report(
                (row, None, None),
                ProblemKind::NotAPrompt,
                reason,
                "write { \"id\", \"task\", \"text\": { … } }",
                true,
            );
            return None;
        };
        let id = self.id(row, object.get("id"));
        let here = (row, Some(id.as_str()), None);
        let task = self.task(here, object.get("task"))?;
        let answer = self.answer(here, object.get("answer"));
        let text = self.texts(row, &id, object.get("text"));
        if text.len() < 2 {
            let reason = format!(
                "there is a text in {} of the two or more languages that consistency needs",
                text.len()
            );
            self.report(
                here,
                ProblemKind::OneLanguage,
                reason,
                "add the same question in another language",
                true,
            );
            return None;
        }
        if !self.ids.insert(id.clone()) {
            let reason = format!("the id \"{id}\" is used by an earlier row");
            self.report(here, ProblemKind::DuplicateId, reason, "give every prompt its own id", true);
            return None;
        }
        if !text.contains_key(self.anchor) {
            let anchor = self.anchor.as_str().to_owned();
            let reason = format!("there is no text in the anchor language {anchor}");
            self.report(
                (row, Some(&id), Some(&anchor)),
                ProblemKind::MissingAnchor,
                reason,
                "add it, or choose another anchor",
                false,
            );
        }
        Some(Prompt { id, task, answer, text })
    }

    fn id(&mut self, row: u32, value: Option<&Value>) -> String {
        let id = match value {
            Some(Value::String(id)) => id.trim().to_owned(),
            Some(Value::Number(id)) => id.to_string(),
            _ => String::new(),
        };
        if !id.is_empty() {
            return id;
        }
        let made = format!("row-{row}");
        let reason = format!("the row has no id, so it is called {made}");
        self.report(
            (row, Some(&made), None),
            ProblemKind::MissingId,
            reason,
            "add an id to find the prompt again",
            false,
        );
        made
    }

    fn task(&mut self, place: Place<'_>, value: Option<&Value>) -> Option<Task> {
        match value.map(Value::as_str) {
            None => Some(Task::default()),
            Some(Some("math")) => Some(Task::Math),
            Some(Some("code")) => Some(Task::Code),
            Some(Some("general")) => Some(Task::General),
            Some(_) => {
                let reason = format!("the task is {}", value.map(ToString::to_string).unwrap_or_default());
                self.report(
                    place,
                    ProblemKind::NotAPrompt,
                    reason,
                    "use \"math\", \"code\" or \"general\"",
                    true,
                );
                None
            }
        }
    }

    /// The gold answer as written, or the number as JSON writes it.
    fn answer(&mut self, place: Place<'_>, value: Option<&Value>) -> Option<String> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::String(answer)) => Some(answer.trim().to_owned()).filter(|a| !a.is_empty()),
            Some(Value::Number(answer)) => Some(answer.to_string()),
            Some(other) => {
                let reason = format!("the answer holds {}, so it is not used", kind_of(other));
                self.report(
                    place,
                    ProblemKind::NotAPrompt,
                    reason,
                    "write the answer as a number or a string",
                    false,
                );
                None
            }
        }
    }

    fn texts(&mut self, row: u32, id: &str, value: Option<&Value>) -> BTreeMap<Language, String> {
        let mut texts = BTreeMap::new();
        let Some(object) = value.and_then(Value::as_object) else {
            let fix = "write \"text\": { \"en\": \"…\", \"de\": \"…\" }";
            self.report(
                (row, Some(id), None),
                ProblemKind::NotAPrompt,
                "there is no text object".into(),
                fix,
                true,
            );
            return texts;
        };
        for (tag, text) in object {
            let here = (row, Some(id), Some(tag.as_str()));
            match (Language::parse(tag), text.as_str()) {
                (None, _) => {
                    let reason = format!("\"{tag}\" is not a language tag");
                    self.report(
                        here,
                        ProblemKind::BadLanguage,
                        reason,
                        "use a BCP-47 tag such as sw or zh-Hans",
                        true,
                    );
                }
                (_, None) => {
                    let reason = format!("the text is {}", kind_of(text));
                    self.report(here, ProblemKind::NotAPrompt, reason, "write the text as a string", true);
                }
                (_, Some(text)) if text.trim().is_empty() => {
                    self.report(
                        here,
                        ProblemKind::EmptyText,
                        "the text is empty".into(),
                        "write the question in this language",
                        true,
                    );
                }
                (Some(language), Some(text)) => {
                    texts.insert(language, text.to_owned());
                }
            }
        }
        texts
    }

    fn report(&mut self, place: Place<'_>, kind: ProblemKind, reason: String, fix: &str, left_out: bool) {
        let (row, id, language) = place;
        self.problems.push(RowProblem {
            row,
            prompt_id: id.map(str::to_owned),
            language: language.map(Language::from),
            kind,
            reason,
            fix: fix.to_owned(),
            left_out,
        });
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Vec<Prompt>, Vec<RowProblem>) {
        read_prompts(json, &Language::from("en")).unwrap()
    }

    /// Row, kind, left out.
    fn problems(json: &str) -> Vec<(u32, ProblemKind, bool)> {
        read(json).1.into_iter().map(|p| (p.row, p.kind, p.left_out)).collect()
    }

    #[test]
    fn a_good_set_has_no_problems_and_keeps_its_bytes() {
        let json = "\u{feff}[{\"id\":\"a\",\"task\":\"math\",\"answer\":\"7\",\"text\":{\"en\":\" How many? \",\"sw\":\"Nga\u{200d}pi\"}},
            {\"id\":2,\"answer\":2.50,\"text\":{\"en\":\"x\",\"zh-Hans\":\"y\"},\"note\":1}]";
        let (prompts, problems) = read(json);
        assert_eq!(problems, []);
        assert_eq!(prompts[0].text[&Language::from("en")], " How many? ");
        assert_eq!(prompts[0].text[&Language::from("sw")], "Nga\u{200d}pi");
        assert_eq!(
            (prompts[1].id.as_str(), prompts[1].task, prompts[1].answer.as_deref()),
            ("2", Task::Math, Some("2.5"))
        );
    }

    #[test]
    fn every_problem_is_reported_with_its_row() {
        use ProblemKind::*;
        for (row, wanted) in [
            (r#"3"#, vec![(1, NotAPrompt, true)]),
            (r#"{"id":"a","text":{"en":"x"}}"#, vec![(1, OneLanguage, true)]),
            (r#"{"id":"a"}"#, vec![(1, NotAPrompt, true), (1, OneLanguage, true)]),
            (
                r#"{"id":"a","text":{"en":"x","de":" \n"}}"#,
                vec![(1, EmptyText, true), (1, OneLanguage, true)],
            ),
            (r#"{"id":"a","text":{"en":"x","de":"y","sw":""}}"#, vec![(1, EmptyText, true)]),
            (r#"{"id":"a","text":{"en":"x","de":"y","sw":5}}"#, vec![(1, NotAPrompt, true)]),
            (r#"{"id":"a","text":{"en":"x","de":"y","z_z":"q"}}"#, vec![(1, BadLanguage, true)]),
            (r#"{"id":"a","text":{"sw":"x","de":"y"}}"#, vec![(1, MissingAnchor, false)]),
            (r#"{"text":{"en":"x","de":"y"}}"#, vec![(1, MissingId, false)]),
            (r#"{"id":"a","task":"chess","text":{"en":"x","de":"y"}}"#, vec![(1, NotAPrompt, true)]),
            (r#"{"id":"a","answer":[1],"text":{"en":"x","de":"y"}}"#, vec![(1, NotAPrompt, false)]),
        ] {
            assert_eq!(problems(&format!("[{row}]")), wanted, "{row}");
        }
    }

    #[test]
    fn a_used_id_leaves_the_later_row_out() {
        let row = r#"{"id":"a","text":{"en":"x","de":"y"}}"#;
        let (prompts, problems) = read(&format!("[{row},{row}]"));
        assert_eq!((prompts.len(), problems.len(), problems[0].row), (1, 1, 2));
        assert_eq!(problems[0].kind, ProblemKind::DuplicateId);
    }

    #[test]
    fn good_rows_survive_bad_ones() {
        let (prompts, problems) =
            read(r#"[null, {"id":"b","text":{"en":"x","de":"y"}}, {"id":"c","text":{}}]"#);
        assert_eq!(prompts.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(problems.iter().map(|p| p.row).collect::<Vec<_>>(), [1, 3]);
        assert!(problems.iter().all(|p| !p.reason.is_empty() && !p.fix.is_empty()));
    }

    #[test]
    fn what_is_no_prompt_set_is_an_error() {
        let en = Language::from("en");
        for (text, wanted) in
            [("{\"id\":1}", "an object"), ("\"x\"", "a string"), ("[{", "not complete JSON")]
        {
            let message = read_prompts(text, &en).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn the_starter_prompts_are_clean() {
        let (prompts, problems) = read(include_str!("../../static/starter-prompts.json"));
        assert_eq!(problems, []);
        assert!(prompts.len() >= 8 && prompts.iter().all(|p| p.text.len() == 8 && p.answer.is_some()));
    }
}
