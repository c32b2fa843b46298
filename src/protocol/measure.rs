//! Asking the model about a session's responses after they were made.

use serde::{Deserialize, Serialize};

use crate::data::{Measurements, Method, ModelRecord, Prompt, Response, Session, SessionConfig};

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

/// What a method needs to know of the model before it can pick, given whether an encoder embedded the responses.
pub fn kinds_of(method: Method, has_encoder: bool) -> Vec<MeasureKind> {
    match method {
        Method::CmAlign | Method::RandomReference => Vec::new(),
        Method::Mapo => vec![MeasureKind::Translations],
        Method::Lidr => vec![MeasureKind::Translated],
        Method::Icr => vec![MeasureKind::Instructed],
        Method::Lacomsa if has_encoder => vec![MeasureKind::States],
        Method::Lacomsa => Vec::new(),
    }
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
    /// What made them: where it is the loaded model, their own tokens are scored, else their texts are tokenised anew.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_asks_for_what_it_reads_and_for_no_more() {
        use MeasureKind::{Instructed, States, Translated, Translations};
        let cases: [(Method, &[MeasureKind], &[MeasureKind]); 6] = [
            (Method::CmAlign, &[], &[]),
            (Method::RandomReference, &[], &[]),
            (Method::Mapo, &[Translations], &[Translations]),
            (Method::Lidr, &[Translated], &[Translated]),
            (Method::Icr, &[Instructed], &[Instructed]),
            (Method::Lacomsa, &[], &[States]),
        ];
        for (method, alone, with_encoder) in cases {
            assert_eq!(kinds_of(method, false), alone, "{method:?}");
            assert_eq!(kinds_of(method, true), with_encoder, "{method:?} beside an encoder");
        }
    }
}
