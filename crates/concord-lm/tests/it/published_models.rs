//! Metadata of published models, entry by entry as their GGUF files hold it, and what the forward pass makes of it.
//!
//! The entries are those that llama.cpp prints when it loads the files; names, licences and vocabularies are left out.

use concord_lm::weights::testing::GgufWriter;
use concord_lm::weights::{Architecture, Header, Hyperparameters, Norms, Parsed, RopeDivisors, WeightsError};

/// A model: its architecture, what its keys hold (without the architecture's name), vectors that the file has for RoPE.
struct Model {
    name: &'static str,
    architecture: &'static str,
    entries: &'static str,
    vocab_size: u64,
    rope_vectors: &'static [&'static str],
}

const GEMMA_2_2B: Model = Model {
    name: "Gemma 2 2B",
    architecture: "gemma2",
    entries: "context_length u32 8192, embedding_length u32 2304, block_count u32 26, feed_forward_length u32 9216,
        attention.head_count u32 8, attention.head_count_kv u32 4, attention.layer_norm_rms_epsilon f32 0.000001,
        attention.key_length u32 256, attention.value_length u32 256, attn_logit_softcapping f32 50,
        final_logit_softcapping f32 30, attention.sliding_window u32 4096",
    vocab_size: 256_000,
    rope_vectors: &[],
};

/// As files of the first days: neither caps nor a window, which are known then.
const GEMMA_2_27B: Model = Model {
    name: "Gemma 2 27B",
    architecture: "gemma2",
    entries: "context_length u32 8192, embedding_length u32 4608, block_count u32 46, feed_forward_length u32 36864,
        attention.head_count u32 32, attention.head_count_kv u32 16, attention.layer_norm_rms_epsilon f32 0.000001,
        attention.key_length u32 128, attention.value_length u32 128",
    vocab_size: 256_000,
    rope_vectors: &[],
};

const PHI_3_5: Model = Model {
    name: "Phi-3.5-mini",
    architecture: "phi3",
    entries: "context_length u32 131072, rope.scaling.original_context_length u32 4096, embedding_length u32 3072,
        feed_forward_length u32 8192, block_count u32 32, attention.head_count u32 32,
        attention.head_count_kv u32 32, attention.layer_norm_rms_epsilon f32 0.00001, rope.dimension_count u32 96,
        rope.freq_base f32 10000, attention.sliding_window u32 262144, rope.scaling.attn_factor f32 1.190238",
    vocab_size: 32_064,
    rope_vectors: &["rope_factors_long.weight", "rope_factors_short.weight"],
};

const PHI_3_MINI: Model = Model {
    name: "Phi-3-mini-4k",
    architecture: "phi3",
    entries: "context_length u32 4096, rope.scaling.original_context_length u32 4096, embedding_length u32 3072,
        feed_forward_length u32 8192, block_count u32 32, attention.head_count u32 32,
        attention.head_count_kv u32 32, attention.layer_norm_rms_epsilon f32 0.00001, rope.dimension_count u32 96,
        rope.freq_base f32 10000, attention.sliding_window u32 2047",
    vocab_size: 32_064,
    rope_vectors: &[],
};

const PHI_4_MINI: Model = Model {
    name: "Phi-4-mini",
    architecture: "phi3",
    entries: "rope.scaling.attn_factor f32 1.190238, context_length u32 131072,
        rope.scaling.original_context_length u32 4096, embedding_length u32 3072, feed_forward_length u32 8192,
        block_count u32 32, attention.head_count u32 24, attention.head_count_kv u32 8,
        attention.layer_norm_rms_epsilon f32 0.00001, rope.dimension_count u32 96, rope.freq_base f32 10000,
        attention.sliding_window u32 262144",
    vocab_size: 200_064,
    rope_vectors: &["rope_factors_long.weight", "rope_factors_short.weight"],
};

const PHI_4: Model = Model {
    name: "Phi-4",
    architecture: "phi3",
    entries: "context_length u32 16384, rope.scaling.original_context_length u32 16384, embedding_length u32 5120,
        feed_forward_length u32 17920, block_count u32 40, attention.head_count u32 40,
        attention.head_count_kv u32 10, attention.layer_norm_rms_epsilon f32 0.00001, rope.dimension_count u32 128,
        rope.freq_base f32 250000, attention.sliding_window u32 0",
    vocab_size: 100_352,
    rope_vectors: &[],
};

const GRANITE_3_0: Model = Model {
    name: "Granite 3.0 8B",
    architecture: "granite",
    entries: "block_count u32 40, context_length u32 4096, embedding_length u32 4096, feed_forward_length u32 12800,
        attention.head_count u32 32, attention.head_count_kv u32 8, rope.freq_base f32 10000,
        attention.layer_norm_rms_epsilon f32 0.00001, vocab_size u32 49155, rope.dimension_count u32 128,
        attention.scale f32 0.0078125, embedding_scale f32 12, residual_scale f32 0.22, logit_scale f32 16",
    vocab_size: 49_155,
    rope_vectors: &[],
};

const GRANITE_3_1: Model = Model {
    name: "Granite 3.1 2B",
    architecture: "granite",
    entries: "block_count u32 40, context_length u32 131072, embedding_length u32 2048, feed_forward_length u32 8192,
        attention.head_count u32 32, attention.head_count_kv u32 8, rope.freq_base f32 5000000,
        attention.layer_norm_rms_epsilon f32 0.00001, vocab_size u32 49155, rope.dimension_count u32 64,
        attention.scale f32 0.015625, embedding_scale f32 12, residual_scale f32 0.22, logit_scale f32 8",
    vocab_size: 49_155,
    rope_vectors: &[],
};

const GRANITE_4_2: Model = Model {
    name: "Granite 4.2 3B",
    architecture: "granite",
    entries: "embedding_length u32 2560, block_count u32 40, context_length u32 131072, vocab_size u32 100352,
        attention.head_count u32 40, attention.head_count_kv u32 8, attention.key_length u32 64,
        rope.freq_base f32 10000000, feed_forward_length u32 8192, attention.layer_norm_rms_epsilon f32 0.00001,
        attention.scale f32 0.125, embedding_scale f32 1, residual_scale f32 1, logit_scale f32 1",
    vocab_size: 100_352,
    rope_vectors: &[],
};

const SMOLLM_3: Model = Model {
    name: "SmolLM3 3B",
    architecture: "smollm3",
    entries: "block_count u32 36, context_length u32 65536, embedding_length u32 2048, feed_forward_length u32 11008,
        attention.head_count u32 16, attention.head_count_kv u32 4, rope.freq_base f32 5000000,
        attention.layer_norm_rms_epsilon f32 0.000001, vocab_size u32 128256, rope.dimension_count u32 128",
    vocab_size: 128_256,
    rope_vectors: &[],
};

const COMMAND_A: Model = Model {
    name: "Command A",
    architecture: "cohere2",
    entries: "block_count u32 64, context_length u32 262144, embedding_length u32 12288,
        feed_forward_length u32 36864, attention.head_count u32 96, attention.head_count_kv u32 8,
        rope.freq_base f32 50000, attention.layer_norm_epsilon f32 0.00001, attention.key_length u32 128,
        attention.value_length u32 128, logit_scale f32 0.25, attention.sliding_window u32 4096,
        vocab_size u32 256000, rope.dimension_count u32 128, rope.scaling.type str none",
    vocab_size: 256_000,
    rope_vectors: &[],
};

/// With an entry that another converter adds, and the layers with a window as an array.
const COMMAND_R7B: Model = Model {
    name: "Command R7B",
    architecture: "cohere2",
    entries: "context_length u32 132096, embedding_length u32 4096, block_count u32 32,
        feed_forward_length u32 14336, attention.head_count u32 32, attention.head_count_kv u32 8,
        attention.key_length u32 128, attention.layer_norm_epsilon f32 0.00001, attention.sliding_window u32 4096,
        attention.value_length u32 128, max_position_embeddings u32 132096, logit_scale f32 0.25,
        rope.dimension_count u32 128, rope.freq_base f32 50000, rope.scaling.type str none, vocab_size u32 256000,
        attention.sliding_window_pattern arr 11101110111011101110111011101110",
    vocab_size: 256_000,
    rope_vectors: &[],
};

const MINISTRAL_3: Model = Model {
    name: "Ministral 3 3B",
    architecture: "mistral3",
    entries: "block_count u32 26, context_length u32 262144, embedding_length u32 3072, feed_forward_length u32 9216,
        attention.head_count u32 32, attention.head_count_kv u32 8, rope.freq_base f32 1000000,
        attention.layer_norm_rms_epsilon f32 0.00001, attention.key_length u32 128, attention.value_length u32 128,
        rope.dimension_count u32 128, rope.scaling.type str yarn, rope.scaling.factor f32 16,
        rope.scaling.yarn_beta_fast f32 32, rope.scaling.yarn_beta_slow f32 1,
        rope.scaling.yarn_log_multiplier f32 1, rope.scaling.original_context_length u32 16384,
        attention.temperature_scale f32 0.1, vocab_size u32 131072",
    vocab_size: 131_072,
    rope_vectors: &[],
};

/// The same numbers under the names that another converter gives them.
const DEVSTRAL_2: Model = Model {
    name: "Devstral Small 2",
    architecture: "mistral3",
    entries: "block_count u32 40, context_length u32 393216, embedding_length u32 5120,
        feed_forward_length u32 32768, attention.head_count u32 32, attention.head_count_kv u32 8,
        rope.freq_base f32 100000000, attention.layer_norm_rms_epsilon f32 0.00001, attention.key_length u32 128,
        attention.value_length u32 128, rope.dimension_count u32 128, rope.scaling.type str yarn,
        rope.scaling.factor f32 48, rope.scaling.beta_fast f32 32, rope.scaling.beta_slow f32 1,
        rope.scaling.mscale f32 1, rope.scaling.mscale_all_dim f32 1,
        rope.scaling.original_context_length u32 8192, rope.scaling_beta f32 0.1, vocab_size u32 131072",
    vocab_size: 131_072,
    rope_vectors: &[],
};

fn read(model: &Model) -> Result<Hyperparameters, WeightsError> {
    let mut writer = GgufWriter::new();
    writer.string("general.architecture", model.architecture);
    let mut dim = 0;
    for entry in model.entries.split(',') {
        let parts: Vec<&str> = entry.split_whitespace().collect();
        let [key, kind, value] = parts[..] else { panic!("{entry:?}") };
        if key == "embedding_length" {
            dim = value.parse().unwrap();
        }
        let key = format!("{}.{key}", model.architecture);
        match kind {
            "u32" => writer.u32(&key, value.parse().unwrap()),
            "f32" => writer.f32(&key, value.parse().unwrap()),
            "str" => writer.string(&key, value),
            _ => {
                // An array of truth values.
                let flags: Vec<u8> = value.bytes().map(|digit| digit - b'0').collect();
                let head = [&7u32.to_le_bytes()[..], &(flags.len() as u64).to_le_bytes()].concat();
                writer.raw(&key, 9, &[head, flags].concat())
            }
        };
    }
    writer.entry("token_embd.weight", &[dim, model.vocab_size], 1, 0);
    // One after the other behind the embedding table, in F16.
    let mut offset = 2 * dim * model.vocab_size;
    for name in model.rope_vectors {
        writer.entry(name, &[48], 0, offset);
        offset += 4 * 48;
    }
    match Header::parse(&writer.finish(), None)? {
        Parsed::Header(header) => Hyperparameters::from_header(&header),
        Parsed::NeedMore { .. } => panic!("a whole header"),
    }
}

#[test]
fn the_metadata_of_published_models_is_read() {
    let models = [
        GEMMA_2_2B,
        GEMMA_2_27B,
        PHI_3_MINI,
        PHI_3_5,
        PHI_4_MINI,
        PHI_4,
        GRANITE_3_0,
        GRANITE_3_1,
        GRANITE_4_2,
        SMOLLM_3,
        COMMAND_A,
        COMMAND_R7B,
        MINISTRAL_3,
        DEVSTRAL_2,
    ];
    for model in models {
        let h = read(&model).unwrap_or_else(|error| panic!("{}: {error}", model.name));
        assert_eq!(h.architecture.name(), model.architecture, "{}", model.name);
        assert_eq!(u64::from(h.vocab_size), model.vocab_size, "{}", model.name);
    }
}

#[test]
fn gemma_2_has_caps_and_a_window_in_every_second_layer() {
    for model in [GEMMA_2_2B, GEMMA_2_27B] {
        let h = read(&model).unwrap();
        assert_eq!((h.attention_soft_cap, h.logit_soft_cap), (50.0, 30.0), "{}", model.name);
        let windows = [0, 1, 2, 3].map(|layer| h.window_of(layer).map(|window| window.n_positions));
        assert_eq!(windows, [Some(4096), None, Some(4096), None], "{}", model.name);
        assert!(!h.head_norm);
    }
    assert_eq!(read(&GEMMA_2_2B).unwrap().attention_scale, 1.0 / 16.0);
    assert_eq!(read(&GEMMA_2_27B).unwrap().attention_scale, 1.0 / 12.0, "4608 / 32 is 144");
}

#[test]
fn phi_reads_short_texts_unless_asked_for_long_ones() {
    let h = read(&PHI_4_MINI).unwrap();
    assert_eq!((h.head_dim, h.rope_dim, h.rope.magnitude), (128, 96, 1.190_238));
    assert_eq!(h.rope_divisors, RopeDivisors::ByLength { n_original: 4096, n_longest: 131_072 });
    assert_eq!((h.seq_len, h.is_long(), h.window), (4096, false, None));
    let long = h.within(30_000);
    assert_eq!((long.seq_len, long.is_long()), (30_000, true));
    assert_eq!(h.within(1 << 20).seq_len, 131_072);
    let windowed = read(&PHI_3_MINI).unwrap();
    assert!(
        [0, 31].map(|layer| windowed.window_of(layer).map(|window| window.n_positions)) == [Some(2047); 2]
    );
    let plain = read(&PHI_4).unwrap();
    assert_eq!((plain.seq_len, plain.rope_divisors, plain.window), (16_384, RopeDivisors::None, None));
}

#[test]
fn granite_has_four_factors() {
    let h = read(&GRANITE_3_1).unwrap();
    let factors = [h.embedding_scale, h.residual_scale, h.attention_scale, h.logit_scale];
    assert_eq!(factors, [12.0, 0.22, 0.015_625, 0.125]);
    let h = read(&GRANITE_4_2).unwrap();
    assert_eq!(
        [h.embedding_scale, h.residual_scale, h.attention_scale, h.logit_scale],
        [1.0, 1.0, 0.125, 1.0]
    );
}

#[test]
fn some_layers_have_no_rope() {
    let turned = |h: &Hyperparameters| [0, 1, 2, 3, 4, 7].map(|layer| h.rope_dim_of(layer) > 0);
    let expected = [true, true, true, false, true, false];
    assert_eq!(turned(&read(&SMOLLM_3).unwrap()), expected);
    for model in [COMMAND_A, COMMAND_R7B] {
        let h = read(&model).unwrap();
        assert_eq!(turned(&h), expected, "{}", model.name);
        assert_eq!([0, 1, 2, 3, 4, 7].map(|layer| h.window_of(layer).is_some()), expected, "{}", model.name);
        assert_eq!((h.norms, h.logit_scale), (Norms::Parallel, 0.25), "{}", model.name);
    }
}

#[test]
fn mistral_3_has_yarn_and_a_temperature() {
    for (model, factor, n_original) in [(MINISTRAL_3, 16.0, 16_384), (DEVSTRAL_2, 48.0, 8192)] {
        let h = read(&model).unwrap();
        assert_eq!(h.architecture, Architecture::Mistral3);
        assert_eq!((h.rope.factor, h.rope.magnitude), (factor, 1.0), "{}", model.name);
        let yarn = h.rope.yarn.unwrap();
        assert_eq!((yarn.n_original, yarn.beta_fast, yarn.beta_slow, yarn.mix), (n_original, 32.0, 1.0, 1.0));
        let temperature = h.temperature.unwrap();
        assert_eq!((temperature.scale, temperature.n_positions), (0.1, n_original), "{}", model.name);
    }
}

/// Numbers and arrays of numbers, as converters of different days write them.
#[test]
fn patterns_and_counts_are_numbers_or_arrays() {
    let with = |more: &str| {
        let entries = format!("{}, {more}", COMMAND_A.entries).leak();
        read(&Model { entries, ..COMMAND_A }).unwrap()
    };
    let windowed = |h: &Hyperparameters| [0, 1, 2, 3, 4].map(|layer| h.window_of(layer).is_some());
    let every_second = with("attention.sliding_window_pattern u32 2");
    assert_eq!(windowed(&every_second), [true, false, true, false, true]);
    assert_eq!(windowed(&with("attention.sliding_window_pattern u32 0")), [true; 5]);
    let of_others = with("attention.scale f32 0, residual_scale f32 1, expert_count u32 0");
    assert_eq!(of_others, read(&COMMAND_A).unwrap(), "neutral numbers change nothing");
}

#[test]
fn patterns_must_name_every_layer() {
    let short =
        Model { entries: COMMAND_R7B.entries.split_at(COMMAND_R7B.entries.len() - 1).0, ..COMMAND_R7B };
    let error = read(&short).unwrap_err().to_string();
    assert!(error.contains("sliding_window_pattern holds 31 of 32 layers"), "{error}");
}
