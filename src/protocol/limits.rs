//! How large a request may be. What nothing here could serve is refused before anything is allocated for it.

use super::{
    BuildRequest, EmbedRequest, Fault, FaultCode, GenerateRequest, Input, LoadRequest, MeasureRequest,
    Message, ModelRequest, ModelSource, TextRequest,
};
use crate::data::{MOST_RESPONSES, Prompt, check_run, check_settings};

/// Most sequences that a model is loaded for.
pub const MOST_ROWS: u32 = 256;
/// Most tokens of a prompt, or of a response that a model is loaded for: more than any context here.
pub const MOST_TOKENS: usize = 1 << 20;
/// Longest text of a prompt, a completion or a message. Tokenising it takes seconds; no context here holds it.
pub const MOST_TEXT_BYTES: usize = 4 << 20;
/// Most texts that are embedded or translated by one request.
pub const MOST_TEXTS: usize = 100_000;
/// Most turns of a conversation.
pub const MOST_MESSAGES: usize = 10_000;
/// Most strings that end a response; each is looked for after every token.
pub const MOST_STOPS: usize = 64;
/// Longest of them.
pub const MOST_STOP_BYTES: usize = 1_000;
/// Most layers that states are taken after.
pub const MOST_LAYERS: usize = 1_024;
/// Most things that are measured at once.
pub const MOST_KINDS: usize = 64;
/// Most files of a model.
pub const MOST_FILES: usize = 1_000;
/// Longest address.
pub const MOST_ADDRESS_BYTES: usize = 10_000;

impl LoadRequest {
    /// Whether the request is of a size that can be served, whatever the file.
    ///
    /// # Errors
    /// [`FaultCode::BadInput`] with what may be asked.
    pub fn check(&self) -> Result<(), Fault> {
        match &self.source {
            ModelSource::Teaching { url } | ModelSource::Url { url, .. } => {
                at_most("the address has", url.len(), MOST_ADDRESS_BYTES, "bytes")?;
            }
            ModelSource::File { names } => at_most("the model has", names.len(), MOST_FILES, "files")?,
        }
        asked("rows", self.rows, MOST_ROWS)?;
        asked("rowTokens", self.row_tokens, MOST_TOKENS as u32)
    }
}

impl TextRequest {
    /// As [`ModelRequest::check`].
    ///
    /// # Errors
    /// [`FaultCode::BadInput`] with what may be asked.
    pub fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Tokenize { text, .. } => check_text("the text", text),
            Self::Detokenize { ids } => check_tokens(ids),
            Self::RenderChat { messages, .. } => check_messages(messages),
        }
    }
}

impl ModelRequest {
    /// Whether the request is of a size that can be served, whatever is loaded.
    ///
    /// # Errors
    /// [`FaultCode::BadInput`] with what may be asked.
    pub fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Build(request) => check_build(request),
            Self::Measure(request) => check_measure(request),
            Self::Generate(request) => check_generate(request),
            Self::Translate(request) => {
                at_most("the request has", request.texts.len(), MOST_TEXTS, "texts")?;
                request.texts.iter().try_for_each(|source| check_text("a text", &source.text))
            }
            Self::Score { input, completion, .. } => {
                check_input(input)?;
                check_text("the completion", completion)
            }
            Self::Logits { tokens } => check_tokens(tokens),
            Self::Embed(request) => check_embed(request),
            Self::PickTemplate { .. } | Self::Counters | Self::ResetCounters => Ok(()),
        }
    }
}

fn check_build(request: &BuildRequest) -> Result<(), Fault> {
    let config = &request.config;
    if request.prompts.is_empty() {
        return Err(refused("there are no prompts; open a prompt file or take the starter prompts"));
    }
    if let Some(problem) = check_run(&request.prompts, config).first() {
        return Err(refused(problem.to_string()));
    }
    if let Some(i) = request
        .finished
        .iter()
        .position(|response| response.logprob.is_some_and(|logprob| !logprob.is_finite()))
    {
        return Err(refused(format!(
            "finished[{i}].logprob: the number is not finite; leave this response out"
        )));
    }
    if config.n < 2 {
        let n = config.n;
        return Err(refused(format!(
            "n is {n}; consistency needs at least 2 responses per prompt and language"
        )));
    }
    if config.languages.len() < 2 && !config.anchor_pairs {
        return Err(refused("only one language is asked for; add another, or switch anchor pairs on"));
    }
    at_most("the run already has", request.finished.len(), MOST_RESPONSES, "responses")?;
    check_prompts(&request.prompts)
}

fn check_measure(request: &MeasureRequest) -> Result<(), Fault> {
    at_most("the request names", request.kinds.len(), MOST_KINDS, "kinds of measurements")?;
    at_most("the request names", request.layers.len(), MOST_LAYERS, "layers")?;
    at_most("the request has", request.responses.len(), MOST_RESPONSES, "responses")?;
    check_prompts(&request.prompts)
}

fn check_generate(request: &GenerateRequest) -> Result<(), Fault> {
    if let Some(problem) = check_settings(&request.config).first() {
        return Err(refused(problem.to_string()));
    }
    at_most("the request has", request.stop.len(), MOST_STOPS, "stop strings")?;
    request
        .stop
        .iter()
        .try_for_each(|stop| at_most("a stop string has", stop.len(), MOST_STOP_BYTES, "bytes"))?;
    check_input(&request.input)
}

fn check_embed(request: &EmbedRequest) -> Result<(), Fault> {
    at_most("the request has", request.texts.len(), MOST_TEXTS, "texts")?;
    request.texts.iter().try_for_each(|text| check_text("a text", text))
}

fn check_prompts(prompts: &[Prompt]) -> Result<(), Fault> {
    for prompt in prompts {
        for (language, text) in &prompt.text {
            check_text(&format!("prompt {} in {}", prompt.id, language.as_str()), text)?;
        }
    }
    Ok(())
}

fn check_input(input: &Input) -> Result<(), Fault> {
    match input {
        Input::Messages(messages) => check_messages(messages),
        Input::Prompt(text) => check_text("the prompt", text),
        Input::Tokens(tokens) => check_tokens(tokens),
    }
}

fn check_messages(messages: &[Message]) -> Result<(), Fault> {
    at_most("the conversation has", messages.len(), MOST_MESSAGES, "messages")?;
    messages.iter().try_for_each(|message| check_text("a message", &message.content))
}

fn check_tokens(tokens: &[u32]) -> Result<(), Fault> {
    at_most("the request has", tokens.len(), MOST_TOKENS, "tokens")
}

fn check_text(name: &str, text: &str) -> Result<(), Fault> {
    at_most(&format!("{name} has"), text.len(), MOST_TEXT_BYTES, "bytes")
}

/// `what` begins the sentence, such as `the request has`.
fn at_most(what: &str, n: usize, most: usize, unit: &str) -> Result<(), Fault> {
    if n > most { Err(refused(format!("{what} {n} {unit}; ask for at most {most} {unit}"))) } else { Ok(()) }
}

/// A number that a model is to be loaded with, in its range.
///
/// # Errors
/// [`FaultCode::BadInput`] with the range.
pub fn asked(name: &str, value: Option<u32>, most: u32) -> Result<(), Fault> {
    match value {
        Some(value) if value == 0 || value > most => {
            Err(refused(format!("{name} is {value}; ask for 1 to {most}, or leave it out")))
        }
        _ => Ok(()),
    }
}

fn refused(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::BadInput, message)
}
