//! Asking the model about a session's responses after they were made.

use serde::{Deserialize, Serialize};

use crate::data::{MeasureKind, Measurements, ModelRecord, Prompt, Response, Session, SessionConfig};

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
    /// What made them: where it is the loaded model, their own tokens are scored, else their texts are tokenised again.
    #[serde(default)]
    pub model: Option<ModelRecord>,
}

impl MeasureRequest {
    /// Of the responses of a session, after every layer where states are measured.
    pub fn of(session: &Session, kinds: Vec<MeasureKind>) -> Self {
        Self {
            kinds,
            layers: Vec::new(),
            prompts: session.prompts.clone(),
            responses: session.responses.clone(),
            config: session.config.clone(),
            model: Some(session.model.clone()),
        }
    }
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
