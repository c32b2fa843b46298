//! Rows by name, and the plain file: TRL's explicit-prompt conversational form, one JSON object
//! a line with `prompt`, `chosen`, `rejected`, `prompt_id` and `language`.

use serde::{Deserialize, Serialize};

use super::{ExportOptions, PairWriter, TextFinder};
use crate::data::{Language, Pair, RowProblem, RowRecord, Session};

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
    /// How it came to be so.
    #[serde(default)]
    pub record: RowRecord,
}

impl ExportRow {
    /// The row of a pair that nobody has judged; `None` where there is no pair.
    pub fn of_pair(pair: &Pair) -> Option<Self> {
        let (chosen, rejected) = pair.chosen.zip(pair.rejected)?;
        let (prompt_id, language) = (pair.prompt_id.clone(), pair.language.clone());
        Some(Self { prompt_id, language, chosen, rejected, record: RowRecord::default() })
    }
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
    let finder = TextFinder::new(session);
    let mut writer = PairWriter::new(ExportOptions { metadata: false, ..ExportOptions::default() });
    rows.iter().for_each(|row| writer.write(&finder.record(row), None));
    Export::of(writer)
}

impl Export {
    /// What a writer has written.
    pub(super) fn of(writer: PairWriter) -> Self {
        let mut written = writer.finish();
        let (kept, trimmed) = (written.n_pairs, written.trimmed);
        let problems = std::mem::take(&mut written.problems);
        Self { text: written.into_text(), kept, trimmed, problems }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::data::{
        FinishReason, ProblemKind,
        test_session::{row, sample},
    };

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
