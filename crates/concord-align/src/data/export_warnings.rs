//! What an export warns about even if every row is well formed: texts that loaders or tokenizers read as something
//! else, and responses that a trainer should not learn from.

use super::problem::{ProblemKind, RowProblem};
use super::{Response, has_reasoning};

/// Counts over the rows of a file, and the warnings they give.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    n_rows: u32,
    /// Whether some prompt, chosen, rejected so far does not look like a date.
    has_no_date: [bool; 3],
    /// Rows with what looks like a control token, and the first such.
    n_control: u32,
    control: Option<&'static str>,
    /// Chosen and rejected responses that were cut at the token limit.
    n_cut: [u32; 2],
    /// Responses whose text holds reasoning.
    n_reasoning: u32,
}

impl Warnings {
    /// Takes note of a row: its texts as written (prompt, chosen, rejected), and the responses they are of.
    pub(super) fn note(&mut self, texts: [&str; 3], responses: [Option<&Response>; 2]) {
        self.n_rows += 1;
        let control = texts.into_iter().find_map(control_token);
        self.n_control += u32::from(control.is_some());
        self.control = self.control.or(control);
        for (found, text) in self.has_no_date.iter_mut().zip(texts) {
            *found |= !looks_like_date(text);
        }
        for (response, n_cut) in responses.into_iter().zip(&mut self.n_cut) {
            *n_cut += u32::from(response.is_some_and(Response::is_cut));
        }
        self.n_reasoning += texts[1..].iter().map(|text| u32::from(has_reasoning(text))).sum::<u32>();
    }

    /// The warnings of all rows.
    pub(super) fn problems(&self) -> Vec<RowProblem> {
        let mut problems = Vec::new();
        let mut warn = |kind, reason: String, fix: &str| {
            let fix = fix.to_owned();
            problems.push(RowProblem {
                row: 0,
                prompt_id: None,
                language: None,
                kind,
                reason,
                fix,
                left_out: false,
            });
        };
        for (has_no_date, column) in self.has_no_date.into_iter().zip(["prompt", "chosen", "rejected"]) {
            if self.n_rows > 0 && !has_no_date {
                let reason = format!(
                    "every text of {column} looks like a date, and loaders would read it as a timestamp"
                );
                warn(ProblemKind::LooksLikeDates, reason, "load the file with content declared as string");
            }
        }
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

/// `2024-05-01`, with or without a time: what pyarrow reads as a timestamp if a whole column looks like it.
fn looks_like_date(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| b[range].iter().all(u8::is_ascii_digit);
    let date = b.len() >= 10 && digits(0..4) && b[4] == b'-' && digits(5..7) && b[7] == b'-' && digits(8..10);
    date && b[10..].iter().all(|c| c.is_ascii_digit() || b"T :.Z+-".contains(c))
}
