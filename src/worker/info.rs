//! What the page is told of a loaded file.

use crate::{
    protocol::{ModelInfo, ModelSource},
    shelf::address::readable,
    weights::{ModelFile, TensorType},
};

use super::speech::Speech;

/// What a file says of its model; where it runs is not known yet.
pub(super) fn model_info(model: &ModelFile, sha256: String, n_bytes: f64, source: &ModelSource) -> ModelInfo {
    let h = &model.hyperparameters;
    let metadata = &model.header.metadata;
    let parameters: u64 =
        model.tensors.iter().map(|placed| placed.info.n_rows() * placed.info.n_cols()).sum();
    // The type that most of the file is in: a mixed file such as Q4_K_M goes by it.
    let bytes_in = |tensor_type: &TensorType| -> u64 {
        let tensors = model.tensors.iter().map(|placed| &placed.info);
        tensors.filter(|info| info.tensor_type == *tensor_type).map(|info| info.n_bytes).sum()
    };
    let quantization = TensorType::ALL.into_iter().max_by_key(bytes_in);
    ModelInfo {
        name: match (metadata.string("general.name"), source) {
            // A config.json names the model that was trained further, or a folder of its makers.
            (Some(_), ModelSource::Url { .. }) if model.header.version == 0 => file_name(source),
            (Some(name), _) => name.to_owned(),
            (None, _) => file_name(source),
        },
        sha256,
        architecture: h.architecture.name().to_owned(),
        quantization: quantization.map_or("", TensorType::name).to_owned(),
        parameters: parameters as f64,
        n_bytes,
        vocab_size: h.vocab_size,
        seq_len: h.seq_len,
        n_layers: h.n_layers,
        dim: h.dim,
        ..ModelInfo::default()
    }
}

/// What there is to say of a tokenizer without a model.
pub(super) fn tokenizer_info(speech: &Speech, name: Option<String>, source: &ModelSource) -> ModelInfo {
    ModelInfo {
        name: name.unwrap_or_else(|| file_name(source)),
        vocab_size: speech.tokenizer.n_tokens(),
        ..ModelInfo::default()
    }
}

fn file_name(source: &ModelSource) -> String {
    match source {
        ModelSource::Teaching { url } | ModelSource::Url { url, .. } => {
            readable(url.rsplit('/').next().unwrap_or(url))
        }
        ModelSource::File { names } => {
            let weights = names.iter().find(|name| name.ends_with(".safetensors"));
            weights.or(names.first()).cloned().unwrap_or_default()
        }
    }
}
