//! Metadata entries of one architecture, whose names start with its own.

use super::architecture::{Architecture, LogitScale, Temperature, Window};
use super::error::WeightsError;
use super::header::Header;
use super::layer_set::LayerSet;
use super::metadata::{Metadata, Value};
use super::rope_scaling::{Rope, Yarn, yarn_magnitude};

/// Largest value accepted for any width; real models are far below, and products stay in u64.
pub(super) const MAX_WIDTH: u32 = 1 << 20;

pub(super) struct Keys<'a> {
    pub(super) metadata: &'a Metadata,
    pub(super) architecture: Architecture,
}

impl Keys<'_> {
    fn full(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture.name())
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(&self.full(key))
    }

    /// A whole number from 1 to [`MAX_WIDTH`] (contexts may be longer than widths, but not than that), or an array of equal
    /// ones per layer.
    pub(super) fn width(&self, key: &str) -> Result<u32, WeightsError> {
        let key = self.full(key);
        let value = match self.metadata.u32s(&key) {
            Some(per_layer) => match per_layer.first() {
                Some(&first) if per_layer.iter().all(|&other| other == first) => Some(first),
                Some(_) => {
                    return Err(WeightsError::Unsupported {
                        feature: format!("layers that differ in {key}"),
                    });
                }
                None => None,
            },
            None => self.metadata.u32(&key),
        };
        let value = value.ok_or_else(|| WeightsError::missing(&key, "a whole number"))?;
        if value == 0 || value > MAX_WIDTH {
            return Err(WeightsError::damaged(format!("{key} is {value}")));
        }
        Ok(value)
    }

    /// Like [`Keys::width`], `None` when the key is absent.
    pub(super) fn optional_width(&self, key: &str) -> Result<Option<u32>, WeightsError> {
        self.get(key).map(|_| self.width(key)).transpose()
    }

    /// A positive, finite number; `default` when the key is absent.
    pub(super) fn positive(&self, key: &str, default: Option<f32>) -> Result<f32, WeightsError> {
        let key = self.full(key);
        let value = match (self.metadata.get(&key), default) {
            (None, Some(default)) => default,
            _ => self.metadata.f32(&key).ok_or_else(|| WeightsError::missing(&key, "a number"))?,
        };
        if value > 0.0 && value.is_finite() {
            Ok(value)
        } else {
            Err(WeightsError::damaged(format!("{key} is {value}")))
        }
    }

    /// A soft cap; 0 for none.
    pub(super) fn soft_cap(&self, key: &str, default: f32) -> Result<f32, WeightsError> {
        match self.metadata.f32(&self.full(key)) {
            Some(0.0) => Ok(0.0),
            None if default == 0.0 => Ok(0.0),
            _ => self.positive(key, Some(default)),
        }
    }

    /// A factor of a family that has such; `default` where it does not, or where the file says nothing or 0.
    pub(super) fn factor(&self, key: &str, default: f32) -> Result<f32, WeightsError> {
        match self.metadata.f32(&self.full(key)) {
            Some(value) if value != 0.0 && self.architecture.has_factors() => self.positive(key, None),
            _ => Ok(default),
        }
    }

    /// Factor of the logits.
    pub(super) fn logit_scale(&self) -> Result<f32, WeightsError> {
        match self.architecture.logit_scale() {
            LogitScale::None => Ok(1.0),
            LogitScale::Factor => self.positive("logit_scale", None),
            LogitScale::Divisor => {
                let divisor = self.positive("logit_scale", None)?;
                let factor = 1.0 / divisor;
                let key = self.full("logit_scale");
                if factor.is_finite() {
                    Ok(factor)
                } else {
                    Err(WeightsError::damaged(format!("{key} is {divisor}")))
                }
            }
        }
    }

    /// How attention sharpens, where the file says a number other than 0.
    pub(super) fn temperature(&self) -> Result<Option<Temperature>, WeightsError> {
        // Converters differ in the name.
        let key = ["attention.temperature_scale", "rope.scaling_beta"]
            .into_iter()
            .find(|key| self.metadata.f32(&self.full(key)).is_some_and(|scale| scale != 0.0))
            .filter(|_| self.architecture.has_temperature());
        let Some(key) = key else { return Ok(None) };
        let (scale, n_positions) = (self.positive(key, None)?, self.original_context()?);
        Ok(Some(Temperature { scale, n_positions }))
    }

    /// Width of a head: given, or `dim / n_heads`.
    pub(super) fn head_dim(&self, dim: u32, n_heads: u32) -> Result<u32, WeightsError> {
        let key = self.optional_width("attention.key_length")?;
        let value = self.optional_width("attention.value_length")?;
        if let (Some(key), Some(value)) = (key, value)
            && key != value
        {
            return Err(WeightsError::Unsupported {
                feature: format!("keys of {key} and values of {value} numbers"),
            });
        }
        match key.or(value) {
            Some(head_dim) => Ok(head_dim),
            None if dim.is_multiple_of(n_heads) => Ok(dim / n_heads),
            None => Err(WeightsError::damaged(format!("{dim} columns cannot be shared by {n_heads} heads"))),
        }
    }

    /// Rows of the embedding table; metadata, where it says anything, must agree.
    pub(super) fn vocab_size(&self, header: &Header) -> Result<u32, WeightsError> {
        let name = "token_embd.weight";
        let embedding = header.tensors.iter().find(|tensor| tensor.name == name);
        let embedding = embedding.ok_or_else(|| WeightsError::MissingTensor { tensor: name.to_owned() })?;
        let n_rows = embedding.n_rows();
        if let Some(claimed) = self.optional_width("vocab_size")?
            && u64::from(claimed) != n_rows
        {
            let key = self.full("vocab_size");
            return Err(WeightsError::damaged(format!(
                "{key} is {claimed}, the embedding table has {n_rows} rows"
            )));
        }
        let n_tokens = header.metadata.strings("tokenizer.ggml.tokens").map_or(0, <[String]>::len);
        if n_tokens as u64 > n_rows {
            return Err(WeightsError::damaged(format!(
                "{n_tokens} tokens, but the embedding table has {n_rows} rows"
            )));
        }
        u32::try_from(n_rows)
            .ok()
            .filter(|&n| n <= MAX_WIDTH)
            .ok_or_else(|| WeightsError::damaged(format!("a vocabulary of {n_rows} tokens")))
    }

    /// Positions of the context that the model was first trained on.
    pub(super) fn original_context(&self) -> Result<u32, WeightsError> {
        let given = self.optional_width("rope.scaling.original_context_length")?;
        given.map_or_else(|| self.width("context_length"), Ok)
    }

    /// RoPE's frequencies in the layers without a window; unknown kinds of scaling are refused by name.
    pub(super) fn rope(&self) -> Result<Rope, WeightsError> {
        let plain = Rope::plain(self.positive("rope.freq_base", Some(10_000.0))?);
        let factor = || match self.metadata.f32(&self.full("rope.scaling.factor")) {
            Some(0.0) => Ok(1.0),
            Some(_) => self.positive("rope.scaling.factor", None),
            None => self.positive("rope.scale_linear", Some(1.0)),
        };
        let magnitude = self.positive("rope.scaling.attn_factor", Some(1.0))?;
        let rope = match self.metadata.string(&self.full("rope.scaling.type")) {
            Some("none") => Rope { magnitude, ..plain },
            None | Some("linear" | "longrope") => Rope { factor: factor()?, magnitude, ..plain },
            Some("yarn") => self.yarn(Rope { factor: factor()?, magnitude, ..plain })?,
            Some(other) => {
                return Err(WeightsError::Unsupported { feature: format!("RoPE scaling \"{other}\"") });
            }
        };
        rope.checked()
    }

    fn yarn(&self, linear: Rope) -> Result<Rope, WeightsError> {
        // Converters differ in the names.
        let number = |[key, other]: [&str; 2], default: f32| {
            let value = |key: &str| self.metadata.f32(&self.full(&format!("rope.scaling.{key}")));
            value(key).or_else(|| value(other)).unwrap_or(default)
        };
        let weight = number(["yarn_log_multiplier", "mscale_all_dim"], 0.0);
        let own = yarn_magnitude(linear.factor, 1.0) / yarn_magnitude(linear.factor, weight);
        Ok(Rope {
            yarn: Some(Yarn {
                n_original: self.original_context()?,
                beta_fast: number(["yarn_beta_fast", "beta_fast"], 32.0),
                beta_slow: number(["yarn_beta_slow", "beta_slow"], 1.0),
                mix: number(["yarn_ext_factor", "extrapolation_factor"], 1.0),
            }),
            magnitude: linear.magnitude * number(["yarn_attn_factor", "attention_factor"], own),
            ..linear
        })
    }

    /// Layers in which RoPE turns queries and keys.
    pub(super) fn rope_layers(&self, window: Option<Window>) -> LayerSet {
        let turns = self.metadata.bool(&self.full("rope.scaling.finetuned")).unwrap_or(true);
        match window {
            // Granite's files say here that there is no RoPE; in others the entry means nothing.
            _ if !turns && self.architecture.has_factors() => LayerSet::NONE,
            Some(window) if self.architecture.turns_in_windows_only() => window.layers,
            _ => LayerSet::but_every(self.architecture.no_rope_every()),
        }
    }

    /// The layers that see the last positions only, with RoPE frequencies of their own or those of the others.
    pub(super) fn window(&self, n_layers: u32, rope: Rope) -> Result<Option<Window>, WeightsError> {
        const KEY: &str = "attention.sliding_window";
        let defaults = self.architecture.window_defaults();
        let n_positions = match self.metadata.u32(&self.full(KEY)) {
            Some(0) => None,
            Some(_) => self.optional_width(KEY)?,
            None => defaults.and_then(|defaults| defaults.n_positions),
        };
        let Some(n_positions) = n_positions else { return Ok(None) };
        let is_wide = n_positions >= self.width("context_length")?;
        let Some(defaults) = defaults else {
            if is_wide {
                return Ok(None);
            }
            let feature = format!("a sliding window in a {} model", self.architecture.name());
            return Err(WeightsError::Unsupported { feature });
        };
        let layers = self.windowed_layers(n_layers, defaults.every)?;
        if layers == LayerSet::ALL && is_wide {
            return Ok(None);
        }
        let rope = match (self.get("rope.freq_base_swa"), defaults.rope_freq_base) {
            (None, None) => rope,
            (Some(_), None) => Rope { freq_base: self.positive("rope.freq_base_swa", None)?, ..rope },
            (_, Some(base)) => Rope::plain(self.positive("rope.freq_base_swa", Some(base))?),
        };
        Ok(Some(Window { n_positions, layers, rope }))
    }

    /// The layers with a window: all but each n-th, or those that an array of truth values names.
    fn windowed_layers(&self, n_layers: u32, every: u32) -> Result<LayerSet, WeightsError> {
        const KEY: &str = "attention.sliding_window_pattern";
        match self.get(KEY) {
            None => Ok(LayerSet::but_every(every)),
            Some(Value::Numbers(flags)) => {
                let is_windowed = |value: Value| match value {
                    Value::Bool(flag) => flag,
                    value => value != Value::Unsigned(0) && value != Value::Signed(0),
                };
                let flags: Vec<bool> = flags.iter().map(is_windowed).collect();
                if flags.len() < n_layers as usize {
                    return Err(WeightsError::damaged(format!(
                        "{} holds {} of {n_layers} layers",
                        self.full(KEY),
                        flags.len()
                    )));
                }
                Ok(LayerSet::from_flags(&flags))
            }
            Some(_) if self.metadata.u32(&self.full(KEY)) == Some(0) => Ok(LayerSet::ALL),
            Some(_) => Ok(LayerSet::but_every(self.width(KEY)?)),
        }
    }

    /// Refuses, by name, features that would make the output silently wrong.
    pub(super) fn refuse_unsupported(&self) -> Result<(), WeightsError> {
        let unsupported = |feature: String| Err(WeightsError::Unsupported { feature });
        let has_factor = |key: &str| match key {
            "logit_scale" => self.architecture.logit_scale() != LogitScale::None,
            "attention.temperature_scale" => self.architecture.has_temperature(),
            "residual_scale" | "embedding_scale" | "attention.scale" => self.architecture.has_factors(),
            _ => false,
        };
        for (key, neutral) in NEUTRAL_NUMBERS.into_iter().filter(|(key, _)| !has_factor(key)) {
            let key = self.full(key);
            if let Some(value) = self.metadata.f32(&key)
                && value != neutral
            {
                return unsupported(format!("{key} = {value}"));
            }
        }
        if let Some(n_files) = self.metadata.u32("split.count")
            && n_files > 1
        {
            let what = format!(
                "the file is one of {n_files} that the model is split over; open all of them together"
            );
            return Err(WeightsError::Parts { what });
        }
        let is_causal = !self.architecture.is_encoder();
        if self.metadata.bool(&self.full("attention.causal")).is_some_and(|causal| causal != is_causal) {
            let name = self.architecture.name();
            return unsupported(format!(
                "{} attention in a {name} model",
                if is_causal { "bidirectional" } else { "causal" }
            ));
        }
        Ok(())
    }
}

/// Metadata entries that change the forward pass unless they hold this number.
const NEUTRAL_NUMBERS: [(&str, f32); 7] = [
    ("expert_count", 0.0),
    ("logit_scale", 1.0),
    ("residual_scale", 1.0),
    ("embedding_scale", 1.0),
    ("attention.scale", 0.0),
    ("attention.temperature_scale", 0.0),
    ("attention.clamp_kqv", 0.0),
];
