//! From the scheduler's events to what the page sees: text as it grows, and ended responses.

use std::collections::{BTreeMap, HashSet};

use crate::{
    data::{FinishReason, Language, ReasoningState, is_reasoning_token, may_open_reasoning, split_reasoning},
    generate::{RowEnd, RowEvent, RowId, Sampled},
    protocol::{Generated, TokenUpdate},
    text::{StreamDecoder, Tokenizer},
};

/// The rows of one run that have begun and not ended.
#[derive(Debug)]
pub struct Rows<'a> {
    tokenizer: &'a Tokenizer,
    stop: &'a [String],
    /// Jobs whose prompts end within reasoning.
    opened: HashSet<u32>,
    running: BTreeMap<RowId, Running>,
    /// Tokens of all rows so far.
    pub n_tokens: u64,
}

#[derive(Debug, Default)]
struct Running {
    decoder: StreamDecoder,
    text: String,
    /// The text with the markers of reasoning that are special tokens, which [`Running::text`] leaves out.
    marked: String,
    /// Length of `marked` before each token.
    starts: Vec<usize>,
    live: Live,
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
    /// No rows yet. Text from the first of the `stop` strings on is cut off a response. `opened` are the jobs whose
    /// prompts end within reasoning.
    pub fn new(tokenizer: &'a Tokenizer, stop: &'a [String], opened: HashSet<u32>) -> Self {
        Self { tokenizer, stop, opened, running: BTreeMap::new(), n_tokens: 0 }
    }

    /// Takes an event; gives the response if one ended. Failed jobs are the caller's.
    pub fn on(&mut self, event: &RowEvent) -> Option<EndedRow> {
        match event {
            RowEvent::Tokens { row, tokens } => {
                let running = self.running.entry(*row).or_default();
                for token in tokens {
                    running.push(self.tokenizer, token.id);
                }
                running.sampled.extend(tokens);
                self.n_tokens += tokens.len() as u64;
                None
            }
            RowEvent::Finished { row, end, .. } => {
                let running = self.running.remove(row).unwrap_or_default();
                let is_opened = self.opened.contains(&row.job);
                Some(EndedRow { row: *row, response: running.end(*end, self.stop, is_opened) })
            }
            RowEvent::Failed { .. } => None,
        }
    }

    /// Text since the last call, of every row that grew. `name` gives a row's prompt and language.
    pub fn updates(&mut self, name: impl Fn(RowId) -> (String, Language)) -> Vec<TokenUpdate> {
        let opened = &self.opened;
        let grown = self.running.iter_mut().filter_map(|(row, running)| {
            let (reasoning, text) = running.news(opened.contains(&row.job));
            if reasoning.is_empty() && text.is_empty() {
                return None;
            }
            let (prompt_id, language) = name(*row);
            let n_tokens = running.sampled.len() as u32;
            Some(TokenUpdate { prompt_id, language, sample: row.sample, text, reasoning, n_tokens })
        });
        grown.collect()
    }
}

/// Ends responses at texts: the scheduler's stop hook.
#[derive(Debug)]
pub(crate) struct StopTexts<'a> {
    tokenizer: &'a Tokenizer,
    stop: &'a [String],
    texts: BTreeMap<RowId, Vec<u8>>,
}

impl<'a> StopTexts<'a> {
    /// Ends a response at any of the texts that are not empty.
    pub(crate) fn new(tokenizer: &'a Tokenizer, stop: &'a [String]) -> Self {
        Self { tokenizer, stop, texts: BTreeMap::new() }
    }

    /// Whether a row's text, `token` included, holds one of them.
    pub(crate) fn ends(&mut self, row: RowId, token: u32) -> bool {
        let longest = self.stop.iter().map(String::len).max().unwrap_or(0);
        if longest == 0 {
            return false;
        }
        let bytes = self.tokenizer.token_bytes(token, false);
        let text = self.texts.entry(row).or_default();
        text.extend_from_slice(bytes);
        let tail = &text[text.len().saturating_sub(longest + bytes.len())..];
        let is_in_tail = |stop: &String| tail.windows(stop.len()).any(|window| window == stop.as_bytes());
        self.stop.iter().any(|stop| !stop.is_empty() && is_in_tail(stop))
    }
}

/// What tokens say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) reasoning: Option<String>,
    /// How many of the tokens are reasoning.
    pub(crate) n_reasoning: Option<u32>,
}

/// What the tokens of a response say. `is_opened`: the prompt ended within reasoning.
pub(crate) fn told(tokenizer: &Tokenizer, tokens: &[u32], is_opened: bool) -> Told {
    let mut running = Running::default();
    tokens.iter().for_each(|id| running.push(tokenizer, *id));
    running.finish();
    running.told(is_opened)
}

/// What the page has seen of a running response.
#[derive(Clone, Copy, Debug, Default)]
enum Live {
    /// Nothing: it may begin with a marker.
    #[default]
    Unknown,
    /// Reasoning, so many bytes of `marked`.
    Reasoning(usize),
    /// All reasoning there was, and of the response after so many bytes of `text` nothing but white space.
    Closed(usize),
    /// All reasoning there was, and so many bytes of `text`.
    Response(usize),
}

/// Bytes before a new part of a text that can belong to a marker which ends in it.
const MARKER_BYTES: usize = 40;

impl Running {
    fn push(&mut self, tokenizer: &Tokenizer, id: u32) {
        self.starts.push(self.marked.len());
        let text = self.decoder.push(tokenizer, id);
        self.text += &text;
        self.marked += &text;
        if tokenizer.token_bytes(id, false).is_empty() {
            let special = tokenizer.token_text(id);
            if is_reasoning_token(&special) {
                self.marked += &special;
            }
        }
    }

    /// Reasoning and response since the last call. A view on the way: the response that has ended is told whole.
    fn news(&mut self, is_opened: bool) -> (String, String) {
        let mut reasoning = String::new();
        if let Live::Unknown = self.live {
            if is_opened || split_reasoning(&self.marked, false).state == ReasoningState::Open {
                self.live = Live::Reasoning(if is_opened { 0 } else { self.marked.len() });
            } else if self.marked.len() > MARKER_BYTES || !may_open_reasoning(&self.marked) {
                self.live = Live::Response(0);
            }
        }
        if let Live::Reasoning(n_told) = self.live {
            let new = &self.marked[n_told..];
            if new.contains(['>', ']', '▷', ':']) {
                let split = split_reasoning(&self.marked, is_opened);
                if split.state == ReasoningState::Closed {
                    let is_blank = split.response.trim().is_empty();
                    let n_told = self.text.len();
                    self.live = if is_blank { Live::Closed(n_told) } else { Live::Response(n_told) };
                    return (reasoning, split.response.trim_start().to_owned());
                }
            }
            reasoning = new.to_owned();
            self.live = Live::Reasoning(self.marked.len());
        }
        let text = match self.live {
            Live::Closed(n_told) => self.text[n_told..].trim_start().to_owned(),
            Live::Response(n_told) => self.text[n_told..].to_owned(),
            Live::Unknown | Live::Reasoning(_) => String::new(),
        };
        if !text.is_empty() {
            self.live = Live::Response(self.text.len());
        }
        (reasoning, text)
    }

    fn finish(&mut self) {
        let rest = self.decoder.finish();
        self.text += &rest;
        self.marked += &rest;
    }

    /// Reasoning and response, told apart.
    fn told(&mut self, is_opened: bool) -> Told {
        let split = split_reasoning(&self.marked, is_opened);
        if split.state == ReasoningState::None {
            return Told { text: std::mem::take(&mut self.text), ..Told::default() };
        }
        // A last token without text belongs to what it stands in.
        let ends_within = |start: usize| split.state == ReasoningState::Open && start >= self.marked.len();
        let is_reasoning = |start: &&usize| split.is_reasoning_at(**start) || ends_within(**start);
        let n_reasoning = self.starts.iter().filter(is_reasoning).count() as u32;
        Told { n_reasoning: Some(n_reasoning), text: split.response, reasoning: split.reasoning }
    }

    fn end(mut self, end: RowEnd, stop: &[String], is_opened: bool) -> Generated {
        self.finish();
        for text in [&mut self.text, &mut self.marked] {
            let stops = stop.iter().filter(|stop| !stop.is_empty());
            if let Some(cut) = stops.filter_map(|stop| text.find(stop.as_str())).min() {
                text.truncate(cut);
            }
        }
        let Told { text, reasoning, n_reasoning } = self.told(is_opened);
        Generated {
            text,
            reasoning,
            reasoning_tokens: n_reasoning,
            tokens: self.sampled.iter().map(|token| token.id).collect(),
            logprobs: self.sampled.iter().map(|token| token.logprob).collect(),
            sampled_logprobs: self.sampled.iter().filter_map(|token| token.sampled_logprob).collect(),
            finish_reason: match end {
                RowEnd::Stop => FinishReason::Stop,
                RowEnd::Length => FinishReason::Length,
                RowEnd::Cancelled => FinishReason::Cancelled,
            },
        }
    }
}
