//! From the scheduler's events to what the page sees: text as it grows, and ended responses.

use std::collections::BTreeMap;

use crate::{
    data::{FinishReason, Language},
    generate::{RowEnd, RowEvent, RowId, Sampled},
    protocol::{Generated, TokenUpdate},
    text::{StreamDecoder, Tokenizer},
};

/// The rows of one run that have begun and not ended.
#[derive(Debug)]
pub struct Rows<'a> {
    tokenizer: &'a Tokenizer,
    stop: &'a [String],
    running: BTreeMap<RowId, Running>,
    /// Tokens of all rows so far.
    pub n_tokens: u64,
}

#[derive(Debug, Default)]
struct Running {
    decoder: StreamDecoder,
    text: String,
    /// Length of the text that the page has seen.
    n_told: usize,
    sampled: Vec<Sampled>,
}

/// A response that has ended.
#[derive(Debug)]
pub struct EndedRow {
    /// Which row.
    pub row: RowId,
    /// What it said.
    pub response: Generated,
}

impl<'a> Rows<'a> {
    /// No rows yet. Text from the first of the `stop` strings on is cut off a response.
    pub fn new(tokenizer: &'a Tokenizer, stop: &'a [String]) -> Self {
        Self { tokenizer, stop, running: BTreeMap::new(), n_tokens: 0 }
    }

    /// Takes an event; gives the response if one ended. Failed jobs are the caller's.
    pub fn on(&mut self, event: &RowEvent) -> Option<EndedRow> {
        match event {
            RowEvent::Tokens { row, tokens } => {
                let running = self.running.entry(*row).or_default();
                for token in tokens {
                    running.text += &running.decoder.push(self.tokenizer, token.id);
                }
                running.sampled.extend(tokens);
                self.n_tokens += tokens.len() as u64;
                None
            }
            RowEvent::Finished { row, end, .. } => {
                let running = self.running.remove(row).unwrap_or_default();
                Some(EndedRow { row: *row, response: running.end(*end, self.stop) })
            }
            RowEvent::Failed { .. } => None,
        }
    }

    /// Whether a row's text, `token` included, holds a stop string: the scheduler's stop hook.
    pub fn is_stopped(text: &mut Vec<u8>, token_bytes: &[u8], stop: &[String]) -> bool {
        text.extend_from_slice(token_bytes);
        let longest = stop.iter().map(String::len).max().unwrap_or(0);
        let tail = &text[text.len().saturating_sub(longest + token_bytes.len())..];
        stop.iter()
            .any(|stop| !stop.is_empty() && tail.windows(stop.len()).any(|window| window == stop.as_bytes()))
    }

    /// Text since the last call, of every row that grew. `name` gives a row's prompt and language.
    pub fn updates(&mut self, name: impl Fn(RowId) -> (String, Language)) -> Vec<TokenUpdate> {
        let grown = self.running.iter_mut().filter(|(_, running)| running.text.len() > running.n_told);
        grown
            .map(|(row, running)| {
                let (prompt_id, language) = name(*row);
                let text = running.text[running.n_told..].to_owned();
                running.n_told = running.text.len();
                let n_tokens = running.sampled.len() as u32;
                TokenUpdate { prompt_id, language, sample: row.sample, text, n_tokens }
            })
            .collect()
    }
}

impl Running {
    fn end(mut self, end: RowEnd, stop: &[String]) -> Generated {
        self.text += &self.decoder.finish();
        let cut = stop
            .iter()
            .filter(|stop| !stop.is_empty())
            .filter_map(|stop| self.text.find(stop.as_str()))
            .min();
        if let Some(cut) = cut {
            self.text.truncate(cut);
        }
        Generated {
            text: self.text,
            tokens: self.sampled.iter().map(|token| token.id).collect(),
            logprobs: self.sampled.iter().map(|token| token.logprob).collect(),
            sampled_logprobs: self.sampled.iter().map(|token| token.sampled_logprob).collect(),
            finish_reason: match end {
                RowEnd::Stop => FinishReason::Stop,
                RowEnd::Length => FinishReason::Length,
                RowEnd::Cancelled => FinishReason::Cancelled,
            },
        }
    }
}
