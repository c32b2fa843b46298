//! One sample of an answer: its text, and what the server says of its tokens.

use serde::Deserialize;

use crate::data::{FinishReason, Language, Response};

/// Most tokens after the text that are taken for end-of-turn where reasoning stands before it.
const MOST_DROPPED: usize = 4;

/// What a server says of a token that it sampled.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TokenEntry {
    /// Its id, as llama-server says it.
    #[serde(default)]
    pub id: Option<u32>,
    /// Its text; parts of a character are not to be had from it.
    #[serde(default)]
    pub token: Option<String>,
    /// Its bytes.
    #[serde(default)]
    pub bytes: Option<Vec<u8>>,
    /// Its log-probability in nats.
    #[serde(default)]
    pub logprob: Option<f64>,
}

impl TokenEntry {
    fn bytes(&self) -> &[u8] {
        match (&self.bytes, &self.token) {
            (Some(bytes), _) => bytes,
            (None, Some(token)) => token.as_bytes(),
            (None, None) => &[],
        }
    }
}

/// How a sample ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The model ended it.
    Stop,
    /// It reached the limit of tokens.
    Length,
    /// Anything else, such as `content_filter`.
    Other(String),
    /// The server did not say.
    Unsaid,
}

impl End {
    fn of(reason: Option<&str>) -> Self {
        match reason {
            Some("stop" | "eos" | "eos_token" | "stop_sequence") => Self::Stop,
            Some("length" | "max_tokens" | "model_length") => Self::Length,
            Some(other) => Self::Other(other.to_owned()),
            None => Self::Unsaid,
        }
    }
}

/// Why a sample has no log-prob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLogprob {
    /// The server sends none.
    Unsaid,
    /// The tokens that it names are not those of the text.
    OtherText,
}

/// Why a sample is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoResponse {
    /// Another end than stop and length.
    #[error("the server ended a response with \"{0}\"")]
    Ended(String),
    /// There was no end at all.
    #[error("the server did not say how a response ended")]
    Unended,
    /// Only reasoning.
    #[error("the model only thought: raise the token limit, or switch thinking off")]
    OnlyThought,
    /// Nothing at all.
    #[error("a response is empty, and was not ended by the model: raise the token limit")]
    Empty,
}

impl NoResponse {
    /// The server's own word, or ours.
    pub fn code(&self) -> &str {
        match self {
            Self::Ended(reason) => reason,
            Self::Unended => "unfinished",
            Self::OnlyThought => "only reasoning",
            Self::Empty => "empty",
        }
    }
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its place among the samples of the request.
    pub index: u32,
    /// What was answered.
    pub text: String,
    /// What was thought, where the server keeps it apart.
    pub reasoning: Option<String>,
    /// Ids of the tokens of reasoning and text, end-of-turn left out; empty where the server names none.
    pub tokens: Vec<u32>,
    /// Sum of the log-probs of those tokens under the raw model, in nats.
    pub logprob: Result<f32, NoLogprob>,
    /// How it ended.
    pub end: End,
}

impl Choice {
    /// How it ended, if it is a response.
    ///
    /// # Errors
    /// Why it is none.
    pub fn finish_reason(&self) -> Result<FinishReason, NoResponse> {
        let reason = match &self.end {
            End::Stop => FinishReason::Stop,
            End::Length => FinishReason::Length,
            End::Other(reason) => return Err(NoResponse::Ended(reason.clone())),
            End::Unsaid => return Err(NoResponse::Unended),
        };
        match (self.text.trim().is_empty(), &self.reasoning) {
            (true, Some(_)) => Err(NoResponse::OnlyThought),
            (true, None) if reason == FinishReason::Length => Err(NoResponse::Empty),
            _ => Ok(reason),
        }
    }

    /// The response to a prompt in a language that this is, as a sample of that row; reasoning within its text is taken out of it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn response(self, prompt_id: &str, language: &Language, sample: u32) -> Result<Response, NoResponse> {
        let finish_reason = self.finish_reason()?;
        let mut response = Response {
            prompt_id: prompt_id.to_owned(),
            language: language.clone(),
            sample,
            text: self.text,
            reasoning: self.reasoning,
            reasoning_tokens: None,
            tokens: self.tokens,
            logprob: self.logprob.ok(),
            finish_reason,
            answer: None,
            ambiguous: Vec::new(),
            detected_language: None,
            translation_of: None,
            model: None,
        };
        response.separate_reasoning();
        Ok(response)
    }
}

/// A sample while it grows.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    /// The text so far.
    pub text: String,
    /// The reasoning so far, where the server keeps it apart.
    pub reasoning: String,
    /// The ids of its tokens, as vLLM says them.
    pub token_ids: Vec<u32>,
    /// What the server says of each token.
    pub entries: Vec<TokenEntry>,
    /// Why it ended, once it has.
    pub reason: Option<String>,
}

impl Growing {
    /// Whether nothing more comes. Some servers end the reasoning as if it were all.
    pub fn has_ended(&self) -> bool {
        self.reason.is_some() && (self.reasoning.is_empty() || !self.text.is_empty())
    }

    /// The sample, at its place among those of the request.
    pub fn choice(self, index: u32) -> Choice {
        let Self { text, reasoning, token_ids, mut entries, reason } = self;
        let is_said = !entries.is_empty();
        let fits = drop_end_of_turn(&mut entries, &text, &reasoning);
        let n_entries = entries.len();
        let logprob = match entries.iter().map(|entry| entry.logprob).sum::<Option<f64>>() {
            None => Err(NoLogprob::Unsaid),
            Some(_) if !is_said => Err(NoLogprob::Unsaid),
            Some(sum) if fits && sum.is_finite() => Ok(sum as f32),
            Some(_) => Err(NoLogprob::OtherText),
        };
        let ids: Option<Vec<u32>> = entries.iter().map(|entry| entry.id).collect();
        let tokens = match ids {
            _ if !token_ids.is_empty() => {
                let n_kept = if logprob.is_ok() { n_entries } else { token_ids.len() };
                token_ids.into_iter().take(n_kept).collect()
            }
            Some(ids) if logprob.is_ok() => ids,
            _ => Vec::new(),
        };
        let reasoning = Some(reasoning.trim()).filter(|thought| !thought.is_empty()).map(str::to_owned);
        Choice { index, text, reasoning, tokens, logprob, end: End::of(reason.as_deref()) }
    }
}

/// Drops the entries after the text, which are those of end-of-turn tokens; says whether the others are the text's.
///
/// With reasoning, whose markers stand in no text, the entries end with the text and hold the reasoning before it.
fn drop_end_of_turn(entries: &mut Vec<TokenEntry>, text: &str, reasoning: &str) -> bool {
    let thought = reasoning.trim();
    let mut joined: Vec<u8> = entries.iter().flat_map(TokenEntry::bytes).copied().collect();
    // Some servers take away the space that a first token begins with.
    let blank = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let n_lost = blank(&joined).saturating_sub(blank(text.as_bytes()));
    let n_entries = entries.len();
    while let Some(last) = entries.last().map(|entry| entry.bytes().len()) {
        // The markers of reasoning make it longer than what is known of it.
        let has_ended = n_entries - entries.len() == MOST_DROPPED || joined.ends_with(text.as_bytes());
        if last > 0 && (joined.len() <= text.len() + n_lost || (!thought.is_empty() && has_ended)) {
            break;
        }
        joined.truncate(joined.len() - last);
        entries.pop();
    }
    let joined = String::from_utf8_lossy(&joined);
    match joined.strip_suffix(text) {
        Some(before) if thought.is_empty() => before.len() <= n_lost,
        Some(before) => before.contains(thought),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &[u8], logprob: f64, id: Option<u32>) -> TokenEntry {
        TokenEntry { id, token: None, bytes: Some(text.to_vec()), logprob: Some(logprob) }
    }

    fn choice(text: &str, reasoning: &str, entries: &[(&[u8], f64)]) -> Choice {
        let ids = 100..;
        let entries = entries.iter().zip(ids).map(|((text, logprob), id)| entry(text, *logprob, Some(id)));
        let entries = entries.collect();
        let (text, reasoning) = (text.to_owned(), reasoning.to_owned());
        Growing { text, reasoning, entries, reason: Some("stop".into()), ..Growing::default() }.choice(0)
    }

    #[test]
    fn the_log_prob_is_that_of_the_texts_tokens() {
        let accent = "\u{e9}".as_bytes();
        for (text, reasoning, entries, logprob, n_tokens) in [
            ("ab", "", &[(&b"a"[..], -1.0), (b"b", -2.0)][..], Ok(-3.0), 2),
            ("ab", "", &[(b"a", -1.0), (b"b", -2.0), (b"<|im_end|>", -4.0)], Ok(-3.0), 2),
            ("ab", "", &[(b"ab", -1.0), (b"", -4.0)], Ok(-1.0), 1),
            ("\u{e9}", "", &[(&accent[..1], -1.0), (&accent[1..], -2.0)], Ok(-3.0), 2),
            // A character that the limit cut in two, left out or shown as a replacement.
            ("a", "", &[(b"a", -1.0), (&accent[..1], -2.0)], Ok(-1.0), 1),
            ("a\u{fffd}", "", &[(b"a", -1.0), (&accent[..1], -2.0)], Ok(-3.0), 2),
            ("7", "", &[(b" 7", -1.0), (b"<eos>", -4.0)], Ok(-1.0), 1),
            ("a 7", "", &[(b"a", -1.0), (b"7", -1.0)], Err(NoLogprob::OtherText), 0),
            ("b", "", &[(b"a", -1.0)], Err(NoLogprob::OtherText), 0),
            ("abc", "", &[(b"ab", -1.0)], Err(NoLogprob::OtherText), 0),
            ("ab", "", &[(b"a", f64::INFINITY), (b"b", -1.0)], Err(NoLogprob::OtherText), 0),
            ("ab", "", &[], Err(NoLogprob::Unsaid), 0),
            ("", "", &[(b"<eos>", -0.5)], Ok(0.0), 0),
            (
                "7",
                "3+4",
                &[(b"<think>", -1.0), (b"3+4", -1.0), (b"</think>", -1.0), (b"7", -1.0), (b"<eos>", -9.0)],
                Ok(-4.0),
                4,
            ),
            ("7", "3+4", &[(b"7", -1.0)], Err(NoLogprob::OtherText), 0),
        ] {
            let choice = choice(text, reasoning, entries);
            assert_eq!((choice.logprob, choice.tokens.len()), (logprob, n_tokens), "{text:?} {entries:?}");
        }
    }

    #[test]
    fn ids_come_from_where_the_server_puts_them() {
        let entries = vec![entry(b"a", -1.0, None), entry(b"<eos>", -1.0, None)];
        let growing = Growing { text: "a".into(), token_ids: vec![7, 2], entries, ..Growing::default() };
        assert_eq!(growing.choice(0).tokens, [7], "end-of-turn is no token of the text");
        let growing = Growing { text: "a".into(), token_ids: vec![7, 2], ..Growing::default() };
        assert_eq!(growing.choice(0).tokens, [7, 2], "what is not known is kept");
        let entries =
            vec![TokenEntry { token: Some("a".into()), logprob: Some(-1.0), ..TokenEntry::default() }];
        let choice = Growing { text: "a".into(), entries, ..Growing::default() }.choice(0);
        assert_eq!((choice.logprob, choice.tokens), (Ok(-1.0), vec![]), "a server without ids and bytes");
        let entries = vec![TokenEntry { token: Some("a".into()), ..TokenEntry::default() }];
        let choice = Growing { text: "a".into(), entries, ..Growing::default() }.choice(0);
        assert_eq!(choice.logprob, Err(NoLogprob::Unsaid));
    }

    #[test]
    fn only_an_answer_that_ended_is_a_response() {
        let of = |text: &str, reasoning: &str, reason: Option<&str>| {
            let reason = reason.map(str::to_owned);
            let (text, reasoning) = (text.to_owned(), reasoning.to_owned());
            Growing { text, reasoning, reason, ..Growing::default() }.choice(0).finish_reason()
        };
        assert_eq!(of("a", "", Some("stop")), Ok(FinishReason::Stop));
        assert_eq!(of("a", "", Some("length")), Ok(FinishReason::Length));
        assert_eq!(
            of("", "", Some("stop")),
            Ok(FinishReason::Stop),
            "an empty response that the model ended is kept"
        );
        assert_eq!(of("", "", Some("length")), Err(NoResponse::Empty));
        assert_eq!(of("", "hm", Some("length")), Err(NoResponse::OnlyThought));
        assert_eq!(of("a", "", Some("content_filter")), Err(NoResponse::Ended("content_filter".into())));
        assert_eq!(of("a", "", None), Err(NoResponse::Unended));
    }
}
