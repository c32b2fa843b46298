//! What an export warns about even if every row is well formed: texts that loaders or tokenizers read as something
//! else, and responses that a trainer should not learn from.

use super::{ExportFormat, ExportOptions, PairSide};
use crate::data::{Language, ProblemKind, RowProblem, has_reasoning};

/// Counts over the rows of a file, and the warnings they give.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    /// Rows with what looks like a control token, and the first such.
    n_control: u32,
    control: Option<&'static str>,
    /// Chosen and rejected responses that were cut at the token limit.
    n_cut: [u32; 2],
    /// Responses whose text holds reasoning.
    n_reasoning: u32,
}

impl Warnings {
    /// Takes note of a pair: its texts as written (prompt, chosen, rejected), and its sides.
    pub(super) fn note(&mut self, texts: [&str; 3], sides: [Option<PairSide<'_>>; 2]) {
        let control = texts.into_iter().find_map(control_token);
        self.n_control += u32::from(control.is_some());
        self.control = self.control.or(control);
        for (side, n_cut) in sides.into_iter().zip(&mut self.n_cut) {
            *n_cut += u32::from(side.is_some_and(|side| side.is_cut));
        }
        self.n_reasoning += texts[1..].iter().map(|text| u32::from(has_reasoning(text))).sum::<u32>();
    }

    /// The warnings of all rows.
    pub(super) fn problems(&self) -> Vec<RowProblem> {
        let mut problems = Vec::new();
        let mut warn = |kind, reason, fix| problems.push(warning(kind, reason, fix));
        if let Some(token) = self.control {
            let (rows, hold) = if self.n_control == 1 { ("row", "holds") } else { ("rows", "hold") };
            let reason = format!(
                "{} {rows} {hold} what a tokenizer may read as a control token, the first {token}",
                self.n_control
            );
            let fix = "leave these rows out, or train with a tokenizer that reads such text as text";
            warn(ProblemKind::ControlTokens, reason, fix);
        }
        let [chosen, rejected] = self.n_cut;
        if chosen + rejected > 0 {
            let reason = format!("{chosen} chosen and {rejected} rejected responses were cut short");
            let fix = "run the cut responses again with a higher limit, or leave their rows out";
            warn(ProblemKind::CutResponses, reason, fix);
        }
        if self.n_reasoning > 0 {
            let reason = format!(
                "{} responses hold a model's reasoning, or its markers such as <think>",
                self.n_reasoning
            );
            warn(ProblemKind::ReasoningInText, reason, "choose other responses, or leave their rows out");
        }
        problems
    }
}

/// The warning that every text of a column looks like a date.
///
/// `datasets` reads such a column as timestamps and only then makes it texts again, of another look, even where the card
/// says that it holds texts.
pub(super) fn dates(column: &str, language: Option<&Language>) -> RowProblem {
    let of_file = language.map_or_else(String::new, |language| format!(" in {}", language.info().english));
    let reason = format!(
        "every text of {column}{of_file} looks like a date, and loaders would read it as a timestamp"
    );
    let fix =
        "make a Parquet file of the lines with pyarrow.Table.from_pylist, or add a row whose text is no date";
    RowProblem { language: language.cloned(), ..warning(ProblemKind::LooksLikeDates, reason, fix) }
}

/// The warning that prompts are drafts.
pub(super) fn drafts(n: u32) -> Option<RowProblem> {
    let rows = if n == 1 { "row has" } else { "rows have" };
    let reason = format!("{n} {rows} a prompt that a model translated and nobody has confirmed");
    let fix = "confirm these drafts in the editor of prompts before a run, or leave their rows out";
    (n > 0).then(|| warning(ProblemKind::DraftPrompts, reason, fix))
}

/// What is to be said of a format whatever its rows are.
pub(super) fn of_format(options: &ExportOptions) -> Option<RowProblem> {
    match options.format {
        ExportFormat::Ultrafeedback => Some(warning(
            ProblemKind::LegacyShape,
            "this is the legacy shape of UltraFeedback, which TRL's trainers no longer read".to_owned(),
            "take the file for TRL, unless your code asks for this shape",
        )),
        ExportFormat::Kto if options.threshold.is_none() => Some(warning(
            ProblemKind::NoThreshold,
            "every chosen response is labelled good, even where it is only the better of two".to_owned(),
            "set a threshold on the score",
        )),
        _ => None,
    }
}

fn warning(kind: ProblemKind, reason: String, fix: &str) -> RowProblem {
    let fix = fix.to_owned();
    RowProblem { row: 0, prompt_id: None, language: None, kind, reason, fix, left_out: false }
}

/// The first text in a row that a tokenizer would read as a control token rather than as text: a trainer that renders it
/// ends the turn there.
fn control_token(text: &str) -> Option<&'static str> {
    const TOKENS: [&str; 22] = [
        "<|im_start|>",
        "<|im_end|>",
        "<|endoftext|>",
        "<|eot_id|>",
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<|user|>",
        "<|assistant|>",
        "<|system|>",
        "<|end|>",
        "<bos>",
        "<eos>",
        "</s>",
        "[INST]",
        "[/INST]",
        "<|START_OF_TURN_TOKEN|>",
        "<|END_OF_TURN_TOKEN|>",
        "<|eom_id|>",
    ];
    TOKENS.into_iter().find(|token| text.contains(token))
}
