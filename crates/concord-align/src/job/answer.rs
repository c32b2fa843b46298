//! A line of results, as vLLM, OpenAI's batch service, Ray Data and this project's own scripts write it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::RequestId;
use super::choice::{Choice, Growing, TokenEntry};

/// How deep a line may be nested: what servers write is five deep.
const MOST_DEPTH: usize = 64;

/// What a line says of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The request's name.
    pub custom_id: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the server calls the model that answered, if it said.
    pub model: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The server's choices, each with its index within the request.
    Choices(Vec<Choice>),
    /// It failed as a whole.
    Failed {
        /// A status or a word, such as `400` or `batch_expired`.
        code: String,
        /// What was said.
        message: String,
    },
}

/// Why a line says nothing of any request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It is no JSON, or not of these shapes.
    #[error("not a result ({0})")]
    Shape(String),
    /// It does not name a request.
    #[error("it has no custom_id")]
    NoId,
    /// It is a line of the requests.
    #[error("it is a request, not an answer")]
    Request,
    /// Its lists and records are in one another too often.
    #[error("nested more than {MOST_DEPTH} deep")]
    Deep,
}

#[derive(Deserialize)]
struct Line<'a> {
    custom_id: Option<String>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    method: Option<String>,
    // A row of Ray Data.
    generated_text: Option<String>,
    generated_tokens: Option<Vec<u32>>,
    logprobs: Option<Vec<BTreeMap<String, RayLogprob>>>,
    #[serde(rename = "__inference_error__")]
    inference_error: Option<String>,
}

#[derive(Deserialize)]
struct RayLogprob {
    logprob: Option<f64>,
    decoded_token: Option<String>,
}

/// The envelope of a batch service, or the completion itself without one.
#[derive(Deserialize)]
struct Envelope<'a> {
    status_code: Option<u16>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Body {
    model: Option<String>,
    choices: Option<Vec<RawChoice>>,
    messages: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct RawChoice {
    index: Option<u32>,
    message: Option<RawMessage>,
    finish_reason: Option<String>,
    logprobs: Option<TokenLogprobs>,
    token_ids: Option<Vec<u32>>,
}

#[derive(Default, Deserialize)]
struct RawMessage {
    content: Option<String>,
    reasoning_content: Option<String>,
    /// vLLM's newer name of the same.
    reasoning: Option<String>,
}

#[derive(Deserialize)]
struct TokenLogprobs {
    content: Option<Vec<TokenEntry>>,
}

impl RawChoice {
    /// The choice; `place` is its place in the list, which counts where it has no index.
    fn read(self, place: u32) -> Choice {
        let message = self.message.unwrap_or_default();
        let grown = Growing {
            text: message.content.unwrap_or_default(),
            reasoning: message.reasoning_content.or(message.reasoning).unwrap_or_default(),
            token_ids: self.token_ids.unwrap_or_default(),
            entries: self.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default(),
            reason: self.finish_reason,
        };
        grown.choice(self.index.unwrap_or(place))
    }
}

/// Errors come as `{"message"}`, as `{"error": {"message"}}` and as plain text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Nested {
        error: Box<Self>,
    },
    Full {
        code: Option<Code>,
        message: Option<String>,
        #[serde(rename = "type")]
        kind: Option<String>,
    },
    Text(String),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(i64),
    Word(String),
}

/// The request and the model that a line names, without reading the rest; `None` where it names no request of ours.
pub fn peek(line: &[u8]) -> Option<(RequestId, Option<String>)> {
    let (name, model) = peek_names(line)?;
    Some((name.parse().ok()?, model))
}

/// The names of request and model in a line, whatever the request is for.
pub fn peek_names(line: &[u8]) -> Option<(String, Option<String>)> {
    #[derive(Deserialize)]
    struct Body {
        model: Option<String>,
    }
    #[derive(Deserialize)]
    struct Response {
        model: Option<String>,
        body: Option<Body>,
    }
    #[derive(Deserialize)]
    struct Line {
        custom_id: String,
        response: Option<Response>,
    }
    let line: Line = serde_json::from_slice(line).ok()?;
    let model =
        line.response.and_then(|response| response.body.and_then(|body| body.model).or(response.model));
    Some((line.custom_id, model))
}

/// Reads one line, without its line feed. `limit` is the request's token limit: a row of Ray Data does not say whether it
/// reached it.
///
/// # Errors
/// Where the line says nothing of any request.
pub fn read_answer(line: &[u8], limit: u32) -> Result<Answer, NotRead> {
    if depth(line) > MOST_DEPTH {
        return Err(NotRead::Deep);
    }
    let line: Line = serde_json::from_slice(line).map_err(shape)?;
    let Some(custom_id) = line.custom_id else { return Err(NotRead::NoId) };
    if line.method.is_some() && line.response.is_none() && line.error.is_none() {
        return Err(NotRead::Request);
    }
    let failed = |code: String, message: String| Answer {
        custom_id: custom_id.clone(),
        outcome: Outcome::Failed { code, message },
        model: None,
    };
    if let Some(message) = line.inference_error.as_ref().filter(|message| !message.is_empty()) {
        return Ok(failed("engine".to_owned(), message.clone()));
    }
    if let Some(text) = line.generated_text {
        let tokens = line.generated_tokens.unwrap_or_default();
        let choice = ray_choice(text, tokens, line.logprobs, limit);
        return Ok(Answer { outcome: Outcome::Choices(vec![choice]), model: None, custom_id });
    }
    let error = line.error.filter(|error| error.get() != "null");
    let Some(response) = line.response.filter(|response| response.get() != "null") else {
        let (code, message) = error.map_or_else(nothing_said, |error| said(error, None));
        return Ok(failed(code, message));
    };
    let envelope: Envelope = serde_json::from_str(response.get()).map_err(shape)?;
    let status = envelope.status_code;
    let body = envelope.body.filter(|body| body.get() != "null");
    if error.is_some() || status.is_some_and(|status| status != 200) {
        let (code, message) = error.or(body).map_or_else(nothing_said, |error| said(error, status));
        return Ok(failed(code, message));
    }
    let is_bare = status.is_none() && envelope.body.is_none();
    let Some(body) = body.or(is_bare.then_some(response)) else {
        return Ok(failed("empty".to_owned(), "the server sent no body".to_owned()));
    };
    let body: Body = serde_json::from_str(body.get()).map_err(shape)?;
    let Some(choices) = body.choices else {
        let what = if body.messages.is_some() { "the request came back" } else { "it has no choices" };
        return Ok(failed("not an answer".to_owned(), format!("not an answer: {what}")));
    };
    if choices.is_empty() {
        return Ok(failed("not an answer".to_owned(), "not an answer: its choices are empty".to_owned()));
    }
    let choices = choices.into_iter().zip(0..).map(|(choice, place)| choice.read(place)).collect();
    Ok(Answer { custom_id, outcome: Outcome::Choices(choices), model: body.model })
}

fn shape(error: serde_json::Error) -> NotRead {
    NotRead::Shape(error.to_string())
}

fn nothing_said() -> (String, String) {
    ("empty".to_owned(), "neither a response nor an error".to_owned())
}

/// Code and message of an error in any of its shapes.
fn said(error: &RawValue, status: Option<u16>) -> (String, String) {
    let mut said = serde_json::from_str(error.get()).unwrap_or(Said::Other(serde::de::IgnoredAny));
    while let Said::Nested { error } = said {
        said = *error;
    }
    let status = status.filter(|status| *status != 200).map(|status| status.to_string());
    match said {
        Said::Text(text) => (status.unwrap_or_else(|| "error".to_owned()), text),
        Said::Full { code, message, kind } => {
            let code = code.map(|code| match code {
                Code::Number(number) => number.to_string(),
                Code::Word(word) => word,
            });
            let code = status.or(code).or(kind).unwrap_or_else(|| "error".to_owned());
            (code, message.unwrap_or_else(|| error.get().chars().take(200).collect()))
        }
        Said::Nested { .. } | Said::Other(_) => {
            (status.unwrap_or_else(|| "error".to_owned()), error.get().chars().take(200).collect())
        }
    }
}

/// Ray names the log-probs of a place by token id.
fn ray_choice(
    text: String,
    tokens: Vec<u32>,
    logprobs: Option<Vec<BTreeMap<String, RayLogprob>>>,
    limit: u32,
) -> Choice {
    let is_cut = tokens.len() >= limit as usize;
    let entries = logprobs.map(|places| {
        let entries = tokens.iter().zip(places).map(|(token, mut place)| {
            let found = place.remove(&token.to_string());
            let (logprob, token_text) = found.map_or((None, None), |f| (f.logprob, f.decoded_token));
            TokenEntry { id: Some(*token), token: token_text, logprob, bytes: None }
        });
        entries.collect()
    });
    let grown = Growing {
        text,
        entries: entries.unwrap_or_default(),
        token_ids: tokens,
        reason: Some(if is_cut { "length" } else { "stop" }.to_owned()),
        ..Growing::default()
    };
    grown.choice(0)
}

/// How many lists and records stand in one another.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut most, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                most = most.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}
