//! The random encoders whose vectors were recorded with the library that their authors use.

use concord_lm::weights::layout::Layout;
use concord_lm::weights::testing::{RandomEncoder, RandomModel};
use concord_lm::weights::{Architecture, TensorType};

/// Heads of 16, three layers, a prime vocabulary, and more positions than any of the texts has.
const SMALL: RandomModel = RandomModel {
    architecture: Architecture::Bert,
    dim: 96,
    hidden_dim: 160,
    n_layers: 3,
    n_heads: 6,
    n_kv_heads: 6,
    head_dim: 0,
    window: 0,
    rope_scale: 1.0,
    original_context: 0,
    rope_divisors: false,
    logit_soft_cap: 0.0,
    vocab_size: 1759,
    seq_len: 128,
    tensor_type: TensorType::F32,
    tied: false,
    pre_tokenizer: "qwen2",
    seed: 20_260_711,
};

const GTE: RandomModel = RandomModel { architecture: Architecture::Gte, ..SMALL };

/// Grouped queries and heads that are not `dim / n_heads` wide.
const QWEN3: RandomModel =
    RandomModel { architecture: Architecture::Qwen3, n_kv_heads: 2, head_dim: 24, ..SMALL };

/// A window that the longest text crosses on both sides; the sixth layer is the first that sees all positions.
const GEMMA: RandomModel = RandomModel {
    architecture: Architecture::GemmaEmbedding,
    n_layers: 6,
    n_kv_heads: 2,
    head_dim: 24,
    window: 24,
    ..SMALL
};

/// Names and shapes of the models in safetensors.
pub(crate) fn encoders() -> Vec<(&'static str, RandomEncoder)> {
    let encoder = |model, layout, first_row| RandomEncoder { model, layout, first_row };
    vec![
        ("bert", encoder(SMALL, Layout::Bert, 0)),
        ("xlm-roberta", encoder(SMALL, Layout::Bert, 2)),
        ("gte", encoder(GTE, Layout::Gte, 0)),
        ("gte-joined", encoder(GTE, Layout::GteJoined, 0)),
        ("qwen3", encoder(QWEN3, Layout::Decoder, 0)),
    ]
}

/// The same in GGUF, with one block of 256 in a row, so that every type fits.
pub(crate) fn gguf_encoders() -> Vec<(String, RandomModel)> {
    let model = |tensor_type: TensorType| {
        let name = format!("bert-{}", tensor_type.name().to_lowercase());
        (name, RandomModel { dim: 256, hidden_dim: 256, n_heads: 4, n_kv_heads: 4, tensor_type, ..SMALL })
    };
    let berts = [TensorType::F32, TensorType::Q8_0, TensorType::Q4_K].into_iter().map(model);
    berts.chain([("gemma-embedding".to_owned(), GEMMA)]).collect()
}
