//! A whole encoder of seeded noise, as safetensors with its `config.json`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::random_model::{Noise, RandomModel};
use crate::weights::architecture::Positions;
use crate::weights::hyperparameters::Hyperparameters;
use crate::weights::layout::Layout;
use crate::weights::model_tensor::ModelTensor;

/// Factor of gte's RoPE scaling as first published.
const NTK_FACTOR: f32 = 8.0;

/// A random model and the kind of files it is written as.
#[derive(Clone, Copy, Debug)]
pub struct RandomEncoder {
    /// Shape and seed.
    pub model: RandomModel,
    /// Names of the tensors.
    pub layout: Layout,
    /// Row of position 0 in the table of positions: 2 in XLM-R.
    pub first_row: u32,
}

/// What all tensors' names start with, to be found and passed over.
const PREFIX: &str = "model.";

impl RandomEncoder {
    /// The hyperparameters that the files will hold.
    pub fn hyperparameters(&self) -> Hyperparameters {
        let mut h = self.model.hyperparameters();
        if let Positions::Table { first_row } = &mut h.positions {
            *first_row = self.first_row;
            h.n_token_types = if self.first_row > 0 { 1 } else { 2 };
        }
        if self.layout == Layout::Gte || self.layout == Layout::GteJoined {
            h.n_token_types = 1;
        }
        h.head = crate::weights::Head::None;
        h
    }

    /// Bytes of the safetensors file.
    pub fn safetensors(&self) -> Vec<u8> {
        let h = self.hyperparameters();
        let mut noise = Noise::new(self.model.seed);
        // Parts of a joined tensor by their first row.
        let mut tensors: BTreeMap<String, BTreeMap<u64, (ModelTensor, Vec<f32>)>> = BTreeMap::new();
        for tensor in ModelTensor::all(&h) {
            let place = self.layout.find(tensor, &h);
            let values = noise.tensor(tensor, &h);
            tensors.entry(place.name).or_default().insert(place.first, (tensor, values));
        }
        let (mut directory, mut data) = (Map::new(), Vec::new());
        for (name, parts) in tensors {
            let begin = data.len();
            let (mut n_rows, mut n_cols) = (0, 0);
            for (tensor, values) in parts.values() {
                let shape = tensor.shape(&h);
                match tensor.is_vector() {
                    true => n_cols += shape[1],
                    false => (n_rows, n_cols) = (n_rows + shape[0], shape[1]),
                }
                data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
            let shape = if n_rows == 0 { json!([n_cols]) } else { json!([n_rows, n_cols]) };
            let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] });
            directory.insert(format!("{PREFIX}{name}"), entry);
        }
        let header = Value::Object(directory).to_string().into_bytes();
        [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
    }

    /// Text of the `config.json`.
    pub fn config(&self) -> String {
        let h = self.hyperparameters();
        let mut config = json!({
            "hidden_size": h.dim,
            "intermediate_size": h.hidden_dim,
            "num_hidden_layers": h.n_layers,
            "num_attention_heads": h.n_heads,
            "num_key_value_heads": h.n_kv_heads,
            "head_dim": h.head_dim,
            "vocab_size": h.vocab_size,
            "max_position_embeddings": h.seq_len + self.first_row,
            "type_vocab_size": h.n_token_types,
            "layer_norm_eps": h.norm_eps,
            "rms_norm_eps": h.norm_eps,
            "pad_token_id": self.first_row.saturating_sub(1),
        });
        let of_kind = match self.layout {
            Layout::Bert if self.first_row > 0 => {
                json!({ "model_type": "xlm-roberta", "hidden_act": "gelu" })
            }
            Layout::Gguf | Layout::GgufJoined { .. } | Layout::Bert => {
                json!({ "model_type": "bert", "hidden_act": "gelu" })
            }
            Layout::Gte => {
                let rope = json!({ "rope_type": "default", "rope_theta": h.rope.freq_base });
                json!({ "model_type": "gte", "hidden_act": "gelu", "rope_parameters": rope })
            }
            Layout::GteJoined => {
                let rope = json!({ "type": "ntk", "factor": NTK_FACTOR });
                json!({
                    "model_type": "new", "hidden_act": "gelu", "rope_theta": h.rope.freq_base, "rope_scaling": rope,
                    "position_embedding_type": "rope", "layer_norm_type": "layer_norm",
                })
            }
            Layout::Decoder => {
                json!({ "model_type": "qwen3", "hidden_act": "silu", "rope_theta": h.rope.freq_base })
            }
        };
        if let (Value::Object(config), Value::Object(of_kind)) = (&mut config, of_kind) {
            config.extend(of_kind);
        }
        config.to_string()
    }
}
