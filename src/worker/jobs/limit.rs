//! How long responses may get if nobody sets a limit: measured on the first prompts of the run.
//!
//! No number fits every model: a teaching model ends after forty tokens, one that thinks after four thousand. So the first
//! prompts of a run, as many as make [`MEASURED_RESPONSES`], are answered with all the room there is, and the limit is twice
//! the longest response that ended by itself. They belong to the run, so measuring costs nothing but the rows that do
//! not end, and those are cut to the limit afterwards: tokens are drawn by what a row is, so they are the ones that the row
//! would have had under the limit. The limit stands in the session, and a run with that limit, or one that was interrupted
//! and goes on, gives the same responses.

use std::collections::HashSet;

use crate::{
    data::{FinishReason, Response},
    protocol::Generated,
    text::Tokenizer,
};

use super::prepare::Prepared;

/// Responses that are measured, at least: whole prompts in all their languages.
const MEASURED_RESPONSES: usize = 32;
/// The smallest limit that is measured: short first prompts say little of the others.
const LEAST: u32 = 64;
/// Limits are multiples of this: a number to read.
const STEP: u32 = 32;

/// How many rows at the beginning of a run are measured.
pub(crate) fn n_measured_rows(prepared: &Prepared, n: u32) -> usize {
    let asked = &prepared.asked;
    let is_enough = |end: usize| {
        let is_whole = end == asked.len() || asked[end].prompt_id != asked[end - 1].prompt_id;
        is_whole && end * n as usize >= MEASURED_RESPONSES
    };
    (1..=asked.len()).find(|end| is_enough(*end)).unwrap_or(asked.len())
}

/// The limit: twice the longest response that ended by itself, or `most` where fewer than half of `n_responses` did.
pub(crate) fn measured(ended: &[usize], n_responses: usize, most: u32) -> u32 {
    let longest = ended.iter().max().copied().unwrap_or(0);
    let twice = u32::try_from(longest.saturating_mul(2)).unwrap_or(u32::MAX);
    match 2 * ended.len() < n_responses {
        true => most,
        false => twice.max(LEAST).checked_next_multiple_of(STEP).unwrap_or(most).min(most),
    }
}

/// What is measured of a run.
#[derive(Debug)]
pub(crate) struct Measuring {
    /// Rows of the run that are measured.
    pub(crate) n_rows: usize,
    n_responses: usize,
    most: u32,
    /// Lengths of those that ended by themselves.
    ended: Vec<usize>,
}

impl Measuring {
    /// Of a run, with the responses that are there already.
    pub(crate) fn new(prepared: &Prepared, n: u32, kept: &[Response]) -> Self {
        let n_rows = n_measured_rows(prepared, n);
        let asked = &prepared.asked[..n_rows];
        let rows: HashSet<(&str, &str)> =
            asked.iter().map(|row| (row.prompt_id.as_str(), row.language.as_str())).collect();
        let is_measured = |response: &&Response| {
            response.finish_reason == FinishReason::Stop
                && rows.contains(&(response.prompt_id.as_str(), response.language.as_str()))
        };
        Self {
            n_rows,
            n_responses: n_rows * n as usize,
            most: asked.iter().map(|row| row.job.max_tokens).max().unwrap_or(1),
            ended: kept.iter().filter(is_measured).map(|response| response.tokens.len()).collect(),
        }
    }

    /// Takes a response that ended; whether its length is final.
    pub(crate) fn end(&mut self, response: &Generated) -> bool {
        let is_final = response.finish_reason == FinishReason::Stop;
        if is_final {
            self.ended.push(response.tokens.len());
        }
        is_final
    }

    /// The limit, once all have ended.
    pub(crate) fn limit(&self) -> u32 {
        measured(&self.ended, self.n_responses, self.most)
    }
}

/// How a response that did not end would have been under a lower limit.
pub(crate) fn cut(mut response: Generated, limit: u32, is_opened: bool, tokenizer: &Tokenizer) -> Generated {
    let n = (limit as usize).min(response.tokens.len());
    response.tokens.truncate(n);
    response.logprobs.truncate(n);
    response.sampled_logprobs.truncate(n);
    let told = super::rows::told(tokenizer, &response.tokens, is_opened);
    Generated { text: told.text, reasoning: told.reasoning, reasoning_tokens: told.n_reasoning, ..response }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_leaves_twice_what_the_longest_took() {
        let cases: [(&[usize], usize, u32, u32); 9] = [
            (&[100, 40, 130, 60], 4, 1_024, 288),
            (&[100, 40], 4, 1_024, 224),
            // Fewer than half ended: all the room there is.
            (&[100], 4, 1_024, 1_024),
            (&[], 4, 1_024, 1_024),
            // Never less than the least, never more than the most.
            (&[3, 5], 2, 1_024, 64),
            (&[600, 30], 2, 1_024, 1_024),
            (&[3, 5], 2, 40, 40),
            (&[2_000, 3_000], 2, 8_192, 6_016),
            (&[usize::MAX], 1, 8_192, 8_192),
        ];
        for (ended, n, most, wanted) in cases {
            assert_eq!(measured(ended, n, most), wanted, "{ended:?} of {n}");
        }
    }
}
