//! Valid GGUF files that exist nowhere: the header is written, the weights are patterns made while they are sent.
//! Written from the format's description, not with the writer of the package, so that reader and writer cannot share
//! a mistake.
//!
//! The large one has the shape of Qwen2.5-0.5B in llama.cpp's Q4_K_M, vocabulary and all; the medium one is a Llama
//! of one layer in Q8_0.

use std::io::{Cursor, Read};

use crate::vocabulary::{merged_vocabulary, small_vocabulary};

const ALIGNMENT: u64 = 32;

/// Length and body of a model file of about 400 MB: 24 layers of Q4_K_M noise.
pub fn large_model() -> (u64, Box<dyn Read + Send>) {
    body(&LARGE.metadata(), &LARGE.tensors())
}

/// Length and body of a model file of about 19 MB.
pub fn medium_model() -> (u64, Box<dyn Read + Send>) {
    body(&MEDIUM.metadata(), &MEDIUM.tensors())
}

/// Names of the parts of the medium model, as `gguf-split` names them.
pub const PARTS: [&str; 3] =
    ["medium-00001-of-00003.gguf", "medium-00002-of-00003.gguf", "medium-00003-of-00003.gguf"];

/// Length and body of a part of the medium model, by its place in [`PARTS`]: only the first has the metadata.
pub fn medium_part(idx: usize) -> (u64, Box<dyn Read + Send>) {
    let tensors = MEDIUM.tensors();
    let place = |key: &str, kind: u32, value: &[u8]| {
        [string(key), kind.to_le_bytes().to_vec(), value.to_vec()].concat()
    };
    let mut metadata = if idx == 0 { MEDIUM.metadata() } else { Vec::new() };
    metadata.push(place("split.no", 2, &(idx as u16).to_le_bytes()));
    metadata.push(place("split.count", 2, &(PARTS.len() as u16).to_le_bytes()));
    metadata.push(place("split.tensors.count", 5, &(tensors.len() as i32).to_le_bytes()));
    let first = |part: usize| part * tensors.len() / PARTS.len();
    body(&metadata, &tensors[first(idx)..first(idx + 1)])
}

/// A decoder's numbers, and how its matrices are stored.
struct Shape {
    architecture: &'static str,
    name: &'static str,
    dim: u64,
    hidden_dim: u64,
    n_layers: u64,
    n_heads: u64,
    n_kv_heads: u64,
    vocab_size: u64,
    seq_len: u64,
    rope_freq_base: f32,
    rms_norm_eps: f32,
    has_biases: bool,
    is_tied: bool,
    mix: Mix,
}

/// Which types the matrices have.
#[derive(Clone, Copy, PartialEq)]
enum Mix {
    Q8_0,
    Q4KM,
}

const LARGE: Shape = Shape {
    architecture: "qwen2",
    name: "four hundred megabytes of noise",
    dim: 896,
    hidden_dim: 4864,
    n_layers: 24,
    n_heads: 14,
    n_kv_heads: 2,
    vocab_size: 151_936,
    seq_len: 32_768,
    rope_freq_base: 1e6,
    rms_norm_eps: 1e-6,
    has_biases: true,
    is_tied: true,
    mix: Mix::Q4KM,
};

const MEDIUM: Shape = Shape {
    architecture: "llama",
    name: "twenty megabytes of noise",
    dim: 1024,
    hidden_dim: 4096,
    n_layers: 1,
    n_heads: 16,
    n_kv_heads: 16,
    vocab_size: 512,
    seq_len: 512,
    rope_freq_base: 10_000.0,
    rms_norm_eps: 1e-5,
    has_biases: false,
    is_tied: false,
    mix: Mix::Q8_0,
};

/// How a tensor's values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    F32,
    Q5_0,
    Q8_0,
    Q4K,
    Q6K,
}

impl Kind {
    /// ggml's number of the type.
    fn id(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::Q5_0 => 6,
            Self::Q8_0 => 8,
            Self::Q4K => 12,
            Self::Q6K => 14,
        }
    }

    /// Values and bytes of a block.
    fn block(self) -> (u64, u64) {
        match self {
            Self::F32 => (1, 4),
            Self::Q5_0 => (32, 22),
            Self::Q8_0 => (32, 34),
            Self::Q4K => (256, 144),
            Self::Q6K => (256, 210),
        }
    }

    /// Where in a block its scales of two bytes stand.
    fn scales(self) -> &'static [usize] {
        match self {
            Self::F32 => &[],
            Self::Q5_0 | Self::Q8_0 => &[0],
            Self::Q4K => &[0, 2],
            Self::Q6K => &[208],
        }
    }

    /// Some blocks of small noise; the value 1 where there are no blocks.
    fn pattern(self) -> Vec<u8> {
        if self == Self::F32 {
            return 1f32.to_le_bytes().to_vec();
        }
        let (mut state, mut bytes) = (1u32, Vec::new());
        for _block in 0..2048 {
            let start = bytes.len();
            for _byte in 0..self.block().1 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                bytes.push((state >> 24) as u8);
            }
            for at in self.scales() {
                bytes[start + at..start + at + 2].copy_from_slice(&[0x00, 0x08]); // 2^-13 as f16.
            }
        }
        bytes
    }
}

impl Shape {
    fn kv_dim(&self) -> u64 {
        self.dim / self.n_heads * self.n_kv_heads
    }

    /// The type of a matrix as llama.cpp chooses it (`llama_tensor_get_type`): Q6_K for values and down in half of the
    /// layers, else Q4_K; what rows of other than whole super-blocks cannot have is Q8_0 and Q5_0 instead. A tied
    /// embedding is an output head, so Q6_K.
    fn kind(&self, part: &str, layer: u64, n_cols: u64) -> Kind {
        if self.mix == Mix::Q8_0 {
            return Kind::Q8_0;
        }
        let eighth = self.n_layers / 8;
        let gets_more = layer < eighth || layer >= 7 * eighth || (layer - eighth) % 3 == 2;
        let is_large = part == "token_embd" || (matches!(part, "attn_v" | "ffn_down") && gets_more);
        match (is_large, n_cols.is_multiple_of(256)) {
            (true, true) => Kind::Q6K,
            (true, false) => Kind::Q8_0,
            (false, true) => Kind::Q4K,
            (false, false) => Kind::Q5_0,
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        let vector = |name: String, n: u64| Tensor { name, dims: vec![n], kind: Kind::F32 };
        let matrix = |part: &str, layer: Option<u64>, n_cols: u64, n_rows: u64| {
            let name =
                layer.map_or_else(|| format!("{part}.weight"), |layer| format!("blk.{layer}.{part}.weight"));
            Tensor {
                name,
                dims: vec![n_cols, n_rows],
                kind: self.kind(part, layer.unwrap_or_default(), n_cols),
            }
        };
        let (dim, hidden_dim, kv_dim) = (self.dim, self.hidden_dim, self.kv_dim());
        let mut tensors = vec![matrix("token_embd", None, dim, self.vocab_size)];
        for layer in 0..self.n_layers {
            tensors.push(vector(format!("blk.{layer}.attn_norm.weight"), dim));
            let rows = [("attn_q", dim), ("attn_k", kv_dim), ("attn_v", kv_dim), ("attn_output", dim)];
            tensors.extend(rows.map(|(part, n_rows)| matrix(part, Some(layer), dim, n_rows)));
            if self.has_biases {
                tensors
                    .extend(rows[..3].iter().map(|(part, n)| vector(format!("blk.{layer}.{part}.bias"), *n)));
            }
            tensors.push(vector(format!("blk.{layer}.ffn_norm.weight"), dim));
            tensors.extend(["ffn_gate", "ffn_up"].map(|part| matrix(part, Some(layer), dim, hidden_dim)));
            tensors.push(matrix("ffn_down", Some(layer), hidden_dim, dim));
        }
        tensors.push(vector("output_norm.weight".to_owned(), dim));
        tensors.extend((!self.is_tied).then(|| matrix("output", None, dim, self.vocab_size)));
        tensors
    }

    /// Metadata entries: key, type id, value.
    fn metadata(&self) -> Vec<Vec<u8>> {
        let key = |name: &str| format!("{}.{name}", self.architecture);
        let (tokens, merges) = match self.mix {
            Mix::Q8_0 => (small_vocabulary(self.vocab_size as usize), Vec::new()),
            Mix::Q4KM => merged_vocabulary(self.vocab_size as usize),
        };
        let is_control = |token: &String| token.starts_with("<|") && token.ends_with("|>") && token.len() > 4;
        let types = tokens.iter().map(|token| if is_control(token) { 3i32 } else { 1 });
        let id_of = |text: &str| tokens.iter().position(|token| token == text).unwrap_or_default() as u64;
        vec![
            text("general.architecture", self.architecture),
            text("general.name", self.name),
            number(&key("context_length"), self.seq_len),
            number(&key("embedding_length"), self.dim),
            number(&key("block_count"), self.n_layers),
            number(&key("feed_forward_length"), self.hidden_dim),
            number(&key("attention.head_count"), self.n_heads),
            number(&key("attention.head_count_kv"), self.n_kv_heads),
            number(&key("vocab_size"), self.vocab_size),
            real(&key("rope.freq_base"), self.rope_freq_base),
            real(&key("attention.layer_norm_rms_epsilon"), self.rms_norm_eps),
            text("tokenizer.ggml.model", "gpt2"),
            text("tokenizer.ggml.pre", "qwen2"),
            list("tokenizer.ggml.tokens", 8, tokens.iter().map(|token| string(token)).collect()),
            list("tokenizer.ggml.token_type", 5, types.map(|kind| kind.to_le_bytes().to_vec()).collect()),
            list("tokenizer.ggml.merges", 8, merges.iter().map(|merge| string(merge)).collect()),
            number("tokenizer.ggml.bos_token_id", id_of("<|start|>")),
            number("tokenizer.ggml.eos_token_id", id_of("<|end|>")),
            text("tokenizer.chat_template", "{% for m in messages %}{{ m['content'] }}{% endfor %}"),
        ]
    }
}

/// Everything before the weights, padded.
fn header(metadata: &[Vec<u8>], tensors: &[Tensor]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3u32.to_le_bytes());
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((metadata.len() as u64).to_le_bytes());
    bytes.extend(metadata.concat());
    let mut offset = 0;
    for tensor in tensors {
        bytes.extend(string(&tensor.name));
        bytes.extend((tensor.dims.len() as u32).to_le_bytes());
        bytes.extend(tensor.dims.iter().flat_map(|dim| dim.to_le_bytes()));
        bytes.extend(tensor.kind.id().to_le_bytes());
        bytes.extend(u64::to_le_bytes(offset));
        offset += tensor.padded();
    }
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT as usize), 0);
    bytes
}

struct Tensor {
    name: String,
    /// Fastest axis first, as in the file.
    dims: Vec<u64>,
    kind: Kind,
}

impl Tensor {
    fn n_bytes(&self) -> u64 {
        let (n_values, n_bytes) = self.kind.block();
        self.dims.iter().product::<u64>() / n_values * n_bytes
    }

    fn padded(&self) -> u64 {
        self.n_bytes().next_multiple_of(ALIGNMENT)
    }

    fn body(&self) -> impl Read + Send + use<> {
        Repeated { pattern: self.kind.pattern(), at: 0 }.take(self.n_bytes())
    }
}

fn body(metadata: &[Vec<u8>], tensors: &[Tensor]) -> (u64, Box<dyn Read + Send>) {
    let header = header(metadata, tensors);
    let n_bytes = header.len() as u64 + tensors.iter().map(Tensor::padded).sum::<u64>();
    let mut body: Box<dyn Read + Send> = Box::new(Cursor::new(header));
    for tensor in tensors {
        let padding = std::io::repeat(0).take(tensor.padded() - tensor.n_bytes());
        body = Box::new(body.chain(tensor.body()).chain(padding));
    }
    (n_bytes, body)
}

/// Bytes of a pattern, over and over.
struct Repeated {
    pattern: Vec<u8>,
    at: usize,
}

impl Read for Repeated {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = out.len().min(self.pattern.len() - self.at);
        out[..n_bytes].copy_from_slice(&self.pattern[self.at..self.at + n_bytes]);
        self.at = (self.at + n_bytes) % self.pattern.len();
        Ok(n_bytes)
    }
}

fn text(key: &str, value: &str) -> Vec<u8> {
    [string(key), 8u32.to_le_bytes().to_vec(), string(value)].concat()
}

fn number(key: &str, value: u64) -> Vec<u8> {
    [string(key), 4u32.to_le_bytes().to_vec(), (value as u32).to_le_bytes().to_vec()].concat()
}

fn real(key: &str, value: f32) -> Vec<u8> {
    [string(key), 6u32.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()].concat()
}

fn list(key: &str, kind: u32, items: Vec<Vec<u8>>) -> Vec<u8> {
    let head = [9u32.to_le_bytes(), kind.to_le_bytes()].concat();
    [string(key), head, (items.len() as u64).to_le_bytes().to_vec(), items.concat()].concat()
}

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

#[test]
fn the_medium_file_is_some_chunks_long() {
    let (n_bytes, mut body) = medium_model();
    assert!((16_000_000..24_000_000).contains(&n_bytes), "{n_bytes}");
    assert_eq!(std::io::copy(&mut body, &mut std::io::sink()).unwrap(), n_bytes);
}

#[test]
fn the_large_file_is_as_long_as_it_says_and_about_400_megabytes() {
    let (n_bytes, mut body) = large_model();
    assert!((385_000_000..405_000_000).contains(&n_bytes), "{n_bytes}");
    let mut first = vec![0; 1 << 20];
    body.read_exact(&mut first).unwrap();
    assert_eq!(&first[..4], b"GGUF");
    let rest = std::io::copy(&mut body, &mut std::io::sink()).unwrap();
    assert_eq!(first.len() as u64 + rest, n_bytes);
}

/// The counts that llama.cpp prints of its Q4_K_M file of the model, as quoted in ollama's issue 9031.
#[test]
fn the_large_file_has_the_mix_of_types_of_its_model() {
    let tensors = LARGE.tensors();
    let count = |kind| tensors.iter().filter(|tensor| tensor.kind == kind).count();
    let kinds = [Kind::Q5_0, Kind::Q8_0, Kind::Q4K, Kind::Q6K, Kind::F32];
    assert_eq!(kinds.map(count), [132, 13, 12, 12, 121]);
}
