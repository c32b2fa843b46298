//! An answer to a request for chat completions, read as it comes: a stream, or one JSON object where a server does not stream.

use serde::Deserialize;
use serde_json::Value;

use super::{
    events::{Event, Events},
    growth::{Growth, Seen},
    json::{LongText, if_readable, lenient},
    refusal::error_of,
};
use crate::data::from_json;
use crate::job::{Choice, Growing, TokenEntry};

/// Most bytes of one answer.
const LONGEST_ANSWER: usize = 64 << 20;
/// How much of something else is quoted, in bytes.
const QUOTED: usize = 120;

/// What stands between a request and its answer. What the server says is in `message`, not yet cleaned for showing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The connection ended before the answer did.
    #[error("the answer was cut off")]
    Cut,
    /// The server reports an error within its answer.
    #[error("{message}")]
    Server {
        /// An HTTP status, where it names one.
        status: Option<u16>,
        /// What it says.
        message: String,
    },
    /// A page for people.
    #[error(
        "the server answers with a web page, not as an OpenAI-compatible server: its address usually ends in /v1"
    )]
    WebPage,
    /// The request itself came back.
    #[error("the server sends the request back, which is not an answer: its address usually ends in /v1")]
    Echo,
    /// Anything else.
    #[error("this is not an answer of an OpenAI-compatible server: {start}")]
    NotAnAnswer {
        /// How it begins.
        start: String,
    },
    /// It has no end.
    #[error("the answer is larger than any response: ask for fewer tokens, or restart the server")]
    TooLong,
}

impl AnswerError {
    /// Whether the same request may be answered later. A cut is; what is no answer at all is not.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Cut => true,
            Self::Server { status, .. } => status.is_none_or(|status| status >= 500 || status == 429),
            _ => false,
        }
    }
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The samples that were not taken before, by index.
    pub choices: Vec<Choice>,
    /// The model that answered, as the server names it.
    pub model: Option<String>,
    /// What the server calls its state.
    pub fingerprint: Option<String>,
    /// Tokens of the prompt.
    pub prompt_tokens: Option<u32>,
    /// Tokens of all samples.
    pub completion_tokens: Option<u32>,
    /// Samples that nobody asked for, which are left out.
    pub n_extra: usize,
    /// Whether the server said log-probs of the prompt's tokens.
    pub has_prompt_logprobs: bool,
}

/// Reads an answer as its bytes come.
#[derive(Debug)]
pub struct AnswerReader {
    n_asked: u32,
    n_bytes: usize,
    form: Form,
    /// The first bytes, to be quoted.
    start: Vec<u8>,
    growing: Vec<Growing>,
    taken: Vec<bool>,
    seen: Vec<Seen>,
    answer: Answer,
    extra: Vec<u64>,
    is_done: bool,
    has_choices: bool,
}

#[derive(Debug)]
enum Form {
    /// Nothing but white space has come.
    Unknown,
    Stream(Events),
    Object(Vec<u8>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chunk {
    choices: Option<Vec<ChunkChoice>>,
    model: Option<String>,
    system_fingerprint: Option<String>,
    #[serde(deserialize_with = "if_readable")]
    usage: Option<Usage>,
    error: Option<Value>,
    object: Option<String>,
    messages: Option<serde::de::IgnoredAny>,
    prompt_logprobs: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    index: Option<u64>,
    #[serde(alias = "message")]
    delta: Option<Delta>,
    #[serde(default, deserialize_with = "if_readable")]
    logprobs: Option<Logprobs>,
    token_ids: Option<Vec<u32>>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<LongText>,
    reasoning_content: Option<LongText>,
    reasoning: Option<LongText>,
}

#[derive(Deserialize)]
struct Logprobs {
    #[serde(default)]
    content: Option<Vec<TokenEntry>>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

fn is_json(data: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok()
}

fn server_error(error: &Value) -> AnswerError {
    let (status, message) = error_of(error);
    AnswerError::Server { status, message }
}

impl AnswerReader {
    /// For an answer to a request of so many samples.
    pub fn new(n_asked: u32) -> Self {
        Self {
            n_asked,
            n_bytes: 0,
            form: Form::Unknown,
            start: Vec::new(),
            growing: vec![Growing::default(); n_asked as usize],
            taken: vec![false; n_asked as usize],
            seen: vec![Seen::default(); n_asked as usize],
            answer: Answer::default(),
            extra: Vec::new(),
            is_done: false,
            has_choices: false,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// As soon as it is clear that this is no answer. What ended before may still be taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), AnswerError> {
        self.n_bytes += bytes.len();
        if self.n_bytes > LONGEST_ANSWER {
            return Err(AnswerError::TooLong);
        }
        self.start.extend(bytes.iter().take(QUOTED.saturating_sub(self.start.len())));
        if let Form::Unknown = self.form {
            // A byte order mark belongs to neither form.
            let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
            self.form = match first {
                None => return Ok(()),
                Some(b'{' | b'[') => Form::Object(Vec::new()),
                Some(b'<') => return Err(AnswerError::WebPage),
                Some(_) => Form::Stream(Events::default()),
            };
        }
        match &mut self.form {
            Form::Object(all) => all.extend_from_slice(bytes),
            Form::Stream(events) => {
                let mut found = Vec::new();
                events.push(bytes, &mut |event| found.push(event)).map_err(|_long| AnswerError::TooLong)?;
                for event in found {
                    self.on(event)?;
                }
            }
            Form::Unknown => {}
        }
        Ok(())
    }

    /// The samples that have ended and were not taken before.
    pub fn take_ended(&mut self) -> Vec<Choice> {
        let mut ended = Vec::new();
        for (index, (growing, taken)) in self.growing.iter_mut().zip(&mut self.taken).enumerate() {
            if growing.has_ended() && !*taken && matches!(self.form, Form::Stream(_)) {
                *taken = true;
                ended.push(std::mem::take(growing).choice(index as u32));
            }
        }
        ended
    }

    /// What has come of samples that have not ended, since this was asked last.
    pub fn take_grown(&mut self) -> Vec<Growth> {
        let growing = self.growing.iter().zip(&mut self.seen).zip(&self.taken).enumerate();
        growing
            .filter(|(_, (_, taken))| !**taken)
            .filter_map(|(i, ((growing, seen), _))| seen.grown(i, growing))
            .collect()
    }

    /// The model that answers, once the server has said it.
    pub fn model(&self) -> Option<&str> {
        self.answer.model.as_deref()
    }

    /// The bytes have ended.
    ///
    /// # Errors
    /// When the answer had not, or when it is none.
    pub fn finish(mut self) -> Result<Answer, AnswerError> {
        match std::mem::replace(&mut self.form, Form::Unknown) {
            Form::Unknown => return Err(AnswerError::Cut),
            Form::Object(all) => {
                self.on_data(&all)?;
                if !self.has_choices {
                    return Err(self.not_an_answer());
                }
            }
            Form::Stream(mut events) => {
                let mut found = Vec::new();
                events.finish(&mut |event| found.push(event)).map_err(|_long| AnswerError::TooLong)?;
                for event in found {
                    // A last message without its end was cut, wherever that leaves its JSON.
                    let is_bad = |error: &AnswerError| matches!(error, AnswerError::NotAnAnswer { .. });
                    match self.on(event) {
                        Err(error) if is_bad(&error) => return Err(AnswerError::Cut),
                        other => other?,
                    }
                }
                match (self.is_done, self.has_choices) {
                    (true, true) => {}
                    (true, false) => return Err(self.not_an_answer()),
                    (false, _) if self.looks_like_a_stream() => return Err(AnswerError::Cut),
                    (false, _) => return Err(self.not_an_answer()),
                }
            }
        }
        let Self { growing, taken, mut answer, .. } = self;
        let left = growing.into_iter().zip(taken).enumerate().filter(|(_, (_, taken))| !taken);
        // A sample that was neither begun nor ended never came.
        let came = left.filter(|(_, (growing, _))| growing.reason.is_some() || !growing.text.is_empty());
        answer.choices = came.map(|(index, (growing, _))| growing.choice(index as u32)).collect();
        Ok(answer)
    }

    fn looks_like_a_stream(&self) -> bool {
        let start = self.start.trim_ascii_start();
        let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
        start.starts_with(b":")
            || [&b"data:"[..], b"event:", b"id:", b"retry:"].iter().any(|field| {
                let n = field.len().min(start.len());
                start[..n] == field[..n]
            })
    }

    fn not_an_answer(&self) -> AnswerError {
        AnswerError::NotAnAnswer { start: String::from_utf8_lossy(&self.start).trim().to_owned() }
    }

    fn on(&mut self, event: Event) -> Result<(), AnswerError> {
        match event {
            _ if self.is_done => Ok(()),
            Event::Error(error) => Err(server_error(&serde_json::from_slice(&error).unwrap_or_default())),
            Event::Data(data) if data.trim_ascii() == b"[DONE]" => {
                self.is_done = true;
                Ok(())
            }
            // Signs of life, as some gateways send them.
            Event::Data(data) if matches!(data.trim_ascii(), b"" | b"null") => Ok(()),
            // Some leave out the blank lines between messages; JSON itself has no line feed here.
            Event::Data(data) if data.contains(&b'\n') && !is_json(&data) => {
                data.split(|byte| *byte == b'\n').try_for_each(|line| self.on(Event::Data(line.to_vec())))
            }
            Event::Data(data) => self.on_data(&data),
        }
    }

    fn on_data(&mut self, data: &[u8]) -> Result<(), AnswerError> {
        let text = String::from_utf8_lossy(data);
        let chunk: Chunk = match from_json(&lenient(&text)) {
            Ok(chunk) => chunk,
            Err(error) if error.is_eof() => return Err(AnswerError::Cut),
            Err(_) => return Err(self.not_an_answer()),
        };
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(server_error(&error));
        }
        if chunk.object.as_deref() == Some("error") {
            return Err(server_error(&from_json(&lenient(&text)).unwrap_or_default()));
        }
        if chunk.choices.is_none() && chunk.messages.is_some() {
            return Err(AnswerError::Echo);
        }
        self.answer.model = chunk.model.filter(|model| !model.is_empty()).or(self.answer.model.take());
        self.answer.fingerprint = chunk.system_fingerprint.or(self.answer.fingerprint.take());
        self.answer.has_prompt_logprobs |= chunk.prompt_logprobs.is_some_and(|all| !all.is_empty());
        if let Some(usage) = chunk.usage {
            self.answer.prompt_tokens = usage.prompt_tokens.or(self.answer.prompt_tokens);
            self.answer.completion_tokens = usage.completion_tokens.or(self.answer.completion_tokens);
        }
        for (place, choice) in chunk.choices.unwrap_or_default().into_iter().enumerate() {
            self.has_choices = true;
            self.on_choice(place, choice);
        }
        Ok(())
    }

    fn on_choice(&mut self, place: usize, choice: ChunkChoice) {
        // Without indices, the order counts.
        let index = choice.index.unwrap_or(place as u64);
        let known = usize::try_from(index).ok().filter(|&at| at < self.growing.len() && !self.taken[at]);
        let Some(growing) = known.map(|at| &mut self.growing[at]).filter(|growing| !growing.has_ended())
        else {
            let is_late = index < u64::from(self.n_asked);
            if !is_late && !self.extra.contains(&index) && self.extra.len() < self.growing.len() + 1 {
                self.extra.push(index);
                self.answer.n_extra += 1;
            }
            return;
        };
        if let Some(delta) = choice.delta {
            let LongText(text) = delta.content.unwrap_or_default();
            if growing.text.is_empty() && !text.is_empty() {
                // What ended before was the reasoning.
                growing.reason = None;
            }
            growing.text.push_str(&text);
            // Two names for the same.
            let reasoning = delta.reasoning_content.or(delta.reasoning);
            growing.reasoning.push_str(&reasoning.unwrap_or_default().0);
        }
        growing.token_ids.extend(choice.token_ids.unwrap_or_default());
        growing.entries.extend(choice.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default());
        growing.reason = choice.finish_reason.filter(|reason| !reason.is_empty()).or(growing.reason.take());
    }
}
