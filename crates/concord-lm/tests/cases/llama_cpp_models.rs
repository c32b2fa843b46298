//! The random models that llama.cpp's answers were recorded for.

use concord_lm::weights::testing::RandomModel;
use concord_lm::weights::{Architecture, TensorType};

/// Grouped queries, a prime vocabulary, widths that are multiples of 32 and of nothing larger.
const GROUPED: RandomModel = RandomModel {
    architecture: Architecture::Llama,
    dim: 96,
    hidden_dim: 160,
    n_layers: 3,
    n_heads: 6,
    n_kv_heads: 2,
    head_dim: 0,
    window: 0,
    rope_scale: 1.0,
    original_context: 0,
    rope_divisors: false,
    logit_soft_cap: 0.0,
    vocab_size: 1759,
    seq_len: 256,
    tensor_type: TensorType::F32,
    tied: false,
    pre_tokenizer: "qwen2",
    seed: 20_260_709,
};

/// One key-value head, wide heads, a tied head.
const TIED: RandomModel = RandomModel {
    dim: 128,
    hidden_dim: 224,
    n_layers: 2,
    n_heads: 2,
    n_kv_heads: 1,
    vocab_size: 997,
    tied: true,
    ..GROUPED
};

/// Heads that are not `dim / n_heads` wide, Llama 3's RoPE.
const LLAMA_3: RandomModel = RandomModel { head_dim: 48, rope_divisors: true, rope_scale: 2.0, ..GROUPED };

/// A family in every tensor type: one block of 256 wide, so that the K types fit.
const fn family(architecture: Architecture, tensor_type: TensorType) -> RandomModel {
    let is_gemma = matches!(architecture, Architecture::Gemma3);
    RandomModel {
        architecture,
        dim: 256,
        hidden_dim: 256,
        // The sixth layer of a Gemma 3 is the first that sees all positions.
        n_layers: if is_gemma { 6 } else { 2 },
        n_heads: 4,
        n_kv_heads: 2,
        head_dim: 64,
        // The prompt and the tokens after it cross the window.
        window: if is_gemma { 24 } else { 0 },
        rope_scale: if is_gemma { 8.0 } else { 1.0 },
        logit_soft_cap: if is_gemma { 30.0 } else { 0.0 },
        vocab_size: 521,
        tensor_type,
        // The greedy tokens of these are further apart than the roundings of keys and values.
        seed: if is_gemma { 3 } else { GROUPED.seed },
        ..GROUPED
    }
}

/// A family that differs from these in a few ways, in F32 and one quantised type each. The seeds are those of which the
/// greedy tokens are further apart than the roundings of keys and values.
const fn variant(architecture: Architecture) -> RandomModel {
    RandomModel { n_layers: 4, seed: 8, ..family(architecture, TensorType::F32) }
}

/// Every second layer with a window that the prompt crosses, caps of scores and logits.
const GEMMA_2: RandomModel =
    RandomModel { window: 24, logit_soft_cap: 0.2, tied: true, seed: 7, ..variant(Architecture::Gemma2) };
/// Joined matrices.
const PHI_3: RandomModel = variant(Architecture::Phi3);
/// Divisors for short texts and for long ones; the second are used where the context is longer than the original one.
const PHI_3_SHORT: RandomModel = RandomModel { original_context: 256, ..PHI_3 };
const PHI_3_LONG: RandomModel = RandomModel { original_context: 32, ..PHI_3 };
/// YaRN beyond the original context.
const YARN: RandomModel =
    RandomModel { rope_scale: 4.0, original_context: 64, ..variant(Architecture::Llama) };
/// YaRN, and attention that sharpens twice within the prompt.
const MISTRAL_3: RandomModel =
    RandomModel { rope_scale: 16.0, original_context: 16, ..variant(Architecture::Mistral3) };
/// Three layers with a window for each one that sees all, without RoPE.
const COHERE_2: RandomModel = RandomModel { window: 24, tied: true, ..variant(Architecture::Cohere2) };

/// The types that each family is recorded in.
const TYPES: [TensorType; 11] = [
    TensorType::F32,
    TensorType::F16,
    TensorType::BF16,
    TensorType::Q8_0,
    TensorType::Q4_0,
    TensorType::Q4_1,
    TensorType::Q5_0,
    TensorType::Q5_1,
    TensorType::Q4_K,
    TensorType::Q5_K,
    TensorType::Q6_K,
];

/// Those that one family alone is recorded in.
const LLAMA_TYPES: [TensorType; 4] =
    [TensorType::Q2_K, TensorType::Q3_K, TensorType::IQ4_NL, TensorType::IQ4_XS];

/// Names and shapes of all fixture models.
pub(crate) fn models() -> Vec<(String, RandomModel)> {
    let shapes = [("grouped", GROUPED), ("tied", TIED), ("llama-3", LLAMA_3)];
    let narrow = [TensorType::F32, TensorType::F16, TensorType::Q8_0, TensorType::Q4_0];
    let mut models = Vec::new();
    for (name, shape) in shapes {
        for tensor_type in narrow {
            models.push((name_of(name, tensor_type), RandomModel { tensor_type, ..shape }));
        }
    }
    for architecture in [Architecture::Llama, Architecture::Qwen2, Architecture::Qwen3, Architecture::Gemma3]
    {
        for tensor_type in TYPES {
            models.push((name_of(architecture.name(), tensor_type), family(architecture, tensor_type)));
        }
    }
    for tensor_type in LLAMA_TYPES {
        models.push((name_of("llama", tensor_type), family(Architecture::Llama, tensor_type)));
    }
    let variants = [
        ("gemma2", GEMMA_2),
        ("phi3", PHI_3),
        ("phi3-short", PHI_3_SHORT),
        ("phi3-long", PHI_3_LONG),
        ("granite", variant(Architecture::Granite)),
        ("granite-tied", RandomModel { tied: true, ..variant(Architecture::Granite) }),
        ("smollm3", RandomModel { tied: true, ..variant(Architecture::SmolLm3) }),
        ("cohere2", COHERE_2),
        ("mistral3", MISTRAL_3),
        ("llama-yarn", YARN),
    ];
    for (name, shape) in variants {
        for tensor_type in [TensorType::F32, TensorType::Q4_K] {
            models.push((name_of(name, tensor_type), RandomModel { tensor_type, ..shape }));
        }
    }
    models
}

fn name_of(shape: &str, tensor_type: TensorType) -> String {
    format!("{shape}-{}", tensor_type.name().to_lowercase())
}
