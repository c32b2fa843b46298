//! Everything that crosses between the page and the worker, and nothing else.
//!
//! Plain values only: no maps keyed by anything but strings, no 64-bit integers, no device types. A
//! picked file cannot be serialised; the port hands it over beside the message (see
//! [`ModelSource::File`]). Every message a job causes carries its [`JobId`].

use serde::{Deserialize, Serialize};

use crate::data::{Language, Prompt, Response, Session, SessionConfig};

/// Identifies one request of the page; unique per page load.
pub type JobId = u32;

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
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
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Request {
    /// Load a model. Answered by [`Answer::Loaded`].
    LoadModel(LoadRequest),
    /// Answer prompts, score, select. Answered by [`Answer::Built`].
    Build(Box<BuildRequest>),
    /// Respond to one prompt `n` times. Answered by [`Answer::Generated`].
    Generate(GenerateRequest),
    /// Log-probs of a given completion. Answered by [`Answer::Scored`].
    Score {
        /// The prompt.
        input: Input,
        /// What the model is forced to say.
        completion: String,
    },
    /// Logits after the last token. Answered by [`Answer::Numbers`].
    Logits {
        /// Token ids.
        tokens: Vec<u32>,
    },
    /// One vector per text. Answered by [`Answer::Vectors`].
    Embed {
        /// The texts.
        texts: Vec<String>,
        /// After how many layers; `None` is the middle, `round(n_layers / 2)`.
        layer: Option<u32>,
        /// `mean` or `last`.
        pooling: PoolingChoice,
    },
    /// Token ids of a text. Answered by [`Answer::Ids`].
    Tokenize {
        /// The text.
        text: String,
        /// Whether special tokens written in the text become special tokens.
        special: bool,
    },
    /// Text of token ids. Answered by [`Answer::Text`].
    Detokenize {
        /// The ids.
        ids: Vec<u32>,
    },
    /// The chat template applied. Answered by [`Answer::Text`].
    RenderChat {
        /// The conversation.
        messages: Vec<Message>,
    },
    /// The models kept on this device. Answered by [`Answer::Stored`].
    StoredModels,
    /// Delete a kept model. Answered by [`Answer::Stored`] with what is left.
    DeleteModel {
        /// [`StoredModel::id`].
        id: String,
    },
    /// Counts since the last reset. Answered by [`Answer::Counted`].
    Counters,
    /// Start counting anew. Answered by [`Answer::Done`].
    ResetCounters,
}

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "camelCase")]
pub enum ModelSource {
    /// The teaching model that ships with the page.
    Teaching {
        /// Its address, resolved by the page.
        url: String,
    },
    /// An address.
    Url {
        /// Absolute, or a repository of the Hub as people write it: `owner/name`, `owner/name:Q8_0`,
        /// `owner/name/file.gguf`.
        url: String,
        /// Expected SHA-256, hex; a mismatch is refused.
        sha256: Option<String>,
    },
    /// A picked file or blob, which travels beside the message.
    File {
        /// Its name, for messages.
        name: String,
    },
}

/// What a model is loaded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It answers prompts.
    #[default]
    Generator,
    /// It embeds responses.
    Encoder,
    /// Only its tokenizer is wanted.
    Tokenizer,
}

/// What runs the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendChoice {
    /// Measure both and take the faster.
    #[default]
    Auto,
    /// The GPU, or an error.
    Webgpu,
    /// The CPU reference.
    Cpu,
}

impl BackendChoice {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Webgpu, Self::Cpu];

    /// The name in messages and settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Webgpu => "webgpu",
            Self::Cpu => "cpu",
        }
    }
}

/// Load a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadRequest {
    /// From where.
    pub source: ModelSource,
    /// What for.
    #[serde(default)]
    pub role: Role,
    /// On what.
    #[serde(default)]
    pub backend: BackendChoice,
    /// Whether a file that is fetched stays on this device.
    #[serde(default = "yes")]
    pub keep: bool,
    /// Another address of the Hub, such as a mirror.
    #[serde(default)]
    pub hub: Option<String>,
}

impl LoadRequest {
    /// With everything else as usual.
    pub fn new(source: ModelSource, role: Role, backend: BackendChoice) -> Self {
        Self { source, role, backend, keep: true, hub: None }
    }
}

fn yes() -> bool {
    true
}

/// Which states of the tokens are pooled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolingChoice {
    /// Their mean.
    #[default]
    Mean,
    /// The last one.
    Last,
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
    /// Sampling settings, `n`, `seed` and `maxTokens`; the other fields are not used.
    pub config: SessionConfig,
    /// Strings that end a response; they are left out of it.
    pub stop: Vec<String>,
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
    /// ISO 8601 time of the run.
    pub created: String,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromWorker {
    /// Said first, once; the page queues until then.
    Ready {
        /// What the machine offers.
        environment: Environment,
    },
    /// How far a job is.
    Progress {
        /// Which job.
        job: JobId,
        /// How far.
        progress: Progress,
    },
    /// New text of running responses.
    Tokens {
        /// Which job.
        job: JobId,
        /// One entry per response that grew.
        updates: Vec<TokenUpdate>,
    },
    /// Responses that have ended: to be kept at once.
    Responses {
        /// Which job.
        job: JobId,
        /// The ended ones.
        responses: Vec<Response>,
    },
    /// A job's end: its result.
    Finished {
        /// Which job.
        job: JobId,
        /// Its result.
        answer: Answer,
    },
    /// A job's end: it failed. `job` is absent when the whole worker is concerned.
    Failed {
        /// Which job.
        job: Option<JobId>,
        /// Why.
        fault: Fault,
    },
}

/// The result of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Answer {
    /// The model is loaded.
    Loaded(Box<ModelInfo>),
    /// The session, whole or, when cancelled, as far as it came.
    Built(Box<BuildOutcome>),
    /// The responses.
    Generated(Vec<Generated>),
    /// The forced completion's tokens.
    Scored(Scored),
    /// Numbers, such as logits.
    Numbers(Vec<f32>),
    /// Vectors, such as embeddings.
    Vectors(Vec<Vec<f32>>),
    /// Token ids.
    Ids(Vec<u32>),
    /// A text.
    Text(String),
    /// The models kept on this device.
    Stored(Vec<StoredModel>),
    /// Counts.
    Counted(CounterReport),
    /// Nothing to say.
    Done,
}

/// A model file kept on this device, whole or as far as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredModel {
    /// For [`Request::DeleteModel`].
    pub id: String,
    /// The file's name.
    pub name: String,
    /// What it was loaded by, and can be loaded by again.
    pub address: String,
    /// Size of the file.
    pub n_bytes: f64,
    /// How much of it is here.
    pub bytes_here: f64,
    /// Hex, once the whole file was read.
    pub sha256: Option<String>,
}

/// What a build gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildOutcome {
    /// The session; references and pairs cover what has finished.
    pub session: Session,
    /// Whether it was cancelled before all responses ended.
    pub cancelled: bool,
    /// Prompts left out, each with what to do about it.
    pub problems: Vec<String>,
}

/// One response of `generate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// Special tokens and stop string left out.
    pub text: String,
    /// Token ids, end-of-turn left out.
    pub tokens: Vec<u32>,
    /// Raw log-prob of each token, in nats.
    pub logprobs: Vec<f32>,
    /// Log-prob of each token under the sampling distribution, in nats.
    pub sampled_logprobs: Vec<f32>,
    /// Why it ended.
    pub finish_reason: crate::data::FinishReason,
}

/// A forced completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Its token ids.
    pub tokens: Vec<u32>,
    /// Raw log-prob of each, in nats.
    pub logprobs: Vec<f32>,
}

/// What runs, or could run, a model here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Version of Concord.
    pub version: String,
    /// `webgpu` if an adapter was found, else `cpu`.
    pub backend: String,
    /// The adapter's name, or `None`.
    pub adapter: Option<String>,
    /// Why there is no WebGPU and how to get it, for the person; empty when there is.
    pub webgpu_help: String,
}

/// A loaded model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// From the file's metadata, else the file's name.
    pub name: String,
    /// Hex.
    pub sha256: String,
    /// Such as `llama`.
    pub architecture: String,
    /// The type most weights have, such as `Q8_0`.
    pub quantization: String,
    /// Number of weights.
    pub parameters: f64,
    /// File size.
    pub n_bytes: f64,
    /// Rows of the embedding table.
    pub vocab_size: u32,
    /// Longest sequence, in tokens.
    pub seq_len: u32,
    /// Transformer layers.
    pub n_layers: u32,
    /// Width of the residual stream.
    pub dim: u32,
    /// `webgpu` or `cpu`.
    pub backend: String,
    /// The adapter's name when on WebGPU.
    pub adapter: Option<String>,
    /// What "auto" measured, in tokens per second; 0 where it did not.
    pub measured: Measured,
    /// Memory, in bytes.
    pub memory: MemoryReport,
    /// Sequences decoded at once.
    pub rows: u32,
    /// What the person should know of how it was loaded, such as that it could not be kept; sentences.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Tokens per second of both backends on the same short job; 0 where not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// On the GPU.
    pub webgpu: f64,
    /// On the CPU.
    pub cpu: f64,
}

/// The memory plan, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// Weights.
    pub weights: f64,
    /// Keys and values.
    pub kv: f64,
    /// Activations and the rest.
    pub scratch: f64,
}

/// What a job is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading model bytes: counts are bytes.
    #[default]
    Load,
    /// Waiting for the connection.
    Offline,
    /// Waiting for another tab that fetches the same file.
    Queue,
    /// Measuring the backends.
    Measure,
    /// Making responses: counts are responses.
    Generate,
    /// Embedding responses: counts are responses.
    Embed,
    /// Picking references and pairs: counts are prompts.
    Select,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Done so far, in the stage's unit.
    pub done: f64,
    /// Of how many; 0 when unknown.
    pub total: f64,
    /// Tokens generated so far.
    pub tokens: f64,
    /// Tokens per second over the last few seconds; 0 when unknown.
    pub tokens_per_sec: f64,
    /// Bytes read per second over the last few seconds; 0 when unknown.
    pub bytes_per_sec: f64,
    /// Rows decoding now.
    pub rows_live: u32,
    /// Rows waiting for a place.
    pub rows_waiting: u32,
    /// Estimate of what is left, in seconds; `None` when unknown.
    pub remaining_secs: Option<f64>,
}

/// New text of one running response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenUpdate {
    /// Which prompt; empty for `generate`.
    pub prompt_id: String,
    /// In which language; empty for `generate`.
    pub language: Language,
    /// Which sample.
    pub sample: u32,
    /// Text since the last update; never half a character.
    pub text: String,
    /// Tokens of the response so far.
    pub n_tokens: u32,
}

/// Work done since the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CounterReport {
    /// Prompt tokens put through the layers.
    pub prompt_tokens_evaluated: f64,
    /// Tokens put through the layers to embed or score text.
    pub text_tokens_evaluated: f64,
    /// Tokens sampled and kept.
    pub tokens_generated: f64,
    /// Decode steps.
    pub steps: f64,
    /// GPU dispatches of decode steps.
    pub decode_dispatches: f64,
    /// GPU dispatches in all.
    pub dispatches: f64,
    /// Command buffers submitted.
    pub submits: f64,
    /// Bytes read back from the GPU.
    pub bytes_read_back: f64,
    /// Bytes of GPU buffers held.
    pub gpu_bytes: f64,
    /// Largest size of the worker's heap so far.
    pub peak_heap_bytes: f64,
}

/// What a person, or a script, can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// The job was cancelled.
    Cancelled,
    /// No model is loaded.
    NoModel,
    /// The file is broken, hostile or of an unsupported kind.
    BadModel,
    /// The file's SHA-256 is not the one given.
    HashMismatch,
    /// It could not be fetched or read.
    Unreachable,
    /// There is no room to keep it.
    NoRoom,
    /// Another tab has it open.
    InUse,
    /// It does not fit the device.
    DoesNotFit,
    /// There is no usable WebGPU.
    NoWebgpu,
    /// The device was lost; the model must be loaded again.
    DeviceLost,
    /// Out of memory while running.
    OutOfMemory,
    /// The prompts or settings cannot be used.
    BadInput,
    /// The chat template failed.
    BadTemplate,
    /// A bug in Concord.
    Internal,
}

impl FaultCode {
    /// The code as scripts see it, such as `no-model`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::NoModel => "no-model",
            Self::BadModel => "bad-model",
            Self::HashMismatch => "hash-mismatch",
            Self::Unreachable => "unreachable",
            Self::NoRoom => "no-room",
            Self::InUse => "in-use",
            Self::DoesNotFit => "does-not-fit",
            Self::NoWebgpu => "no-webgpu",
            Self::DeviceLost => "device-lost",
            Self::OutOfMemory => "out-of-memory",
            Self::BadInput => "bad-input",
            Self::BadTemplate => "bad-template",
            Self::Internal => "internal",
        }
    }
}

/// Why a job failed: `code` to branch on, `message` for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// For programs.
    pub code: FaultCode,
    /// For people: names the thing and says what to do.
    pub message: String,
}

impl Fault {
    /// A fault of the given kind.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
