//! Valid GGUF files that exist nowhere, one of about 500 MB: the header is written, the weights are a
//! repeated pattern made while they are sent. Written from the format's description, not with the
//! writer of the package, so that reader and writer cannot share a mistake.

use std::io::{Cursor, Read};

const DIM: u64 = 1024;
const HIDDEN_DIM: u64 = 4096;
/// Layers of the model of about 500 MB.
const LARGE: u64 = 28;
const N_HEADS: u32 = 16;
const VOCAB_SIZE: u64 = 512;
const ALIGNMENT: u64 = 32;
/// ggml's type ids.
const F32: u32 = 0;
const Q8_0: u32 = 8;
/// A Q8_0 block: an f16 scale and 32 signed bytes.
const BLOCK_BYTES: u64 = 34;
const BLOCK_VALUES: u64 = 32;

/// Length and body of a model file of about 500 MB.
pub fn large_model() -> (u64, Box<dyn Read + Send>) {
    model(LARGE)
}

/// Length and body of a model file of about 19 MB.
pub fn medium_model() -> (u64, Box<dyn Read + Send>) {
    model(1)
}

fn model(n_layers: u64) -> (u64, Box<dyn Read + Send>) {
    let tensors = tensors(n_layers);
    let header = header(&tensors, n_layers);
    let n_bytes = header.len() as u64 + tensors.iter().map(Tensor::padded).sum::<u64>();
    let mut body: Box<dyn Read + Send> = Box::new(Cursor::new(header));
    for tensor in &tensors {
        let padding = std::io::repeat(0).take(tensor.padded() - tensor.n_bytes());
        body = Box::new(body.chain(tensor.body()).chain(padding));
    }
    (n_bytes, body)
}

struct Tensor {
    name: String,
    /// Fastest axis first, as in the file.
    dims: Vec<u64>,
    kind: u32,
}

impl Tensor {
    fn n_bytes(&self) -> u64 {
        let n_values: u64 = self.dims.iter().product();
        if self.kind == F32 { n_values * 4 } else { n_values / BLOCK_VALUES * BLOCK_BYTES }
    }

    fn padded(&self) -> u64 {
        self.n_bytes().div_ceil(ALIGNMENT) * ALIGNMENT
    }

    fn body(&self) -> impl Read + Send + use<> {
        let pattern = if self.kind == F32 { 1f32.to_le_bytes().to_vec() } else { blocks() };
        Repeated { pattern, at: 0 }.take(self.n_bytes())
    }
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

/// 2,048 blocks of small noise.
fn blocks() -> Vec<u8> {
    let mut state = 1u32;
    let mut bytes = Vec::new();
    for _block in 0..2048 {
        bytes.extend([0x00, 0x14]); // 2^-10 as f16.
        for _value in 0..BLOCK_VALUES {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push((state >> 24) as u8);
        }
    }
    bytes
}

fn tensors(n_layers: u64) -> Vec<Tensor> {
    let matrix = |name: String, n_cols, n_rows| Tensor { name, dims: vec![n_cols, n_rows], kind: Q8_0 };
    let norm = |name: String| Tensor { name, dims: vec![DIM], kind: F32 };
    let mut tensors = vec![matrix("token_embd.weight".to_owned(), DIM, VOCAB_SIZE)];
    for layer in 0..n_layers {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        tensors.push(norm(name("attn_norm")));
        for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
            tensors.push(matrix(name(part), DIM, DIM));
        }
        tensors.push(norm(name("ffn_norm")));
        tensors.push(matrix(name("ffn_gate"), DIM, HIDDEN_DIM));
        tensors.push(matrix(name("ffn_up"), DIM, HIDDEN_DIM));
        tensors.push(matrix(name("ffn_down"), HIDDEN_DIM, DIM));
    }
    tensors.push(norm("output_norm".to_owned() + ".weight"));
    tensors.push(matrix("output.weight".to_owned(), DIM, VOCAB_SIZE));
    tensors
}

/// Everything before the weights, padded.
fn header(tensors: &[Tensor], n_layers: u64) -> Vec<u8> {
    let metadata = metadata(n_layers);
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
        bytes.extend(tensor.kind.to_le_bytes());
        bytes.extend(u64::to_le_bytes(offset));
        offset += tensor.padded();
    }
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT as usize), 0);
    bytes
}

/// Metadata entries: key, type id, value.
fn metadata(n_layers: u64) -> Vec<Vec<u8>> {
    let text = |key: &str, value: &str| [string(key), 8u32.to_le_bytes().to_vec(), string(value)].concat();
    let number = |key: &str, value: u64| {
        [string(key), 4u32.to_le_bytes().to_vec(), (value as u32).to_le_bytes().to_vec()].concat()
    };
    let real = |key: &str, value: f32| {
        [string(key), 6u32.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()].concat()
    };
    let list = |key: &str, kind: u32, items: Vec<Vec<u8>>| {
        let head = [9u32.to_le_bytes(), kind.to_le_bytes()].concat();
        [string(key), head, (items.len() as u64).to_le_bytes().to_vec(), items.concat()].concat()
    };
    let tokens = vocabulary();
    let types = (0..tokens.len()).map(|id| if id < 2 { 3i32 } else { 1 }.to_le_bytes().to_vec()).collect();
    vec![
        text("general.architecture", "llama"),
        text("general.name", "five hundred megabytes of noise"),
        number("llama.context_length", 512),
        number("llama.embedding_length", DIM),
        number("llama.block_count", n_layers),
        number("llama.feed_forward_length", HIDDEN_DIM),
        number("llama.attention.head_count", u64::from(N_HEADS)),
        number("llama.attention.head_count_kv", u64::from(N_HEADS)),
        number("llama.rope.dimension_count", DIM / u64::from(N_HEADS)),
        number("llama.vocab_size", VOCAB_SIZE),
        real("llama.rope.freq_base", 10_000.0),
        real("llama.attention.layer_norm_rms_epsilon", 1e-5),
        text("tokenizer.ggml.model", "gpt2"),
        text("tokenizer.ggml.pre", "qwen2"),
        list("tokenizer.ggml.tokens", 8, tokens.iter().map(|token| string(token)).collect()),
        list("tokenizer.ggml.token_type", 5, types),
        list("tokenizer.ggml.merges", 8, Vec::new()),
        number("tokenizer.ggml.bos_token_id", 0),
        number("tokenizer.ggml.eos_token_id", 1),
        text("tokenizer.chat_template", "{% for m in messages %}{{ m['content'] }}{% endfor %}"),
    ]
}

/// Two control tokens, the 256 bytes in GPT-2's spelling, and fillers.
fn vocabulary() -> Vec<String> {
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut tokens = vec!["<|start|>".to_owned(), "<|end|>".to_owned()];
    let mut next_spelling = 0x100;
    for byte in 0..256 {
        let spelling = if printable(byte) { byte } else { next_spelling };
        next_spelling += u32::from(!printable(byte));
        tokens.push(char::from_u32(spelling).expect("a letter of Latin").to_string());
    }
    tokens.extend((tokens.len()..VOCAB_SIZE as usize).map(|id| format!("<|filler {id}|>")));
    tokens
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
fn the_file_is_as_long_as_it_says_and_about_500_megabytes() {
    let (n_bytes, body) = large_model();
    assert!((490_000_000..510_000_000).contains(&n_bytes), "{n_bytes}");
    let mut first = vec![0; 1 << 20];
    let mut body = body;
    body.read_exact(&mut first).unwrap();
    assert_eq!(&first[..4], b"GGUF");
    let rest = std::io::copy(&mut body, &mut std::io::sink()).unwrap();
    assert_eq!(first.len() as u64 + rest, n_bytes);
}
