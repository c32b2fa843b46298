//! A whole decoder of seeded noise, with a byte-level tokenizer and a chat template.

use super::quantise::quantise_rows;
use super::writer::GgufWriter;
use crate::weights::architecture::{Architecture, Head, LogitScale, Temperature, Window};
use crate::weights::blocks::TensorType;
use crate::weights::hyperparameters::Hyperparameters;
use crate::weights::layer_set::LayerSet;
use crate::weights::layout::Layout;
use crate::weights::model_tensor::ModelTensor;
use crate::weights::rope_scaling::{Rope, RopeDivisors, Yarn, yarn_magnitude};

/// Texts of the special tokens, ids 0, 1, 2: begin of text, start of a turn, end of a turn.
pub const SPECIAL_TOKENS: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/// Smallest vocabulary whose tokenizer can encode any text: the special tokens and 256 bytes.
pub const MIN_TEXT_VOCAB: u32 = 259;

/// Factor of queries and keys with RoPE divisors for two lengths, as Phi-3.5 has.
const LONG_MAGNITUDE: f32 = 1.190_238;

/// A ChatML template.
pub const CHAT_TEMPLATE: &str = "{% for message in messages %}<|im_start|>{{ message['role'] }}\n\
    {{ message['content'] }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Shape of a random model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomModel {
    /// Its family.
    pub architecture: Architecture,
    /// Width of the residual stream; a multiple of the block length of the type.
    pub dim: u32,
    /// Width of the feed-forward layer; a multiple of the block length of the type.
    pub hidden_dim: u32,
    /// Transformer layers.
    pub n_layers: u32,
    /// Query heads.
    pub n_heads: u32,
    /// Key and value heads; divides `n_heads`.
    pub n_kv_heads: u32,
    /// Width of a head; 0 for `dim / n_heads`.
    pub head_dim: u32,
    /// Positions that the layers with a window see; 0 for all.
    pub window: u32,
    /// Factor of RoPE scaling; 1 for none.
    pub rope_scale: f32,
    /// Positions of the original context, of YaRN where `rope_scale` is not 1, of RoPE divisors for two lengths in a Phi-3;
    /// 0 for linear scaling, and no such divisors.
    pub original_context: u32,
    /// Write divisors of the RoPE frequencies, as Llama 3 has.
    pub rope_divisors: bool,
    /// Soft cap of the logits; 0 for none.
    pub logit_soft_cap: f32,
    /// Rows of the embedding table; from [`MIN_TEXT_VOCAB`] on the tokenizer can encode any text.
    pub vocab_size: u32,
    /// Context length in the metadata.
    pub seq_len: u32,
    /// Type of every matrix; norms are F32.
    pub tensor_type: TensorType,
    /// Use the embedding table as output head.
    pub tied: bool,
    /// Rule of the pre-tokenizer, `tokenizer.ggml.pre`.
    pub pre_tokenizer: &'static str,
    /// Seed of the noise.
    pub seed: u64,
}

impl Default for RandomModel {
    fn default() -> Self {
        Self {
            architecture: Architecture::Llama,
            dim: 64,
            hidden_dim: 96,
            n_layers: 2,
            n_heads: 4,
            n_kv_heads: 2,
            head_dim: 0,
            window: 0,
            rope_scale: 1.0,
            original_context: 0,
            rope_divisors: false,
            logit_soft_cap: 0.0,
            vocab_size: 301,
            seq_len: 256,
            tensor_type: TensorType::F32,
            tied: false,
            pre_tokenizer: "qwen2",
            seed: 1,
        }
    }
}

impl RandomModel {
    /// The hyperparameters that the file will hold.
    pub fn hyperparameters(&self) -> Hyperparameters {
        let family = self.architecture;
        let head_dim = if self.head_dim == 0 { self.dim / self.n_heads } else { self.head_dim };
        let window = family.window_defaults().filter(|_| self.window > 0);
        let rope = self.rope();
        let window = window.map(|defaults| Window {
            n_positions: self.window,
            layers: LayerSet::but_every(defaults.every),
            rope: defaults.rope_freq_base.map_or(rope, Rope::plain),
        });
        let granite = |value: f32| if family.has_factors() { value } else { 1.0 };
        Hyperparameters {
            architecture: family,
            dim: self.dim,
            hidden_dim: self.hidden_dim,
            n_layers: self.n_layers,
            n_heads: self.n_heads,
            n_kv_heads: self.n_kv_heads,
            head_dim,
            vocab_size: self.vocab_size,
            seq_len: self.seq_len,
            norm_eps: 1e-5,
            norms: family.norms(),
            positions: family.positions(),
            causal: !family.is_encoder(),
            n_token_types: if family == Architecture::Bert { 2 } else { 0 },
            rope,
            rope_layers: match window {
                Some(window) if family.turns_in_windows_only() => window.layers,
                _ => LayerSet::but_every(family.no_rope_every()),
            },
            rope_dim: match family {
                Architecture::Bert => 0,
                // As in Phi-4-mini.
                Architecture::Phi3 if self.original_context > 0 => head_dim / 4 * 3,
                _ => head_dim,
            },
            rope_pairs: family.rope_pairs(),
            rope_divisors: match self.original_context {
                n_original if family == Architecture::Phi3 && n_original > 0 => {
                    RopeDivisors::ByLength { n_original, n_longest: self.seq_len }
                }
                _ if self.rope_divisors => RopeDivisors::One,
                _ => RopeDivisors::None,
            },
            qkv_bias: family.has_qkv_bias(),
            head_norm: family.has_head_norm(),
            gated: family.has_gate(),
            activation: family.activation(),
            embedding_scale: family.embedding_scale(self.dim) * granite(12.0),
            residual_scale: granite(0.22),
            attention_scale: match family.has_factors() {
                true => 0.0625,
                false => family.attention_scale(head_dim, self.dim, self.n_heads, self.n_layers),
            },
            temperature: (family.has_temperature() && self.original_context > 0)
                .then_some(Temperature { scale: 0.1, n_positions: self.original_context }),
            // Low enough to bend the scores of noise.
            attention_soft_cap: if family == Architecture::Gemma2 { 5.0 } else { 0.0 },
            logit_scale: match family.logit_scale() {
                LogitScale::None => 1.0,
                LogitScale::Factor => 0.25,
                LogitScale::Divisor => 1.0 / 8.0,
            },
            logit_soft_cap: self.logit_soft_cap,
            window,
            dense_dim: if family == Architecture::GemmaEmbedding { 2 * self.dim } else { 0 },
            head: match self.tied {
                _ if family.is_encoder() => Head::None,
                true => Head::Tied,
                false => Head::Own,
            },
        }
    }
}

impl RandomModel {
    fn rope(&self) -> Rope {
        let plain = Rope { factor: self.rope_scale, ..Rope::plain(10_000.0) };
        match self.original_context {
            0 => plain,
            _ if self.architecture == Architecture::Phi3 => Rope { magnitude: LONG_MAGNITUDE, ..plain },
            n_original => Rope {
                yarn: Some(Yarn { n_original, beta_fast: 32.0, beta_slow: 1.0, mix: 1.0 }),
                magnitude: yarn_magnitude(self.rope_scale, 1.0),
                ..plain
            },
        }
    }
}

/// Writes the model as a GGUF file. Matrices are normal noise of variance `1 / n_cols`, norms are
/// `1 + 0.1 * noise`. The head's variance is `4 / n_cols`, so logits spread by about 2; an embedding
/// table of its own has variance 1 after its scale.
pub fn random_model(model: &RandomModel) -> Vec<u8> {
    speaking_model(model, CHAT_TEMPLATE, &[])
}

/// The same with another chat template, and with special tokens of these texts in the place of the last tokens.
pub fn speaking_model(model: &RandomModel, chat_template: &str, special: &[&str]) -> Vec<u8> {
    let hyperparameters = model.hyperparameters();
    let mut writer = GgufWriter::new();
    write_hyperparameters(&mut writer, &hyperparameters);
    write_tokenizer(&mut writer, model, special);
    writer.string("tokenizer.chat_template", chat_template);
    let mut noise = Noise::new(model.seed);
    let is_joined = model.architecture == Architecture::Phi3;
    let layout = if is_joined { Layout::GgufJoined { qkv: true, gate_up: true } } else { Layout::Gguf };
    let tensors = ModelTensor::all(&hyperparameters);
    // The parts of a joined tensor stand together in the order that it has them.
    let name = |tensor: ModelTensor| layout.find(tensor, &hyperparameters).name;
    for parts in tensors.chunk_by(|&one, &next| name(one) == name(next)) {
        let tensor_type = if parts[0].is_vector() { TensorType::F32 } else { model.tensor_type };
        let n_cols = parts[0].shape(&hyperparameters)[1];
        let n_rows: u64 = parts.iter().map(|tensor| tensor.shape(&hyperparameters)[0]).sum();
        let dims: &[u64] = if parts[0].is_vector() { &[n_cols] } else { &[n_cols, n_rows] };
        let values: Vec<f32> =
            parts.iter().flat_map(|&tensor| noise.tensor(tensor, &hyperparameters)).collect();
        writer.tensor(&name(parts[0]), dims, tensor_type.ggml_id(), &quantise_rows(tensor_type, &values));
    }
    writer.finish()
}

fn write_hyperparameters(writer: &mut GgufWriter, hyperparameters: &Hyperparameters) {
    let h = hyperparameters;
    let key = |name: &str| format!("{}.{name}", h.architecture.name());
    writer
        .string("general.architecture", h.architecture.name())
        .string("general.name", "random")
        .u32(&key("context_length"), h.seq_len)
        .u32(&key("embedding_length"), h.dim)
        .u32(&key("block_count"), h.n_layers)
        .u32(&key("feed_forward_length"), h.hidden_dim)
        .u32(&key("rope.dimension_count"), h.rope_dim)
        .f32(&key("rope.freq_base"), h.rope.freq_base)
        .u32(&key("attention.head_count"), h.n_heads)
        .u32(&key("attention.head_count_kv"), h.n_kv_heads)
        .f32(&key(h.architecture.eps_key()), h.norm_eps)
        .u32(&key("vocab_size"), h.vocab_size);
    if h.head_dim != h.dim / h.n_heads {
        writer.u32(&key("attention.key_length"), h.head_dim).u32(&key("attention.value_length"), h.head_dim);
    }
    if !h.causal {
        writer.bool(&key("attention.causal"), false).u32(&key("pooling_type"), 1);
    }
    write_rope_scaling(writer, h, &key);
    if h.attention_soft_cap != 0.0 {
        writer.f32(&key("attn_logit_softcapping"), h.attention_soft_cap);
    }
    if h.logit_soft_cap != 0.0 {
        writer.f32(&key("final_logit_softcapping"), h.logit_soft_cap);
    }
    if let Some(window) = h.window {
        writer.u32(&key("attention.sliding_window"), window.n_positions);
    }
    if h.architecture.has_factors() {
        writer
            .f32(&key("embedding_scale"), h.embedding_scale)
            .f32(&key("residual_scale"), h.residual_scale)
            .f32(&key("attention.scale"), h.attention_scale);
    }
    match h.architecture.logit_scale() {
        LogitScale::None => {}
        LogitScale::Factor => {
            writer.f32(&key("logit_scale"), h.logit_scale);
        }
        LogitScale::Divisor => {
            writer.f32(&key("logit_scale"), 1.0 / h.logit_scale);
        }
    }
    if let Some(temperature) = h.temperature {
        writer.f32(&key("attention.temperature_scale"), temperature.scale);
    }
}

fn write_rope_scaling(writer: &mut GgufWriter, h: &Hyperparameters, key: &impl Fn(&str) -> String) {
    let original = match (h.rope.yarn, h.rope_divisors) {
        (Some(yarn), _) => Some(("yarn", yarn.n_original)),
        (None, RopeDivisors::ByLength { n_original, .. }) => Some(("longrope", n_original)),
        _ => None,
    };
    if let Some((kind, n_original)) = original {
        writer
            .string(&key("rope.scaling.type"), kind)
            .u32(&key("rope.scaling.original_context_length"), n_original);
    } else if h.rope.factor != 1.0 {
        writer.string(&key("rope.scaling.type"), "linear");
    }
    if h.rope.factor != 1.0 {
        writer.f32(&key("rope.scaling.factor"), h.rope.factor);
    }
    if h.rope.yarn.is_none() && h.rope.magnitude != 1.0 {
        writer.f32(&key("rope.scaling.attn_factor"), h.rope.magnitude);
    }
}

/// Special tokens, one token per byte, then pairs of letters as merges, then unused tokens.
fn write_tokenizer(writer: &mut GgufWriter, model: &RandomModel, special: &[&str]) {
    let vocab_size = model.vocab_size as usize - special.len();
    let mut tokens: Vec<String> = SPECIAL_TOKENS.iter().map(|&text| text.to_owned()).collect();
    tokens.extend((0..=255).map(|byte| byte_char(byte).to_string()));
    let letters = || b'a'..=b'z';
    let pairs = letters().flat_map(|a| letters().map(move |b| (char::from(a), char::from(b))));
    let n_merges = vocab_size.saturating_sub(tokens.len()).min(26 * 26);
    let pairs: Vec<(char, char)> = pairs.take(n_merges).collect();
    tokens.extend(pairs.iter().map(|(a, b)| format!("{a}{b}")));
    let n_used = tokens.len();
    tokens.extend((n_used..vocab_size).map(|id| format!("<|unused_{id}|>")));
    tokens.truncate(vocab_size);
    tokens.extend(special.iter().map(|&text| text.to_owned()));
    // Token types of llama.cpp: 1 normal, 3 control, 5 unused.
    let types = (0..tokens.len()).map(|id| {
        if id < SPECIAL_TOKENS.len() || id >= vocab_size {
            3
        } else if id < n_used {
            1
        } else {
            5
        }
    });
    let merges: Vec<String> = pairs.iter().map(|(a, b)| format!("{a} {b}")).collect();
    writer
        .string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", model.pre_tokenizer)
        .strings("tokenizer.ggml.tokens", &tokens)
        .i32s("tokenizer.ggml.token_type", &types.collect::<Vec<i32>>())
        .strings("tokenizer.ggml.merges", &merges)
        .u32("tokenizer.ggml.bos_token_id", 0)
        .u32("tokenizer.ggml.eos_token_id", 2)
        .bool("tokenizer.ggml.add_bos_token", false);
}

/// The character that stands for a byte in GPT-2 vocabularies: printable Latin-1 for itself, the 68
/// others from U+0100 on, in order.
fn byte_char(byte: u8) -> char {
    let is_printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if is_printable(byte) {
        return char::from(byte);
    }
    let n_before = (0..byte).filter(|&other| !is_printable(other)).count() as u32;
    char::from_u32(0x100 + n_before).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Seeded noise that is the same on every machine (SplitMix64; Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Noise {
    state: u64,
}

impl Noise {
    /// Noise of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Uniform in [0, 1), 24 bits.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// Values of a tensor, as [`random_model`] says.
    pub(super) fn tensor(&mut self, tensor: ModelTensor, hyperparameters: &Hyperparameters) -> Vec<f32> {
        let [n_rows, n_cols] = tensor.shape(hyperparameters);
        let (mean, deviation) = match tensor {
            ModelTensor::QBias(_) | ModelTensor::KBias(_) | ModelTensor::VBias(_) => (0.0, 0.5),
            _ if tensor.name().ends_with(".bias") => (0.0, 0.2),
            // As Llama 3's: from 1 for the quick pairs to 8 for the slow ones.
            ModelTensor::RopeDivisors | ModelTensor::RopeLong => (4.0, 1.0),
            _ if tensor.is_vector() => (1.0, 0.1),
            ModelTensor::PositionEmbedding | ModelTensor::TokenTypes => (0.0, 1.0),
            ModelTensor::TokenEmbedding if hyperparameters.head != Head::Tied => {
                (0.0, 1.0 / hyperparameters.embedding_scale)
            }
            // Larger ones would make every token the likeliest to follow itself.
            ModelTensor::TokenEmbedding if hyperparameters.embedding_scale != 1.0 => {
                (0.0, 0.1 * hyperparameters.residual_scale / hyperparameters.embedding_scale)
            }
            ModelTensor::TokenEmbedding | ModelTensor::Head => (0.0, 2.0 / (n_cols as f32).sqrt()),
            _ => (0.0, 1.0 / (n_cols as f32).sqrt()),
        };
        (0..n_rows * n_cols).map(|_| mean + deviation * self.normal()).collect()
    }

    /// Roughly normal, mean 0, variance 1: four 16-bit uniforms of one word, summed and scaled.
    pub fn normal(&mut self) -> f32 {
        let word = self.bits();
        let sum: u32 = (0..4).map(|i| (word >> (16 * i)) as u32 & 0xffff).sum();
        // The sum has mean 4 * 65535 / 2 and variance 4 * (65536^2 - 1) / 12.
        (sum as f32 - 131_070.0) * (1.0 / 37_837.23)
    }
}
