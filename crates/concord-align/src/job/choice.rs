//! One sample as a server writes it: text, tokens, log-prob, and whether it counts.

use serde::Deserialize;

use crate::data::FinishReason;

/// A choice of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its place within the request: sample `first + index`.
    pub index: u32,
    /// The sample, or why it is none.
    pub sample: Result<Sample, Failure>,
}

/// A finished response.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The text. Reasoning that the server did not set apart is still in it.
    pub text: String,
    /// Reasoning that the server set apart.
    pub reasoning: Option<String>,
    /// Token ids without the end of the turn; empty where the server gives none.
    pub tokens: Vec<u32>,
    /// Sum of the tokens' log-probs, in nats; `None` where they are not given or do not spell the text.
    pub logprob: Option<f32>,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// Why a choice is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The server's own word.
    pub code: String,
    /// What it means.
    pub message: String,
}

#[derive(Deserialize)]
pub(super) struct RawChoice {
    pub(super) index: Option<u32>,
    pub(super) message: Option<RawMessage>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs: Option<TokenLogprobs>,
    pub(super) token_ids: Option<Vec<u32>>,
}

#[derive(Default, Deserialize)]
pub(super) struct RawMessage {
    pub(super) content: Option<String>,
    pub(super) reasoning_content: Option<String>,
    /// vLLM's newer name of the same.
    pub(super) reasoning: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TokenLogprobs {
    pub(super) content: Option<Vec<TokenLogprob>>,
}

#[derive(Deserialize)]
pub(super) struct TokenLogprob {
    pub(super) id: Option<u32>,
    #[serde(default)]
    pub(super) token: String,
    pub(super) logprob: Option<f64>,
    pub(super) bytes: Option<Vec<u8>>,
}

impl TokenLogprob {
    fn spelled(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.token.as_bytes())
    }
}

impl RawChoice {
    /// The choice; `place` is its place in the list, which counts where it has no index.
    pub(super) fn read(self, place: u32) -> Choice {
        Choice { index: self.index.unwrap_or(place), sample: self.sample() }
    }

    fn sample(self) -> Result<Sample, Failure> {
        let failed =
            |code: &str, message: &str| Err(Failure { code: code.to_owned(), message: message.to_owned() });
        let message = self.message.unwrap_or_default();
        let reasoning =
            message.reasoning_content.or(message.reasoning).filter(|text| !text.trim().is_empty());
        let finish_reason = match self.finish_reason.as_deref() {
            Some("stop" | "eos_token" | "stop_sequence") => FinishReason::Stop,
            Some("length") => FinishReason::Length,
            Some("content_filter") => return failed("content_filter", "the server's filter withheld it"),
            Some("tool_calls" | "function_call") => {
                return failed("tool_calls", "the model called a tool instead of answering");
            }
            Some(other) => return failed(other, &format!("it ended for an unknown reason, {other:?}")),
            None => return failed("unfinished", "the answer was cut off: it has no finish_reason"),
        };
        let text = message.content.unwrap_or_default();
        let is_empty = text.trim().is_empty();
        if is_empty && reasoning.is_some() {
            return failed("only reasoning", "the model only thought; raise the token limit");
        }
        if is_empty && finish_reason == FinishReason::Length {
            return failed("empty", "the response is empty and was cut off; raise the token limit");
        }
        let entries = self.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default();
        let n_spelled = n_of_text(&entries, &text);
        let logprob =
            n_spelled.and_then(|n| entries[..n].iter().map(|entry| entry.logprob).sum::<Option<f64>>());
        let given: Option<Vec<u32>> = entries.iter().map(|entry| entry.id).collect();
        let mut tokens = self.token_ids.or(given).unwrap_or_default();
        if let Some(n) = n_spelled.filter(|_| tokens.len() == entries.len()) {
            tokens.truncate(n);
        }
        let logprob = logprob.map(|sum| sum as f32).filter(|sum| sum.is_finite());
        Ok(Sample { text, reasoning, tokens, logprob, finish_reason })
    }
}

/// How many of the tokens spell the text. Those behind it end the turn and are left out. `None` where no number does: the server
/// may have changed the text, or set reasoning apart, and the sum would be of something else.
fn n_of_text(entries: &[TokenLogprob], text: &str) -> Option<usize> {
    if entries.is_empty() {
        return None;
    }
    let exact = n_spelling(entries, text.as_bytes());
    exact.or_else(|| {
        // Some servers take away the space that a first token begins with.
        let (text, blank) = (text.trim_start().as_bytes(), |b: &u8| b.is_ascii_whitespace());
        let n_blank = entries.iter().flat_map(TokenLogprob::spelled).take_while(|b| blank(b)).count();
        let blanks = entries.iter().flat_map(TokenLogprob::spelled).take(n_blank).copied();
        n_spelling(entries, &blanks.chain(text.iter().copied()).collect::<Vec<u8>>())
    })
}

/// How many of the tokens spell these bytes exactly.
fn n_spelling(entries: &[TokenLogprob], wanted: &[u8]) -> Option<usize> {
    let mut rest = wanted;
    for (n, entry) in entries.iter().enumerate() {
        if rest.is_empty() {
            return Some(n);
        }
        rest = rest.strip_prefix(entry.spelled())?;
    }
    rest.is_empty().then_some(entries.len())
}
