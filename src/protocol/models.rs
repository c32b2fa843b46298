//! Models: how to ask for one, and what is known about the loaded one, the kept ones, and what runs them.

use serde::{Deserialize, Serialize};

use super::{Pooling, TemplateChoice};

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
    /// Picked files or blobs, which travel beside the message: one, or all parts of a model.
    File {
        /// Their names, in their order, with the folders below the model's own.
        names: Vec<String>,
    },
}

/// What a model is loaded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Every variant, for lists and for finding one by its name.
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

/// What a model runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The CPU reference; a tokenizer alone is there too.
    #[default]
    Cpu,
    /// The GPU engine.
    Webgpu,
}

impl Backend {
    /// The name in messages and on the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Webgpu => "webgpu",
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
    /// Responses written at once; `None` for as many as fit, at most 64.
    #[serde(default)]
    pub rows: Option<u32>,
    /// Tokens of a response that there may be room for in every row; `None` for what the device has, at most 512.
    #[serde(default)]
    pub row_tokens: Option<u32>,
    /// The chat template that a generator is asked with.
    #[serde(default)]
    pub template: TemplateChoice,
}

impl LoadRequest {
    /// With everything else as usual.
    pub fn new(source: ModelSource, role: Role, backend: BackendChoice) -> Self {
        let template = TemplateChoice::File;
        Self { source, role, backend, keep: true, hub: None, rows: None, row_tokens: None, template }
    }
}

fn yes() -> bool {
    true
}

/// A model kept on this device, whole or as far as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredModel {
    /// For [`super::ShelfRequest::Delete`].
    pub id: String,
    /// The file's name; of several files, what their names have in common or the model's address.
    pub name: String,
    /// What it was loaded by, and can be loaded by again.
    pub address: String,
    /// Files that the model has.
    pub n_files: u32,
    /// Size of those files that have begun to come.
    pub n_bytes: f64,
    /// How much of them is here.
    pub bytes_here: f64,
    /// Whether all of the model is here.
    pub is_complete: bool,
    /// Hex, once the whole file was read; `None` for several files.
    pub sha256: Option<String>,
}

/// What runs, or could run, a model here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Version of Concord that runs here.
    pub version: String,
    /// WebGPU if an adapter was found, else the CPU.
    pub backend: Backend,
    /// The adapter's name, or `None`.
    pub adapter: Option<String>,
    /// Whether it is a software one, which runs on the CPU.
    #[serde(default)]
    pub software: bool,
    /// Why there is no WebGPU and how to get it, in words for users; empty when there is.
    pub webgpu_help: String,
}

/// Whether a model thinks before it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thinking {
    /// Its template knows of none.
    #[default]
    Never,
    /// Its template has a switch.
    Switch,
    /// It does, and its template has no switch that works.
    Always,
}

/// A loaded model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// From the file's metadata, else the file's name.
    pub name: String,
    /// Hex: the SHA-256 of the file or, of several, that of the lines of theirs in the order of the parts.
    pub sha256: String,
    /// Such as `llama`.
    pub architecture: String,
    /// The file's mix of types, such as `Q4_K_M`, else the type that most of it is in.
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
    /// What runs it.
    pub backend: Backend,
    /// The adapter's name when on WebGPU.
    pub adapter: Option<String>,
    /// What matrices are multiplied in: `f32`, or `int8` where activations are rounded to 8 bits. Large quantised files on
    /// the CPU are in int8, by a rule that depends on the file alone.
    #[serde(default)]
    pub numerics: Option<String>,
    /// What "auto" measured, in tokens per second; 0 where it did not.
    pub measured: Measured,
    /// Memory, in bytes.
    pub memory: MemoryReport,
    /// Sequences decoded at once.
    pub rows: u32,
    /// Tokens of a response that all rows can have at once; a longer one takes the room of several.
    #[serde(default)]
    pub row_tokens: u32,
    /// Whether it thinks before it answers.
    #[serde(default)]
    pub thinking: Thinking,
    /// The chat template it is asked with; `None` where the file has none and none was picked.
    #[serde(default)]
    pub template: Option<TemplateChoice>,
    /// Whether the file has a chat template of its own.
    #[serde(default)]
    pub has_own_template: bool,
    /// Whether the template may tell the model a date.
    #[serde(default)]
    pub tells_date: bool,
    /// How it makes vectors, where it was loaded as an encoder.
    #[serde(default)]
    pub encoder: Option<EncoderInfo>,
    /// Why the CPU runs it though nobody asked for that: what the GPU did.
    #[serde(default)]
    pub fallback_reason: Option<String>,
    /// Whether the adapter is a software one, which runs on the CPU too.
    #[serde(default)]
    pub software: bool,
    /// What users should know about how it was loaded, such as that it could not be kept; sentences.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How a loaded encoder makes vectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncoderInfo {
    /// Which states of the tokens are pooled.
    pub pooling: Pooling,
    /// Vectors have length 1.
    pub normalise: bool,
    /// Goes before a text that is compared with others of its kind, as responses are.
    pub prefix: String,
    /// Goes before a question.
    pub query_prefix: String,
    /// Goes before a text that may answer one.
    pub passage_prefix: String,
    /// Tokens of the longest text; what is longer is cut.
    pub max_tokens: u32,
    /// What its authors compare with, such as `cosine`.
    pub similarity: String,
    /// Where all this comes from.
    pub source: String,
}

/// Tokens per second of both backends on the same short job; 0 where not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Tokens per second on the GPU; 0 where it was not measured.
    pub webgpu: f64,
    /// Tokens per second on the CPU; 0 where it was not measured.
    pub cpu: f64,
}

/// The memory plan, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryReport {
    /// Weights.
    pub weights: f64,
    /// Keys and values as they are held now; they follow the job.
    pub kv: f64,
    /// Activations and the rest.
    pub scratch: f64,
    /// Keys and values, at most.
    #[serde(default)]
    pub kv_most: f64,
    /// Keys and values of one token.
    #[serde(default)]
    pub kv_token: f64,
    /// What all of it together may take; 0 where the device does not say, as on WebGPU.
    #[serde(default)]
    pub budget: f64,
    /// The largest buffer of keys, values, logits or activations.
    #[serde(default)]
    pub largest_buffer: f64,
    /// What one buffer may take; 0 where there is no limit.
    #[serde(default)]
    pub max_buffer: f64,
}
