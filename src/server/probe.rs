//! The few small requests that show what a server can do.
//!
//! Two samples of four tokens with one seed, two with the next, and the first two again: that shows whether several samples come
//! at once, whether they differ, whether a seed repeats them, and whether sample i has the seed + i. Then a prompt's log-probs
//! and a vector are asked for.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, AnswerReader, Capabilities, ServerKind,
    pace::{Verdict, verdict},
    refusal_message, request_body,
};
use crate::{data::SessionConfig, job::Asking};

/// What is asked: anything may follow, so that samples differ.
const QUESTION: &str = "Name any ten animals.";
/// High, so that four tokens differ; OpenAI's allows 2.
const TEMPERATURE: f32 = 1.5;
/// Tokens of each sample.
const MAX_TOKENS: u32 = 4;
/// Seed of the first request.
const SEED: u32 = 1_024;
/// Samples and log-probs that are asked for; the first that is not refused holds.
const FORMS: [(u32, bool); 4] = [(2, true), (1, true), (2, false), (1, false)];
/// Most models of a list.
const MOST_MODELS: usize = 1_000;

/// The models of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelList {
    /// Their names, as requests need them.
    pub names: Vec<String>,
    /// The program that the list tells of.
    pub kind: ServerKind,
}

impl ModelList {
    /// Reads the answer to `/models`; `None` where it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct List {
            data: Option<Vec<Model>>,
            object: Option<String>,
        }
        #[derive(Deserialize)]
        struct Model {
            id: String,
            owned_by: Option<String>,
        }
        let list: List = serde_json::from_slice(body).ok()?;
        // Ollama without a model says null.
        let models = match list.data {
            Some(models) => models,
            None if list.object.as_deref() == Some("list") => Vec::new(),
            None => return None,
        };
        let owner = models.first().and_then(|model| model.owned_by.as_deref()).unwrap_or_default();
        let kind = ServerKind::by_owner(owner);
        let names = models.into_iter().map(|model| model.id).filter(|name| !name.is_empty());
        Some(Self { names: names.take(MOST_MODELS).collect(), kind })
    }
}

/// A request to be sent as `POST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRequest {
    /// Behind the address, such as `/chat/completions`.
    pub call: &'static str,
    /// JSON.
    pub body: String,
}

/// What the server said to one.
#[derive(Clone, Copy, Debug)]
pub enum ProbeReply<'a> {
    /// An answer, whatever its status.
    Status(u16, &'a [u8]),
    /// None.
    NoAnswer,
}

/// Why nothing can be said of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// It does not answer a chat. What it says is not yet cleaned for showing.
    #[error("the server does not answer a chat with {model} (status {status}): {message}")]
    Refused {
        /// The model.
        model: String,
        /// HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// It listed its models, and then did not answer.
    #[error("the server lists its models and does not answer a chat: look at what it prints, then try again")]
    NoAnswer,
    /// Its answer is none.
    #[error("{0}")]
    Unreadable(#[from] super::AnswerError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Chat(usize),
    PromptLogprobs,
    Embeddings,
    Done,
}

/// A probe under way.
#[derive(Debug)]
pub struct Probe {
    step: Step,
    form: usize,
    answers: Vec<Answer>,
    found: Capabilities,
}

impl Probe {
    /// For one of the server's models.
    pub fn new(kind: ServerKind, model: &str) -> Self {
        let found = Capabilities { kind, model: model.to_owned(), ..Capabilities::default() };
        Self { step: Step::Chat(0), form: 0, answers: Vec::new(), found }
    }

    /// What is to be sent now; `None` when all is found.
    pub fn next(&self) -> Option<ProbeRequest> {
        let model = self.found.model.as_str();
        let (call, body) = match self.step {
            Step::Chat(at) => {
                let (count, has_logprobs) = FORMS[self.form];
                // The second request has the next seed.
                let first = u32::from(at == 1);
                let (text, max_tokens) = (QUESTION, MAX_TOKENS);
                let asking = Asking { model, text, base_seed: SEED, first, count, max_tokens, has_logprobs };
                let config = SessionConfig { temperature: TEMPERATURE, ..SessionConfig::default() };
                ("/chat/completions", request_body(self.found.kind, &config, &asking))
            }
            Step::PromptLogprobs => {
                let messages = json!([{ "role": "user", "content": QUESTION }]);
                let body = json!({ "model": model, "messages": messages, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0 });
                ("/chat/completions", body.to_string())
            }
            Step::Embeddings => ("/embeddings", json!({ "model": model, "input": [QUESTION] }).to_string()),
            Step::Done => return None,
        };
        Some(ProbeRequest { call, body })
    }

    /// Takes what was said to the last request.
    ///
    /// # Errors
    /// When the server does not answer a chat; what else it does not answer it cannot do.
    pub fn on(&mut self, reply: ProbeReply<'_>) -> Result<(), ProbeError> {
        match self.step {
            Step::Chat(at) => self.on_chat(at, reply)?,
            Step::PromptLogprobs => {
                let answer = success(reply).and_then(|body| read(1, body).ok());
                self.found.prompt_logprobs = answer.is_some_and(|answer| answer.has_prompt_logprobs);
                self.step = Step::Embeddings;
            }
            Step::Embeddings => {
                let value = success(reply).and_then(|body| serde_json::from_slice::<Value>(body).ok());
                let vector = value.as_ref().and_then(|value| value.pointer("/data/0/embedding")?.as_array());
                self.found.embeddings = vector.is_some_and(|vector| !vector.is_empty());
                self.step = Step::Done;
            }
            Step::Done => {}
        }
        Ok(())
    }

    /// What was found.
    pub fn found(self) -> Capabilities {
        self.found
    }

    fn on_chat(&mut self, at: usize, reply: ProbeReply<'_>) -> Result<(), ProbeError> {
        let ProbeReply::Status(status, body) = reply else { return Err(ProbeError::NoAnswer) };
        if verdict(status) != Verdict::Answered {
            let may_be_the_form = matches!(status, 400 | 422) && at == 0 && self.form + 1 < FORMS.len();
            if may_be_the_form {
                self.form += 1;
                return Ok(());
            }
            let (model, message) = (self.found.model.clone(), refusal_message(body));
            return Err(ProbeError::Refused { model, status, message });
        }
        self.answers.push(read(FORMS[self.form].0, body)?);
        self.step = match at {
            0 | 1 => Step::Chat(at + 1),
            _ if self.found.kind.is_strict() => Step::Embeddings,
            _ => Step::PromptLogprobs,
        };
        if at == 2 {
            self.conclude();
        }
        Ok(())
    }

    /// What the three answers say.
    fn conclude(&mut self) {
        let [first, second, again] = self.answers.as_slice() else { return };
        let text = |answer: &Answer, at: usize| {
            answer.choices.iter().find(|choice| choice.index as usize == at).map(|choice| choice.text.clone())
        };
        let found = &mut self.found;
        let choices = || first.choices.iter().chain(&second.choices);
        found.served = first.model.clone();
        found.several = first.choices.len() > 1 && second.choices.len() > 1;
        found.equal_texts = choices().all(|choice| Some(&choice.text) == text(first, 0).as_ref());
        let is_repeated = (0..first.choices.len()).all(|at| text(first, at) == text(again, at));
        found.seed = is_repeated && !found.equal_texts;
        found.counts_seeds = found.seed && found.several && text(first, 1) == text(second, 0);
        found.logprobs = choices().all(|choice| choice.logprob.is_ok());
        found.token_ids = choices().all(|choice| !choice.tokens.is_empty());
    }
}

fn success(reply: ProbeReply<'_>) -> Option<&[u8]> {
    match reply {
        ProbeReply::Status(200, body) => Some(body),
        _ => None,
    }
}

fn read(n: u32, body: &[u8]) -> Result<Answer, super::AnswerError> {
    let mut reader = AnswerReader::new(n);
    reader.push(body)?;
    reader.finish()
}
