//! What a trainer or a loader would misread, so that it is not written.
//!
//! Every guard is against a defect seen in their code. Axolotl looks for a response in the rendered text and loses one
//! whose ends the template trims, so responses are trimmed. It takes an empty one for its own dummy message. ms-swift stops
//! at two equal sides, and TRL makes a prompt of all of them but a letter.

use crate::data::{PairRecord, ProblemKind, comparable};

/// The texts of a pair as they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a> {
    pub(super) prompt: &'a str,
    pub(super) chosen: &'a str,
    pub(super) rejected: &'a str,
    pub(super) n_trimmed: u32,
}

/// Why a row is refused: what is wrong, and what to do.
pub(super) type Refusal = (ProblemKind, &'static str, &'static str);

const OTHER: &str = "choose another response, or leave the row out";

/// Whether a writer would write this pair.
pub fn is_writable(record: &PairRecord<'_>) -> bool {
    checked(record).is_ok()
}

/// The texts of a pair that may be written.
pub(super) fn checked<'a>(record: &PairRecord<'a>) -> Result<Texts<'a>, Refusal> {
    let (Some(prompt), Some(chosen), Some(rejected)) = (record.prompt, record.chosen, record.rejected) else {
        let missing = "the session has no such prompt or response";
        let fix = "choose a response that is there, or leave the row out";
        return Err((ProblemKind::MissingRecord, missing, fix));
    };
    let sides = [trimmed(chosen.text), trimmed(rejected.text)];
    for (text, reason) in [
        (prompt, "the prompt is empty"),
        (sides[0], "the chosen response is empty"),
        (sides[1], "the rejected response is empty"),
    ] {
        if is_blank(text) {
            return Err((ProblemKind::EmptyText, reason, OTHER));
        }
    }
    if comparable(sides[0]) == comparable(sides[1]) {
        return Err((ProblemKind::SameText, "chosen and rejected are the same text", OTHER));
    }
    let lengths = [chosen.text.len(), rejected.text.len()];
    let n_trimmed = sides.iter().zip(lengths).map(|(side, n)| u32::from(side.len() < n)).sum();
    Ok(Texts { prompt, chosen: sides[0], rejected: sides[1], n_trimmed })
}

/// Without the white space at its ends, as Python's `strip` has it: templates are written in its terms, and it also takes
/// the four separators U+001C to U+001F.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}'))
}

/// Whether nobody would see anything of it.
fn is_blank(text: &str) -> bool {
    let is_unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_unseen(c))
}
