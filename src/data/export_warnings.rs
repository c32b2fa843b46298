//! What an export warns of though every row of it is well formed: texts that loaders or tokenizers read as something else.

use super::problem::{ProblemKind, RowProblem};

/// The first text in a row that a tokenizer would read as a control token rather than as text: a trainer that renders it
/// ends the turn there.
pub(super) fn control_token(text: &str) -> Option<&'static str> {
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

pub(super) fn control_warning(n_rows: u32, token: &str) -> RowProblem {
    let (rows, hold) = if n_rows == 1 { ("row", "holds") } else { ("rows", "hold") };
    RowProblem {
        row: 0,
        prompt_id: None,
        language: None,
        kind: ProblemKind::ControlTokens,
        reason: format!(
            "{n_rows} {rows} {hold} what a tokenizer may read as a control token, the first {token}"
        ),
        fix: "leave these rows out, or train with a tokenizer that reads such text as text".to_owned(),
        left_out: false,
    }
}

/// `2024-05-01`, with or without a time: what pyarrow reads as a timestamp if a whole column looks like it.
pub(super) fn looks_like_date(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| b[range].iter().all(u8::is_ascii_digit);
    let date = b.len() >= 10 && digits(0..4) && b[4] == b'-' && digits(5..7) && b[7] == b'-' && digits(8..10);
    date && b[10..].iter().all(|c| c.is_ascii_digit() || b"T :.Z+-".contains(c))
}

pub(super) fn warn_of_dates(has_no_date: [bool; 3], problems: &mut Vec<RowProblem>) {
    for (has_no_date, column) in has_no_date.into_iter().zip(["prompt", "chosen", "rejected"]) {
        if !has_no_date {
            problems.push(RowProblem {
                row: 0,
                prompt_id: None,
                language: None,
                kind: ProblemKind::LooksLikeDates,
                reason: format!(
                    "every text of {column} looks like a date, and loaders would read it as a timestamp"
                ),
                fix: "load the file with content declared as string".to_owned(),
                left_out: false,
            });
        }
    }
}
