//! What a model was asked about a session's responses afterwards: forced scores, states. Field names are a public contract.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Language, ModelRecord, Similarity};

/// What the methods beside CM-Align need of the model. Each part is empty until it was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Measurements {
    /// The model that measured; the session's own unless another was loaded.
    pub model: Option<ModelRecord>,
    /// `log pi(y_l | x_l)`: each response after its own prompt. For the losses.
    pub own: Vec<RowScores>,
    /// `log pi(y_l | c_en)`: each response after the anchor's prompt with an instruction to answer in `l`. For the
    /// implicit cross-lingual reward.
    pub instructed: Vec<RowScores>,
    /// `log pi(y_en | translate y_l)`: each anchor response as a translation of each response. For MAPO.
    pub translations: Vec<TranslationScores>,
    /// Cosines of the generator's middle layer, where `Session::similarities` are by an encoder. For LaCoMSA.
    pub states: Vec<Similarity>,
    /// States of the prompts. For MLC and AlignX.
    pub representations: Vec<Representations>,
}

impl Measurements {
    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Forced scores of the responses of one prompt and language: of its candidates, and in [`Measurements::own`] of
/// translations too, as pairs may hold them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowScores {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// In which language.
    pub language: Language,
    /// Which samples, ascending.
    pub samples: Vec<u32>,
    /// Tokens of each, the end of turn left out.
    pub n_tokens: Vec<u32>,
    /// Sum of the log-probs of those tokens under the raw model, in nats.
    pub logprob: Vec<f32>,
}

/// Forced scores of anchor responses as translations of the responses of one prompt and language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranslationScores {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// The language translated from.
    pub language: Language,
    /// Samples of that language, ascending.
    pub samples: Vec<u32>,
    /// Samples of the anchor language, ascending.
    pub targets: Vec<u32>,
    /// Tokens of each target, the end of turn left out.
    pub n_tokens: Vec<u32>,
    /// `[samples, targets]`: sum of the log-probs of the target's tokens after the instruction to translate, in nats.
    pub logprob: Vec<Vec<f32>>,
}

/// What was read to make a representation of a prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepresentedText {
    /// The prompt in the chat template, up to and including the assistant's header (MLC).
    #[default]
    Chat,
    /// The prompt's text alone (AlignX).
    Plain,
}

/// How the states of a text's tokens became one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatePooling {
    /// The last token's.
    #[default]
    Last,
    /// Their mean.
    Mean,
}

/// States of a prompt set after one layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Representations {
    /// What was read.
    pub text: RepresentedText,
    /// How it became one vector.
    pub pooling: StatePooling,
    /// After how many layers; 0 is the embedding, the model's count is after its final norm.
    pub layer: u32,
    /// Layers of the model.
    pub n_layers: u32,
    /// Length of a vector.
    pub dim: u32,
    /// Prompt id and language of each vector.
    pub order: Vec<(String, Language)>,
    /// `[order, dim]`, row-major; in a file base64 of little-endian f32.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub values: Vec<f32>,
}

impl Representations {
    /// The vector at a place of `order`.
    pub fn vector(&self, at: usize) -> &[f32] {
        let dim = self.dim as usize;
        self.values.get(at * dim..(at + 1) * dim).unwrap_or_default()
    }
}

fn to_base64<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
    if bytes.len() % 4 != 0 {
        return Err(serde::de::Error::custom("the bytes are not a whole number of f32"));
    }
    Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}
