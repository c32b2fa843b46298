//! How far a job is, and what it has cost.

use serde::{Deserialize, Serialize};

use crate::data::Language;

/// What a job is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading model bytes: counts are bytes.
    #[default]
    Load,
    /// Waiting for the connection.
    Offline,
    /// Waiting for another tab that is fetching the same file.
    Queue,
    /// Measuring the backends.
    Measure,
    /// Making responses: counts are responses.
    Generate,
    /// Embedding responses: counts are responses.
    Embed,
    /// Asking the model about responses: counts are texts.
    Ask,
    /// Translating prompts: counts are texts.
    Translate,
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

impl Progress {
    /// So far in a stage; the rest is not known, or 0.
    pub fn of(stage: Stage, done: f64, total: f64) -> Self {
        Self { stage, done, total, ..Self::default() }
    }
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
    /// Text since the last update, without reasoning; never half a character.
    pub text: String,
    /// Reasoning since the last update.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
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
    /// Decode steps: one token for each live row.
    pub steps: f64,
    /// GPU dispatches of decode steps.
    pub decode_dispatches: f64,
    /// GPU dispatches in all.
    pub dispatches: f64,
    /// Command buffers submitted; each has a fixed cost, most of all in a browser.
    pub submits: f64,
    /// Bytes read back from the GPU.
    pub bytes_read_back: f64,
    /// Bytes of GPU buffers held.
    pub gpu_bytes: f64,
    /// Largest size of the worker's heap so far.
    pub peak_heap_bytes: f64,
}
