//! Asking the model about a session's responses after they were made.

use serde::{Deserialize, Serialize};

use crate::data::{Measurements, Prompt, Response, SessionConfig};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureKind {
    /// [`Measurements::own`], for the losses.
    Own,
    /// [`Measurements::instructed`], for the implicit cross-lingual reward.
    Instructed,
    /// [`Measurements::translations`], for MAPO.
    Translations,
    /// Translations of the anchor's response into each language, and of each language's into the anchor's, for LIDR.
    Translated,
    /// [`Measurements::states`], for LaCoMSA where an encoder scored.
    States,
    /// [`Measurements::representations`] of the prompts in the chat template, last token, for MLC.
    Chat,
    /// [`Measurements::representations`] of the prompts' bare text, mean over its tokens, for AlignX.
    Plain,
}

/// Measure something of responses that are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasureRequest {
    /// What.
    pub kinds: Vec<MeasureKind>,
    /// After how many layers states are taken; empty is every layer, the embedding (0) included.
    #[serde(default)]
    pub layers: Vec<u32>,
    /// The prompts.
    pub prompts: Vec<Prompt>,
    /// Their responses.
    #[serde(default)]
    pub responses: Vec<Response>,
    /// The settings they were made with.
    pub config: SessionConfig,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasureOutcome {
    /// The parts that were asked for; the others are empty.
    pub measurements: Measurements,
    /// Translations the model made: responses with `translationOf`, for LIDR.
    pub translated: Vec<Response>,
    /// Whether it was cancelled before all was measured; what had been measured is there.
    pub cancelled: bool,
    /// What could not be measured, each with what to do about it.
    pub problems: Vec<String>,
}
