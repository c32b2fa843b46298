//! Models in safetensors: hyperparameters from the `config.json` beside them.
//!
//! Encoders of the families BERT (`bert`, `roberta`, `xlm-roberta`, `camembert`) and gte (`gte`; `new` as first
//! published), and Qwen3 as an embedder (`qwen3`).

use serde::Deserialize;

use super::architecture::{Activation, Architecture, Head, Positions, RopePairs};
use super::error::WeightsError;
use super::header::Header;
use super::hyperparameters::Hyperparameters;
use super::keys::MAX_WIDTH;
use super::layer_set::LayerSet;
use super::layout::Layout;
use super::metadata::{Metadata, Value};
use super::model_file::ModelFile;
use super::rope_scaling::{Rope, RopeDivisors};
use super::safetensors::SafetensorsHeader;

/// RoPE base of gte where its configuration names none.
const GTE_ROPE_BASE: f32 = 160_000.0;
/// The same of Qwen3.
const QWEN3_ROPE_BASE: f32 = 1_000_000.0;

/// The entries of a `config.json` that a forward pass depends on.
#[derive(Debug, Deserialize)]
struct Config {
    model_type: String,
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
    hidden_size: Option<u32>,
    intermediate_size: Option<u32>,
    num_hidden_layers: Option<u32>,
    num_attention_heads: Option<u32>,
    num_key_value_heads: Option<u32>,
    head_dim: Option<u32>,
    max_position_embeddings: Option<u32>,
    pad_token_id: Option<u32>,
    layer_norm_eps: Option<f32>,
    rms_norm_eps: Option<f32>,
    hidden_act: Option<String>,
    position_embedding_type: Option<String>,
    layer_norm_type: Option<String>,
    #[serde(default)]
    logn_attention_scale: bool,
    #[serde(default)]
    use_sliding_window: bool,
    #[serde(default)]
    attention_bias: bool,
    rope_theta: Option<f32>,
    rope_scaling: Option<RopeConfig>,
    rope_parameters: Option<RopeConfig>,
}

/// How RoPE's frequencies are made; names differ from one library version to the next.
#[derive(Debug, Deserialize)]
struct RopeConfig {
    #[serde(alias = "type")]
    rope_type: Option<String>,
    rope_theta: Option<f32>,
    factor: Option<f32>,
    mixed_b: Option<f32>,
}

/// A kind of model: which forward pass, and which names in the file.
#[derive(Clone, Copy, Debug)]
struct Kind {
    architecture: Architecture,
    layout: Layout,
    /// Positions are counted from the one after the padding token's id.
    counts_from_padding: bool,
}

impl Kind {
    fn of(model_type: &str) -> Result<Self, WeightsError> {
        let (architecture, layout, counts_from_padding) = match model_type {
            "bert" => (Architecture::Bert, Layout::Bert, false),
            "roberta" | "xlm-roberta" | "camembert" => (Architecture::Bert, Layout::Bert, true),
            "gte" => (Architecture::Gte, Layout::Gte, false),
            "new" => (Architecture::Gte, Layout::GteJoined, false),
            "qwen3" => (Architecture::Qwen3, Layout::Decoder, false),
            _ => return Err(WeightsError::Architecture { found: model_type.to_owned() }),
        };
        Ok(Self { architecture, layout, counts_from_padding })
    }
}

impl ModelFile {
    /// Checks that a safetensors file holds a model of the kind that `config.json` describes, with every tensor in the
    /// right shape.
    ///
    /// # Errors
    /// The first thing that is missing, misshapen or not supported.
    pub fn from_safetensors(header: SafetensorsHeader, config: &[u8]) -> Result<Self, WeightsError> {
        let config: Config = serde_json::from_slice(config).map_err(|error| WeightsError::Config {
            name: "config.json".to_owned(),
            reason: error.to_string(),
        })?;
        let kind = Kind::of(&config.model_type)?;
        let SafetensorsHeader { tensors, others, data_end } = header;
        let rows_of = |name: &str| {
            let found = tensors.iter().find(|info| info.name.ends_with(name));
            found.map_or(0, |info| u32::try_from(info.n_rows()).unwrap_or(u32::MAX))
        };
        let vocab_size = rows_of(kind.layout.table_name());
        let n_token_types = rows_of("embeddings.token_type_embeddings.weight");
        let hyperparameters = config.hyperparameters(kind, vocab_size, n_token_types)?;
        let placed = kind.layout.place(&tensors, &hyperparameters).map_err(|error| match &error {
            WeightsError::MissingTensor { tensor } => match others.iter().find(|(name, _)| name == tensor) {
                Some((tensor, found)) => {
                    WeightsError::TensorType { tensor: tensor.clone(), found: found.clone() }
                }
                None => error,
            },
            _ => error,
        })?;
        let mut metadata = Metadata::default();
        if let Some(name) = config.name.filter(|name| !name.is_empty()) {
            metadata.insert("general.name", Value::String(name));
        }
        let header = Header { version: 0, metadata, tensors, data_start: 0, data_end };
        Ok(Self { header, hyperparameters, tensors: placed })
    }
}

impl Config {
    fn hyperparameters(
        &self,
        kind: Kind,
        vocab_size: u32,
        n_token_types: u32,
    ) -> Result<Hyperparameters, WeightsError> {
        self.refuse_unsupported(kind)?;
        let family = kind.architecture;
        let dim = width("hidden_size", self.hidden_size)?;
        let n_layers = width("num_hidden_layers", self.num_hidden_layers)?;
        let n_heads = width("num_attention_heads", self.num_attention_heads)?;
        let n_kv_heads = self.num_key_value_heads.unwrap_or(n_heads);
        if n_kv_heads == 0 || !n_heads.is_multiple_of(n_kv_heads) {
            return Err(WeightsError::damaged(format!(
                "{n_heads} heads cannot share {n_kv_heads} key-value heads"
            )));
        }
        if self.head_dim.is_none() && !dim.is_multiple_of(n_heads) {
            return Err(WeightsError::damaged(format!("{dim} columns cannot be shared by {n_heads} heads")));
        }
        let head_dim = width("head_dim", Some(self.head_dim.unwrap_or(dim / n_heads)))?;
        let first_row = match kind.counts_from_padding {
            true => width("pad_token_id", Some(self.pad_token_id.unwrap_or(1).saturating_add(1)))?,
            false => 0,
        };
        let n_positions = width("max_position_embeddings", self.max_position_embeddings)?;
        let positions = match family.positions() {
            Positions::Table { .. } => Positions::Table { first_row },
            Positions::Rotary => Positions::Rotary,
        };
        let rope = self.rope(family, head_dim)?;
        let hyperparameters = Hyperparameters {
            architecture: family,
            dim,
            hidden_dim: width("intermediate_size", self.intermediate_size)?,
            n_layers,
            n_heads,
            n_kv_heads,
            head_dim,
            vocab_size: width("vocab_size", Some(vocab_size))?,
            seq_len: width("max_position_embeddings", Some(n_positions.saturating_sub(first_row)))?,
            norm_eps: self.eps(family)?,
            norms: family.norms(),
            positions,
            causal: !family.is_encoder(),
            n_token_types,
            rope,
            rope_layers: LayerSet::ALL,
            rope_dim: if family.positions() == Positions::Rotary { head_dim } else { 0 },
            rope_pairs: RopePairs::Halves,
            rope_divisors: RopeDivisors::None,
            qkv_bias: family.has_qkv_bias(),
            head_norm: family.has_head_norm(),
            gated: family.has_gate(),
            activation: family.activation(),
            embedding_scale: 1.0,
            residual_scale: 1.0,
            attention_scale: 1.0 / (head_dim as f32).sqrt(),
            temperature: None,
            attention_soft_cap: 0.0,
            logit_scale: 1.0,
            logit_soft_cap: 0.0,
            window: None,
            dense_dim: 0,
            // What is loaded this way only embeds.
            head: Head::None,
        };
        hyperparameters.checked()
    }

    fn eps(&self, family: Architecture) -> Result<f32, WeightsError> {
        let (key, eps) = match family.is_encoder() {
            true => ("layer_norm_eps", self.layer_norm_eps),
            false => ("rms_norm_eps", self.rms_norm_eps),
        };
        eps.filter(|eps| *eps > 0.0 && eps.is_finite())
            .ok_or_else(|| WeightsError::missing(key, "a number above 0"))
    }

    fn rope(&self, family: Architecture, head_dim: u32) -> Result<Rope, WeightsError> {
        let rope = self.rope_parameters.as_ref().or(self.rope_scaling.as_ref());
        let default = if family == Architecture::Gte { GTE_ROPE_BASE } else { QWEN3_ROPE_BASE };
        let base = rope.and_then(|rope| rope.rope_theta).or(self.rope_theta).unwrap_or(default);
        let kind = rope.and_then(|rope| rope.rope_type.as_deref()).unwrap_or("default");
        let factor = rope.and_then(|rope| rope.factor).unwrap_or(1.0);
        let (base, scale) = match kind {
            "default" => (base, 1.0),
            "linear" => (base, factor),
            // The base is multiplied, and frequencies are divided so that the slowest pair turns `factor` times slower.
            "ntk" if rope.is_none_or(|rope| rope.mixed_b.is_none()) => {
                (base * factor, factor.powf(2.0 / head_dim as f32))
            }
            other => {
                return Err(WeightsError::Unsupported { feature: format!("RoPE scaling \"{other}\"") });
            }
        };
        Rope { factor: scale, ..Rope::plain(base) }.checked()
    }

    /// Refuses, by name, features that would make the output silently wrong.
    fn refuse_unsupported(&self, kind: Kind) -> Result<(), WeightsError> {
        let unsupported = |feature: String| Err(WeightsError::Unsupported { feature });
        let expected = match kind.architecture.activation() {
            Activation::Silu => "silu",
            Activation::GeluTanh | Activation::GeluErf => "gelu",
        };
        if let Some(found) = self.hidden_act.as_deref().filter(|found| *found != expected) {
            return unsupported(format!("the activation {found}"));
        }
        let expected = match kind.architecture.positions() {
            Positions::Table { .. } => "absolute",
            Positions::Rotary => "rope",
        };
        if let Some(found) = self.position_embedding_type.as_deref().filter(|found| *found != expected) {
            return unsupported(format!("positions of the kind {found}"));
        }
        if let Some(found) = self.layer_norm_type.as_deref().filter(|found| *found != "layer_norm") {
            return unsupported(format!("norms of the kind {found}"));
        }
        let flags = [
            (self.logn_attention_scale, "attention scaled by the logarithm of the length"),
            (self.use_sliding_window, "a sliding window"),
            (self.attention_bias && kind.architecture == Architecture::Qwen3, "biases of attention"),
        ];
        match flags.into_iter().find(|(is_on, _)| *is_on) {
            Some((_, feature)) => unsupported(feature.to_owned()),
            None => Ok(()),
        }
    }
}

/// A number from 1 to [`MAX_WIDTH`].
fn width(key: &'static str, value: Option<u32>) -> Result<u32, WeightsError> {
    let value = value.ok_or_else(|| WeightsError::missing(key, "a whole number"))?;
    if value == 0 || value > MAX_WIDTH {
        return Err(WeightsError::damaged(format!("{key} is {value}")));
    }
    Ok(value)
}
