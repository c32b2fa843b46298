//! What the page asks of the worker.

use serde::{Deserialize, Serialize};

use super::{JobId, LoadRequest, Origin, Pooling, Role, TemplateChoice};
use crate::data::{Day, Language, ModelRecord, Prompt, Response, SessionConfig};

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToWorker {
    /// Run a job; jobs run one after the other, in the order they came.
    Run {
        /// Its id, chosen by the page.
        job: JobId,
        /// What to do.
        request: Request,
    },
    /// Stop a job: a running one between two steps, a waiting one before it starts.
    Cancel {
        /// Which.
        job: JobId,
    },
    /// An earlier worker had a model loaded: before the next job that needs models it is loaded again. Picked files travel
    /// beside the message.
    Remember {
        /// How it came.
        origin: Box<Origin>,
    },
}

/// One thing to do, by what does it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    /// Load a model. Answered by [`super::Answer::Loaded`].
    Load(LoadRequest),
    /// Give up a loaded model and its memory. Answered by [`super::Answer::Done`].
    Unload {
        /// Which.
        role: Role,
    },
    /// About the models kept on this device; none needs to be loaded.
    Shelf(ShelfRequest),
    /// Between text and tokens; a tokenizer is enough.
    Text(TextRequest),
    /// For the models that are loaded.
    Model(ModelRequest),
}

/// About the models kept on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ShelfRequest {
    /// Which there are. Answered by [`super::Answer::Stored`].
    List,
    /// Delete one. Answered by [`super::Answer::Stored`] with what is left.
    Delete {
        /// [`super::StoredModel::id`].
        id: String,
    },
}

/// Between text and tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TextRequest {
    /// Token ids of a text. Answered by [`super::Answer::Ids`].
    Tokenize {
        /// The text.
        text: String,
        /// Whether special tokens written in the text become special tokens.
        special: bool,
    },
    /// Text of token ids. Answered by [`super::Answer::Text`].
    Detokenize {
        /// The ids.
        ids: Vec<u32>,
    },
    /// The chat template applied. Answered by [`super::Answer::Text`].
    RenderChat {
        /// The conversation.
        messages: Vec<Message>,
        /// Whether the model is to think, where its template has a switch for it.
        #[serde(default)]
        thinking: bool,
        /// The day that it tells the model, where it tells one.
        #[serde(default)]
        date: Option<Day>,
    },
}

/// For the models that are loaded: the generator, but where something else is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelRequest {
    /// Answer prompts, score, select. Answered by [`super::Answer::Built`].
    Build(Box<BuildRequest>),
    /// Ask the model about responses that are there. Answered by [`super::Answer::Measured`].
    Measure(Box<super::MeasureRequest>),
    /// Respond to one prompt `n` times. Answered by [`super::Answer::Generated`].
    Generate(Box<GenerateRequest>),
    /// Translate texts of a prompt set. Answered by [`super::Answer::Translated`]; the texts come before, as responses.
    Translate(TranslateRequest),
    /// Log-probs of a given completion. Answered by [`super::Answer::Scored`].
    Score {
        /// The prompt.
        input: Input,
        /// What the model is forced to say.
        completion: String,
        /// The day that the chat template tells the model, where it tells one.
        #[serde(default)]
        date: Option<Day>,
    },
    /// Logits after the last token. Answered by [`super::Answer::Numbers`].
    Logits {
        /// Token ids in the model's vocabulary.
        tokens: Vec<u32>,
    },
    /// One vector per text, by the encoder or the generator. Answered by [`super::Answer::Vectors`].
    Embed(EmbedRequest),
    /// Ask the loaded generator with another chat template from now on. Answered by [`super::Answer::Loaded`].
    PickTemplate {
        /// Which.
        template: TemplateChoice,
    },
    /// Counts of all loaded models since the last reset. Answered by [`super::Answer::Counted`].
    Counters,
    /// Set all counters to zero. Answered by [`super::Answer::Done`].
    ResetCounters,
}

impl From<LoadRequest> for Request {
    fn from(request: LoadRequest) -> Self {
        Self::Load(request)
    }
}

impl From<ShelfRequest> for Request {
    fn from(request: ShelfRequest) -> Self {
        Self::Shelf(request)
    }
}

impl From<TextRequest> for Request {
    fn from(request: TextRequest) -> Self {
        Self::Text(request)
    }
}

impl From<ModelRequest> for Request {
    fn from(request: ModelRequest) -> Self {
        Self::Model(request)
    }
}

/// Make vectors of texts: by the encoder, as its authors made it to, or by states of the generator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmbedRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// By which model; `None` is the encoder where one is loaded and neither layer nor pooling is given.
    #[serde(default)]
    pub role: Option<Role>,
    /// The generator's states after how many layers; `None` is the middle, `round(n_layers / 2)`.
    #[serde(default)]
    pub layer: Option<u32>,
    /// How the generator's states are pooled; `None` is the mean.
    #[serde(default)]
    pub pooling: Option<Pooling>,
    /// What the texts are to an encoder that tells questions from answers.
    #[serde(default)]
    pub text_kind: TextKind,
    /// Whether the generator reads as much as fits of a text that is too long, as an encoder does, instead of refusing it.
    #[serde(default)]
    pub cuts: bool,
}

impl EmbedRequest {
    /// Whether it is one for the encoder, where there is one.
    pub fn is_for_encoder(&self) -> bool {
        match self.role {
            Some(role) => role == Role::Encoder,
            None => self.layer.is_none() && self.pooling.is_none(),
        }
    }
}

/// What a text is to an encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// One among its like.
    #[default]
    Similar,
    /// A question.
    Query,
    /// What may answer one.
    Passage,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

/// A prompt in one of its three forms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// A conversation; the chat template is applied.
    Messages(Vec<Message>),
    /// Text as it is, no template.
    Prompt(String),
    /// Token ids as they are.
    Tokens(Vec<u32>),
}

/// Respond to one prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerateRequest {
    /// The prompt.
    pub input: Input,
    /// Sampling settings, `n`, `seed`, `maxTokens`, `thinking` and `date`; the other fields are not used.
    pub config: SessionConfig,
    /// Strings that end a response; they are left out of it.
    pub stop: Vec<String>,
}

/// Translate texts of a prompt set, each once, by the most likely tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranslateRequest {
    /// The texts.
    pub texts: Vec<SourceText>,
    /// The day that the chat template tells the model, where it tells one.
    #[serde(default)]
    pub date: Option<Day>,
}

/// A prompt's text, and the language that it is to be translated into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceText {
    /// Which prompt.
    pub prompt_id: String,
    /// Its language.
    pub from: Language,
    /// The language that is asked for.
    pub into: Language,
    /// The text.
    pub text: String,
}

/// Answer a prompt set, score, select.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildRequest {
    /// The prompts, answered in their own order.
    pub prompts: Vec<Prompt>,
    /// The settings.
    pub config: SessionConfig,
    /// Responses that exist already, from a run that was cut short; they are kept, not made again.
    pub finished: Vec<Response>,
    /// What made them; another model or chat template is refused, as its responses would be mixed with theirs.
    #[serde(default)]
    pub finished_by: Option<ModelRecord>,
    /// ISO 8601 time of the run.
    pub created: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{BackendChoice, ModelSource};

    /// One of each request is what it was when the other side has read it.
    #[test]
    fn every_request_survives_the_port() {
        let text = || "ab".to_owned();
        let input = || Input::Messages(vec![Message { role: text(), content: text() }]);
        let config = SessionConfig::default;
        let build = BuildRequest {
            prompts: Vec::new(),
            config: config(),
            finished: Vec::new(),
            finished_by: None,
            created: text(),
        };
        let source = ModelSource::Url { url: text(), sha256: None };
        let generate =
            GenerateRequest { input: Input::Tokens(vec![1]), config: config(), stop: vec![text()] };
        let embed =
            EmbedRequest { texts: vec![text()], role: Some(Role::Encoder), ..EmbedRequest::default() };
        let source_text =
            SourceText { prompt_id: text(), from: "en".into(), into: "de".into(), text: text() };
        let translate = TranslateRequest { texts: vec![source_text], date: Some(Day::FIXED) };
        let requests: [Request; 16] = [
            LoadRequest::new(source, Role::Encoder, BackendChoice::Auto).into(),
            Request::Unload { role: Role::Tokenizer },
            ShelfRequest::List.into(),
            ShelfRequest::Delete { id: text() }.into(),
            TextRequest::Tokenize { text: text(), special: true }.into(),
            TextRequest::Detokenize { ids: vec![1, 2] }.into(),
            TextRequest::RenderChat { messages: Vec::new(), thinking: true, date: Some(Day::FIXED) }.into(),
            ModelRequest::Build(Box::new(build)).into(),
            ModelRequest::Generate(Box::new(generate)).into(),
            ModelRequest::Translate(translate).into(),
            ModelRequest::Score { input: input(), completion: text(), date: None }.into(),
            ModelRequest::Logits { tokens: vec![1] }.into(),
            ModelRequest::Embed(embed).into(),
            ModelRequest::PickTemplate { template: TemplateChoice::File }.into(),
            ModelRequest::Counters.into(),
            ModelRequest::ResetCounters.into(),
        ];
        for request in requests {
            let message = ToWorker::Run { job: 7, request };
            let sent = serde_json::to_value(&message).unwrap();
            assert_eq!(serde_json::from_value::<ToWorker>(sent.clone()).unwrap(), message, "{sent}");
        }
    }
}
