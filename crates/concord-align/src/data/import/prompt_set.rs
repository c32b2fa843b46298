//! Prompts of rows in the nested form, `{ id, task, answer?, text: { en: "…", sw: "…" } }`.
//!
//! A bad row is a [`RowProblem`], never an error: the good rows are usable at once. Texts are kept byte for byte.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::reading::kind_of;
use crate::data::problem::{ProblemKind, RowProblem};
use crate::data::{Language, Prompt, Spellings, TaskKind};

/// A prompt set as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptSet {
    /// The prompts that can be used, in the order of the file.
    pub prompts: Vec<Prompt>,
    /// What is wrong, by row; row 0 is the file as a whole.
    pub problems: Vec<RowProblem>,
    /// How the file writes its languages.
    pub spellings: Spellings,
}

/// Reads rows one after the other.
pub(super) struct Reader<'a> {
    anchor: &'a Language,
    /// The task of rows that say none.
    task_of_all: TaskKind,
    /// Whether it is a problem of the row that it has no id.
    has_ids: bool,
    ids: HashSet<String>,
    /// Whether a prompt with a text in one language only is one.
    pub(super) keeps_one: bool,
    pub(super) problems: Vec<RowProblem>,
    pub(super) spellings: Spellings,
}

/// Where a problem is: row, prompt id, language.
type Place<'a> = (u32, Option<&'a str>, Option<&'a str>);

impl<'a> Reader<'a> {
    pub(super) fn new(anchor: &'a Language, task_of_all: TaskKind, has_ids: bool) -> Self {
        let (ids, problems, spellings) = (HashSet::new(), Vec::new(), Spellings::default());
        Self { anchor, task_of_all, has_ids, ids, keeps_one: false, problems, spellings }
    }

    pub(super) fn prompt(&mut self, row: u32, value: &Value) -> Option<Prompt> {
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
        if text.len() < if self.keeps_one { 1 } else { 2 } {
            let reason = format!(
                "there is a text in {} of the two or more languages that consistency needs",
                text.len()
            );
            self.report(
                here,
                ProblemKind::OneLanguage,
                reason,
                "add the same question in another language, or keep it and have the others drafted",
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
        Some(Prompt { id, task, answer, text, ..Prompt::default() })
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
        if !self.has_ids {
            return made;
        }
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

    fn task(&mut self, place: Place<'_>, value: Option<&Value>) -> Option<TaskKind> {
        match value.map(Value::as_str) {
            None => Some(self.task_of_all),
            Some(Some("math")) => Some(TaskKind::Math),
            Some(Some("code")) => Some(TaskKind::Code),
            Some(Some("general")) => Some(TaskKind::General),
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
            // GSM8K writes the working first and the result after this mark.
            Some(Value::String(answer)) => {
                let result = answer.rsplit_once("####").map_or(answer.as_str(), |(_, result)| result);
                Some(result.trim().to_owned()).filter(|a| !a.is_empty())
            }
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
                // Nothing is the usual way to say that a language is missing.
                (Some(_), None) if text.is_null() => {}
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
                (Some(language), Some(_)) if texts.contains_key(&language) => {
                    let reason = format!("there is a text in {} already", language.as_str());
                    self.report(here, ProblemKind::SameLanguage, reason, "keep one of the two", true);
                }
                (Some(_), Some(text)) => {
                    texts.insert(self.spellings.note(tag), text.to_owned());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::read_prompts;
    use super::*;

    /// One that is right, so that a set is never without a prompt.
    const GOOD: &str = r#"{"id":"good","text":{"en":"x","de":"y"}}"#;

    fn read(json: &str) -> (Vec<Prompt>, Vec<RowProblem>) {
        let set = read_prompts(json.as_bytes(), &Language::from("en")).unwrap();
        (set.prompts, set.problems)
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
            ("2", TaskKind::Math, Some("2.5"))
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
            assert_eq!(problems(&format!("[{row},{GOOD}]")), wanted, "{row}");
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
    fn spellings_are_kept_and_one_language_is_one() {
        let json = r#"[{"id":"a","text":{"eng_Latn":"x","German":"y","de":"z","sw":null}}]"#;
        let set = read_prompts(json.as_bytes(), &Language::from("en")).unwrap();
        assert_eq!(set.prompts[0].text.keys().map(Language::as_str).collect::<Vec<_>>(), ["de", "en"]);
        assert_eq!(set.problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::SameLanguage]);
        assert_eq!(set.spellings.of(&"en".into()), Some("eng_Latn"));
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(parts in prop::collection::vec(prop_oneof![
            Just("[".to_owned()), Just("{".to_owned()), Just("}".to_owned()), Just("]".to_owned()), Just("\"".to_owned()),
            Just(",".to_owned()), Just("\t".to_owned()), Just(":".to_owned()), Just("\n".to_owned()), Just("id".to_owned()),
            Just("en".to_owned()), Just("de".to_owned()), Just("\"text\":".to_owned()), Just("null".to_owned()), any::<String>(),
        ], 0..40)) {
            let file = parts.concat();
            match read_prompts(file.as_bytes(), &Language::from("en")) {
                Ok(set) => prop_assert!(set.prompts.iter().all(|prompt| prompt.text.len() >= 2)),
                Err(error) => prop_assert!(error.to_string().len() > 20),
            }
        }
    }
}
