//! The random models that llama.cpp's answers were recorded for.

use concord::weights::TensorType;
use concord::weights::testing::RandomLlama;

/// Grouped queries, a prime vocabulary, widths that are multiples of 32 and of nothing larger.
const GROUPED: RandomLlama = RandomLlama {
    dim: 96,
    hidden_dim: 160,
    n_layers: 3,
    n_heads: 6,
    n_kv_heads: 2,
    vocab_size: 1759,
    seq_len: 256,
    tensor_type: TensorType::F32,
    tied: false,
    seed: 20_260_709,
};

/// One key-value head, wide heads, a tied head.
const TIED: RandomLlama = RandomLlama {
    dim: 128,
    hidden_dim: 224,
    n_layers: 2,
    n_heads: 2,
    n_kv_heads: 1,
    vocab_size: 997,
    tied: true,
    ..GROUPED
};

/// Name and shape of every fixture model.
pub(crate) const MODELS: [(&str, RandomLlama); 6] = [
    ("grouped-f32", GROUPED),
    ("grouped-f16", RandomLlama { tensor_type: TensorType::F16, ..GROUPED }),
    ("grouped-q8_0", RandomLlama { tensor_type: TensorType::Q8_0, ..GROUPED }),
    ("grouped-q4_0", RandomLlama { tensor_type: TensorType::Q4_0, ..GROUPED }),
    ("tied-f32", TIED),
    ("tied-q8_0", RandomLlama { tensor_type: TensorType::Q8_0, ..TIED }),
];
