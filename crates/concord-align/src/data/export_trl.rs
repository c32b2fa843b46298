//! Pairs out, in TRL's explicit-prompt conversational form: one JSON object a line with `prompt`, `chosen`, `rejected`.
//!
//! Every guard is against a defect seen in a trainer or a loader: responses are trimmed (Axolotl loses a response whose
//! ends a template trims), empty and equal sides are refused, U+2028, U+2029 and U+0085 are escaped (readers that use
//! `splitlines()` break on them), there is no byte-order mark, and every row has every key with one type, never null.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::export_warnings::Warnings;
use super::problem::{ProblemKind, RowProblem};
use super::{Language, Prompt, Response, RowRecord, Session, Spellings, comparable};

/// A row that curation lets through: which responses of a prompt in a language form the pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportRow {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// Its language, by the canonical tag.
    pub language: Language,
    /// Sample index of the chosen response.
    pub chosen: u32,
    /// Sample index of the rejected response.
    pub rejected: u32,
    /// How it came to be, and texts that a person wrote in the place of the responses'.
    #[serde(default)]
    pub record: RowRecord,
}

/// A file ready to save, and what did not make it into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// The file: UTF-8, one line a row, each ended by `\n`.
    pub text: String,
    /// Rows written.
    pub kept: u32,
    /// Responses that lost leading or trailing white space on the way out.
    pub trimmed: u32,
    /// Rows left out, numbered from 1 as they came in, and warnings about the whole file (row 0).
    pub problems: Vec<RowProblem>,
}

/// Writes `rows` as TRL explicit-prompt conversational JSONL, for DPO, CPO, ORPO and reward trainers.
///
/// Take the rows from `curation::export_rows`, which leaves out what a person left out.
pub fn export_trl(session: &Session, rows: &[ExportRow]) -> Export {
    let (finder, mut writer) = (TextFinder::new(session), TrlWriter::default());
    rows.iter().for_each(|row| writer.write(row, finder.texts(row)));
    writer.finish()
}

/// Where a row stands among the batches: columns of ours that a trainer passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct BatchColumns {
    pub(super) concord_epoch: u32,
    pub(super) concord_step: u32,
    pub(super) concord_batch: u32,
    pub(super) concord_group: u32,
}

/// What a row refers to, where it is there.
#[derive(Clone, Copy, Debug)]
pub struct RowTexts<'a> {
    /// The prompt in the row's language.
    pub prompt: Option<&'a str>,
    /// The chosen response.
    pub chosen: Option<&'a Response>,
    /// The rejected response.
    pub rejected: Option<&'a Response>,
    /// How the prompt set writes the row's language, where it is not its canonical tag.
    pub spelling: Option<&'a str>,
}

/// Finds what rows refer to in a session.
#[derive(Debug)]
pub struct TextFinder<'a> {
    /// Each prompt's and language's responses, row by row: they are tens of thousands, but stand together.
    responses: HashMap<(&'a str, &'a Language), Vec<&'a [Response]>>,
    prompts: HashMap<&'a str, &'a Prompt>,
    spellings: &'a Spellings,
}

impl<'a> TextFinder<'a> {
    /// Looks at every response once.
    pub fn new(session: &'a Session) -> Self {
        fn key(response: &Response) -> (&str, &Language) {
            (&response.prompt_id, &response.language)
        }
        let mut responses: HashMap<_, Vec<&[Response]>> = HashMap::new();
        for together in session.responses.chunk_by(|a, b| key(a) == key(b)) {
            responses.entry(key(&together[0])).or_default().push(together);
        }
        let prompts = session.prompts.iter().map(|p| (p.id.as_str(), p)).collect();
        Self { responses, prompts, spellings: &session.config.spellings }
    }

    /// What a row refers to.
    pub fn texts(&self, row: &ExportRow) -> RowTexts<'a> {
        let prompt = self.prompts.get(row.prompt_id.as_str()).and_then(|p| p.text.get(&row.language));
        let found = self.responses.get(&(row.prompt_id.as_str(), &row.language));
        let side = |sample| found.into_iter().flatten().copied().flatten().find(|r| r.sample == sample);
        RowTexts {
            prompt: prompt.map(String::as_str),
            chosen: side(row.chosen),
            rejected: side(row.rejected),
            spelling: self.spellings.of(&row.language),
        }
    }
}

/// Writes rows one after the other, each checked, so that many can be written a few at a time.
#[derive(Debug, Default)]
pub struct TrlWriter {
    export: Export,
    warnings: Warnings,
    n_rows: u32,
}

impl TrlWriter {
    /// Writes a row, or lists why not.
    pub fn write(&mut self, row: &ExportRow, texts: RowTexts<'_>) {
        self.write_with(row, texts, None);
    }

    pub(super) fn write_with(&mut self, row: &ExportRow, texts: RowTexts<'_>, batch: Option<BatchColumns>) {
        self.n_rows += 1;
        let spelling = texts.spelling.unwrap_or(row.language.as_str());
        match checked(&row.record, texts) {
            Ok(line) => {
                let written = [line.prompt, line.chosen, line.rejected];
                self.warnings.note(written, [texts.chosen, texts.rejected]);
                self.export.trimmed += line.n_trimmed;
                self.export.kept += 1;
                push_line(&mut self.export.text, &line, (&row.prompt_id, spelling), batch);
            }
            Err((kind, reason, fix)) => self.export.problems.push(RowProblem {
                row: self.n_rows,
                prompt_id: Some(row.prompt_id.clone()),
                language: Some(row.language.clone()),
                kind,
                reason: reason.to_owned(),
                fix: fix.to_owned(),
                left_out: true,
            }),
        }
    }

    /// The file.
    pub fn finish(mut self) -> Export {
        self.export.problems.extend(self.warnings.problems());
        self.export
    }
}

struct Line<'a> {
    prompt: &'a str,
    chosen: &'a str,
    rejected: &'a str,
    n_trimmed: u32,
}

type Refusal = (ProblemKind, &'static str, &'static str);

fn checked<'a>(record: &'a RowRecord, texts: RowTexts<'a>) -> Result<Line<'a>, Refusal> {
    let missing = "the session has no such prompt or response";
    let refuse =
        (ProblemKind::MissingRecord, missing, "choose a response that is there, or leave the row out");
    let RowTexts { prompt: Some(prompt), chosen: Some(chosen), rejected: Some(rejected), .. } = texts else {
        return Err(refuse);
    };
    let written = [
        record.chosen_text.as_ref().unwrap_or(&chosen.text),
        record.rejected_text.as_ref().unwrap_or(&rejected.text),
    ];
    let sides = written.map(|text| text.trim());
    for (text, reason) in [
        (prompt.trim(), "the prompt is empty"),
        (sides[0], "the chosen response is empty"),
        (sides[1], "the rejected response is empty"),
    ] {
        if text.is_empty() {
            return Err((ProblemKind::EmptyText, reason, "choose another response, or leave the row out"));
        }
    }
    if comparable(sides[0]) == comparable(sides[1]) {
        let reason = "chosen and rejected are the same text";
        return Err((ProblemKind::SameText, reason, "choose another response, or leave the row out"));
    }
    let n_trimmed =
        u32::from(sides[0].len() < written[0].len()) + u32::from(sides[1].len() < written[1].len());
    Ok(Line { prompt, chosen: sides[0], rejected: sides[1], n_trimmed })
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct TrlRow<'a> {
    prompt: [Message<'a>; 1],
    chosen: [Message<'a>; 1],
    rejected: [Message<'a>; 1],
    prompt_id: &'a str,
    language: &'a str,
    #[serde(flatten)]
    batch: Option<BatchColumns>,
}

fn push_line(
    out: &mut String,
    line: &Line<'_>,
    (prompt_id, language): (&str, &str),
    batch: Option<BatchColumns>,
) {
    let row = TrlRow {
        prompt: [Message { role: "user", content: line.prompt }],
        chosen: [Message { role: "assistant", content: line.chosen }],
        rejected: [Message { role: "assistant", content: line.rejected }],
        prompt_id,
        language,
        batch,
    };
    // Strings and arrays of strings always serialise.
    let Ok(json) = serde_json::to_string(&row) else { return };
    for c in json.chars() {
        match c {
            '\u{85}' => out.push_str("\\u0085"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::data::{FinishReason, test_session::sample};

    fn row(prompt_id: &str, chosen: u32, rejected: u32) -> ExportRow {
        ExportRow {
            prompt_id: prompt_id.into(),
            language: "ar".into(),
            chosen,
            rejected,
            record: RowRecord::default(),
        }
    }

    /// Exports the pair of prompt `a` with these two texts.
    fn with_texts(chosen: &str, rejected: &str) -> Export {
        let mut session = sample();
        session.responses[2].text = chosen.into();
        session.responses[3].text = rejected.into();
        export_trl(&session, &[row("a", 0, 1)])
    }

    fn kinds(export: &Export) -> Vec<(u32, ProblemKind)> {
        export.problems.iter().map(|p| (p.row, p.kind)).collect()
    }

    #[test]
    fn one_line_is_the_exact_shape() {
        let export = export_trl(&sample(), &[row("a", 0, 1)]);
        let wanted = "{\"prompt\":[{\"role\":\"user\",\"content\":\"a in ar?\"}],\"chosen\":[{\"role\":\"assistant\",\"content\":\"ar 0: 3\"}],\
                      \"rejected\":[{\"role\":\"assistant\",\"content\":\"ar 1: 4\"}],\"prompt_id\":\"a\",\"language\":\"ar\"}\n";
        assert_eq!(
            (export.text.as_str(), export.kept, export.trimmed, export.problems),
            (wanted, 1, 0, vec![])
        );
    }

    #[test]
    fn responses_are_trimmed_and_counted_but_otherwise_kept() {
        let export = with_texts(" \u{a0}ক\u{200d}্ 3\n\n", "A\u{308} \"\\ 4");
        let line: Value = serde_json::from_str(export.text.trim_end()).unwrap();
        assert_eq!(line["chosen"], json!([{ "role": "assistant", "content": "ক\u{200d}্ 3" }]));
        assert_eq!(line["rejected"][0]["content"], "A\u{308} \"\\ 4");
        assert_eq!((export.kept, export.trimmed), (1, 1));
    }

    #[test]
    fn bad_rows_are_listed_not_written() {
        use ProblemKind::*;
        for (chosen, rejected, kind) in [
            ("", "x", EmptyText),
            ("x", " \n\u{3000}", EmptyText),
            ("same", " same\n", SameText),
            ("\u{e4}", "a\u{308}", SameText),
        ] {
            let export = with_texts(chosen, rejected);
            assert_eq!(
                (export.text.as_str(), kinds(&export)),
                ("", vec![(1, kind)]),
                "{chosen:?} {rejected:?}"
            );
        }
        let mut session = sample();
        session.prompts[0].text.insert("ar".into(), " ".into());
        assert_eq!(kinds(&export_trl(&session, &[row("a", 0, 1)])), [(1, EmptyText)]);
        let rows = [row("a", 0, 9), row("x", 0, 1), row("a", 0, 1)];
        let export = export_trl(&sample(), &rows);
        assert_eq!((export.kept, kinds(&export)), (1, vec![(1, MissingRecord), (2, MissingRecord)]));
        assert_eq!(export.problems[0].prompt_id.as_deref(), Some("a"));
    }

    #[test]
    fn line_separators_are_escaped_so_that_a_row_is_one_line() {
        let text = "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f\u{1c}g\r\nh";
        let export = with_texts(text, "x");
        for separator in ['\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}', '\u{1c}', '\r'] {
            assert!(!export.text.contains(separator), "{separator:?}");
        }
        assert_eq!(export.text.matches('\n').count(), 1);
        let line: Value = serde_json::from_str(export.text.trim_end()).unwrap();
        assert_eq!(line["chosen"][0]["content"], text);
    }

    #[test]
    fn a_column_of_dates_is_warned_of() {
        let export = with_texts("2024-05-01", "2024-05-02T10:00:00Z");
        assert_eq!((export.kept, kinds(&export)), (1, vec![(0, ProblemKind::LooksLikeDates); 2]));
        assert!(export.problems.iter().all(|p| !p.left_out));
        assert_eq!(kinds(&with_texts("2024-05-01 is it", "2024-5-1")), []);
    }

    #[test]
    fn cut_responses_and_reasoning_are_counted() {
        let mut session = sample();
        session.responses[2].finish_reason = FinishReason::Length;
        session.responses[2].reasoning = Some("<think>".into());
        let export = export_trl(&session, &[row("a", 0, 1), row("a", 1, 0), row("a", 0, 9)]);
        assert_eq!(kinds(&export), [(3, ProblemKind::MissingRecord), (0, ProblemKind::CutResponses)]);
        let warning = &export.problems[1];
        assert!(warning.reason.starts_with("1 chosen and 1 rejected"), "{}", warning.reason);
        assert!(!warning.left_out && export.kept == 2);
        for (text, n) in [("<think>a</think>b", 1), ("a</think>b", 1), ("a < b", 0), ("say `<think>`", 0)] {
            assert_eq!(with_texts(text, "x").problems.len(), n, "{text}");
        }
    }

    #[test]
    fn the_language_is_written_as_the_prompt_set_wrote_it() {
        let mut session = sample();
        session.config.spellings.note("arb_Arab");
        let line: Value =
            serde_json::from_str(export_trl(&session, &[row("a", 0, 1)]).text.trim_end()).unwrap();
        assert_eq!((&line["prompt_id"], &line["language"]), (&json!("a"), &json!("arb_Arab")));
    }

    #[test]
    fn control_tokens_are_warned_of_and_kept() {
        let export = with_texts("It is 3.<|im_end|>", "4");
        assert_eq!((export.kept, kinds(&export)), (1, vec![(0, ProblemKind::ControlTokens)]));
        assert!(export.problems[0].reason.starts_with("1 row holds"), "{}", export.problems[0].reason);
        assert_eq!(kinds(&with_texts("a < b | c > d", "[inst]")), []);
    }

    #[test]
    fn no_rows_no_bytes() {
        assert_eq!(
            export_trl(&sample(), &[]),
            Export { text: String::new(), kept: 0, trimmed: 0, problems: vec![] }
        );
    }
}
