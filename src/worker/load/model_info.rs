//! What the page learns about a loaded file.

use crate::{
    protocol::{ModelInfo, ModelSource},
    shelf::address::readable,
    weights::{Hyperparameters, Metadata, ModelFile, RopeDivisors, TensorType},
    worker::prompter::Prompter,
};

/// What a file says of its model; where it runs is not known yet.
pub(crate) fn model_info(model: &ModelFile, sha256: String, n_bytes: f64, source: &ModelSource) -> ModelInfo {
    let h = &model.hyperparameters;
    let metadata = &model.header.metadata;
    let parameters: u64 =
        model.tensors.iter().map(|placed| placed.info.n_rows() * placed.info.n_cols()).sum();
    // Where the file does not say what it is, the type that most of it is in.
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
        quantization: file_type(metadata)
            .or(quantization.map(TensorType::name))
            .unwrap_or_default()
            .to_owned(),
        parameters: parameters as f64,
        n_bytes,
        vocab_size: h.vocab_size,
        seq_len: h.seq_len,
        n_layers: h.n_layers,
        dim: h.dim,
        notes: length_note(h).into_iter().collect(),
        ..ModelInfo::default()
    }
}

/// What there is to know of a model that could be loaded for texts of another length.
fn length_note(h: &Hyperparameters) -> Option<String> {
    let RopeDivisors::ByLength { n_original, n_longest } = h.rope_divisors else { return None };
    if h.is_long() {
        return Some(format!(
            "The model is loaded for texts of more than {n_original} tokens, and reads shorter ones a little less well; for those, load it with less room for each response."
        ));
    }
    (n_longest > n_original).then(|| {
        format!(
            "The model reads texts of up to {n_original} tokens. With more room for each response it is loaded for up to {n_longest}; shorter texts then give other results."
        )
    })
}

/// The mix of types by which a GGUF file goes, such as `Q4_K_M`; the numbers are llama.cpp's.
fn file_type(metadata: &Metadata) -> Option<&'static str> {
    // Set where the type was guessed from the tensors.
    const GUESSED: u32 = 1024;
    let name = match metadata.u32("general.file_type")? & !GUESSED {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        30 => "IQ4_XS",
        32 => "BF16",
        _ => return None,
    };
    Some(name)
}

/// What there is to say of a tokenizer without a model.
pub(crate) fn tokenizer_info(prompter: &Prompter, name: Option<String>, source: &ModelSource) -> ModelInfo {
    ModelInfo {
        name: name.unwrap_or_else(|| file_name(source)),
        vocab_size: prompter.tokenizer.n_tokens(),
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
