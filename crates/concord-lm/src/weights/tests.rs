//! Whole files through the parser: what the writer writes is what the parser reads.

use super::testing::{GgufWriter, RandomModel, random_model};
use super::*;

fn parse(file: &[u8]) -> Result<ModelFile, WeightsError> {
    match Header::parse(file, Some(file.len() as u64))? {
        Parsed::Header(header) => ModelFile::from_header(header),
        Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
    }
}

#[test]
fn a_random_model_is_read_back() {
    for tensor_type in TensorType::ALL {
        for tied in [false, true] {
            let model =
                RandomModel { dim: 256, hidden_dim: 256, tensor_type, tied, ..RandomModel::default() };
            let file = random_model(&model);
            let parsed = parse(&file).unwrap();
            assert_eq!(parsed.hyperparameters, model.hyperparameters());
            assert_eq!(parsed.tensors.len(), 2 + 2 * 9 + usize::from(!tied));
            assert_eq!(parsed.tensor(ModelTensor::Down(1)).unwrap().tensor_type, tensor_type);
            assert_eq!(parsed.tensor(ModelTensor::Head).is_none(), tied);
            assert!(parsed.header.data_end <= file.len() as u64);
        }
    }
}

/// The parser asks for more until the header is whole, and its answer does not depend on the steps.
#[test]
fn a_growing_prefix_ends_in_the_same_header() {
    let file = random_model(&RandomModel::default());
    let whole = parse(&file).unwrap();
    let mut n_bytes = 0;
    let mut n_steps = 0;
    let header = loop {
        match Header::parse(&file[..n_bytes], Some(file.len() as u64)).unwrap() {
            Parsed::Header(header) => break header,
            Parsed::NeedMore { at_least } => {
                assert!(at_least > n_bytes as u64, "no progress at {n_bytes}");
                n_bytes = at_least as usize;
                n_steps += 1;
            }
        }
    };
    assert!(n_steps > 10);
    assert_eq!(header.tensors, whole.header.tensors);
    assert_eq!(header.metadata, whole.header.metadata);
    assert!(n_bytes as u64 <= header.data_start);
}

#[test]
fn rows_come_out_whole_for_any_chunk_size() {
    let file = random_model(&RandomModel { tensor_type: TensorType::Q8_0, ..RandomModel::default() });
    let model = parse(&file).unwrap();
    for n_chunk in [1, 7, 34, 1000, 4096, file.len()] {
        let mut stream = RowStream::new(&model);
        let mut found = std::collections::BTreeMap::<ModelTensor, Vec<u8>>::new();
        for chunk in file.chunks(n_chunk) {
            assert!(!stream.is_complete() || model.header.data_end < file.len() as u64);
            let on_rows = |rows: Rows<'_>| {
                let info = model.tensor(rows.tensor).unwrap();
                let bytes = found.entry(rows.tensor).or_default();
                assert_eq!(bytes.len() as u64, rows.first_row * info.row_bytes() as u64);
                assert_eq!(rows.bytes.len() % info.row_bytes(), 0);
                bytes.extend(rows.bytes);
                Ok::<(), WeightsError>(())
            };
            stream.push(chunk, on_rows).unwrap();
        }
        assert!(stream.is_complete(), "chunks of {n_chunk}");
        for PlacedTensor { tensor, info } in &model.tensors {
            let (start, end) = (info.start as usize, (info.start + info.n_bytes) as usize);
            assert_eq!(found[tensor], &file[start..end], "{tensor:?} in chunks of {n_chunk}");
        }
    }
}

/// A Llama whose metadata `change` has changed; later entries of a key are duplicates, so the base
/// leaves out what `skip` names.
fn changed(skip: &str, change: impl FnOnce(&mut GgufWriter)) -> Result<ModelFile, WeightsError> {
    let mut writer = GgufWriter::new();
    let numbers = [
        ("llama.context_length", 64),
        ("llama.embedding_length", 8),
        ("llama.block_count", 1),
        ("llama.feed_forward_length", 8),
        ("llama.attention.head_count", 4),
        ("llama.attention.head_count_kv", 2),
    ];
    if skip != "general.architecture" {
        writer.string("general.architecture", "llama");
    }
    for (key, value) in numbers.into_iter().filter(|(key, _)| *key != skip) {
        writer.u32(key, value);
    }
    if skip != "llama.attention.layer_norm_rms_epsilon" {
        writer.f32("llama.attention.layer_norm_rms_epsilon", 1e-5);
    }
    let vectors = ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"];
    let matrices = [
        ("token_embd", 5),
        ("blk.0.attn_q", 8),
        ("blk.0.attn_k", 4),
        ("blk.0.attn_v", 4),
        ("blk.0.attn_output", 8),
        ("blk.0.ffn_gate", 8),
        ("blk.0.ffn_up", 8),
        ("blk.0.ffn_down", 8),
    ];
    for stem in vectors.into_iter().filter(|stem| *stem != skip) {
        writer.tensor(&format!("{stem}.weight"), &[8], 0, &[0; 32]);
    }
    for (stem, n_rows) in matrices.into_iter().filter(|(stem, _)| *stem != skip) {
        writer.tensor(&format!("{stem}.weight"), &[8, n_rows], 0, &vec![0; 32 * n_rows as usize]);
    }
    change(&mut writer);
    parse(&writer.finish())
}

#[test]
fn the_base_of_the_refusals_is_accepted() {
    let model = changed("", |_| ()).unwrap();
    assert_eq!(model.hyperparameters.head_dim, 2);
    assert_eq!(model.hyperparameters.rope, Rope::plain(10_000.0));
    assert_eq!(model.hyperparameters.head, Head::Tied);
}

/// What a refusal test adds to the base.
enum Add {
    Nothing,
    Text(&'static str, &'static str),
    Number(&'static str, u32),
    Float(&'static str, f32),
    Heads(&'static [i32]),
    /// Name, dimensions and type number.
    Tensor(&'static str, &'static [u64], u32),
    Tokens(usize),
}

impl Add {
    fn to(&self, writer: &mut GgufWriter) {
        match *self {
            Self::Nothing => writer,
            Self::Text(key, text) => writer.string(key, text),
            Self::Number(key, number) => writer.u32(key, number),
            Self::Float(key, number) => writer.f32(key, number),
            Self::Heads(heads) => writer.i32s("llama.attention.head_count", heads),
            Self::Tensor(name, dims, type_id) => {
                writer.tensor(name, dims, type_id, &vec![0; dims.iter().product::<u64>() as usize * 4])
            }
            Self::Tokens(n) => writer.strings("tokenizer.ggml.tokens", &vec!["x"; n]),
        };
    }
}

#[test]
fn what_would_load_is_named() {
    let error = WeightsError::Architecture { found: "mamba".to_owned() }.to_string();
    for architecture in Architecture::DECODERS {
        let name = architecture.name();
        assert!(
            error.contains(&format!("{name},")) || error.contains(&format!("{name} and")),
            "{name}: {error}"
        );
    }
}

/// Joined matrices that are too short for their parts.
#[test]
fn joined_matrices_must_hold_all_parts() {
    let model = RandomModel { architecture: Architecture::Phi3, ..RandomModel::default() };
    assert_eq!(parse(&random_model(&model)).unwrap().hyperparameters, model.hyperparameters());
    // Without its gate, a Llama's up projection would be one that holds both.
    let error = changed("blk.0.ffn_gate", |_| ()).unwrap_err();
    let expected =
        WeightsError::Shape { tensor: "blk.0.ffn_up.weight".to_owned(), found: [8, 8], expected: [16, 8] };
    assert_eq!(error, expected);
}

/// Every refusal names the thing.
#[test]
fn refusals_name_the_thing() {
    const ARCHITECTURE: &str = "general.architecture";
    const LAYERS: &str = "llama.block_count";
    const HEADS: &str = "llama.attention.head_count";
    const EPS: &str = "llama.attention.layer_norm_rms_epsilon";
    let cases = [
        (ARCHITECTURE, Add::Text(ARCHITECTURE, "mamba"), "\"mamba\""),
        (ARCHITECTURE, Add::Nothing, ARCHITECTURE),
        (LAYERS, Add::Nothing, LAYERS),
        (LAYERS, Add::Text(LAYERS, "1"), LAYERS),
        (LAYERS, Add::Number(LAYERS, 0), LAYERS),
        (LAYERS, Add::Number(LAYERS, 2), "blk.1.attn_norm.weight"),
        (LAYERS, Add::Number(LAYERS, 1 << 19), "layers"),
        (HEADS, Add::Number(HEADS, 3), "3 heads"),
        (HEADS, Add::Heads(&[4, 2]), HEADS),
        ("", Add::Text("llama.rope.scaling.type", "spiral"), "\"spiral\""),
        ("", Add::Float("llama.residual_scale", 4.0), "residual_scale = 4"),
        ("", Add::Number("llama.expert_count", 8), "expert_count = 8"),
        ("", Add::Number("split.count", 2), "one of 2 that"),
        ("", Add::Number("llama.rope.dimension_count", 3), "RoPE turns 3"),
        ("", Add::Number("llama.attention.key_length", 4), "blk.0.attn_q.weight"),
        ("", Add::Number("llama.attention.key_length", 1 << 19), "too wide"),
        ("", Add::Number("llama.vocab_size", 6), "llama.vocab_size is 6"),
        ("", Add::Tokens(6), "6 tokens"),
        ("", Add::Tensor("rope_freqs.weight", &[2], 0), "rope_freqs.weight"),
        ("", Add::Tensor("blk.0.attn_q.bias", &[8], 0), "blk.0.attn_k.bias"),
        ("", Add::Tensor("blk.0.attn_output.bias", &[8], 0), "biases (tensor blk.0.attn_output.bias)"),
        ("", Add::Number("llama.attention.sliding_window", 2), "sliding window"),
        ("token_embd", Add::Nothing, "token_embd.weight"),
        ("blk.0.ffn_up", Add::Nothing, "blk.0.ffn_up.weight"),
        ("blk.0.ffn_up", Add::Tensor("blk.0.ffn_up.weight", &[8, 4], 0), "blk.0.ffn_up.weight"),
        ("blk.0.ffn_up", Add::Tensor("blk.0.ffn_up.weight", &[8, 8], 16), "IQ2_XXS"),
        (EPS, Add::Float(EPS, f32::NAN), EPS),
    ];
    for (skip, add, expected) in cases {
        match changed(skip, |writer| add.to(writer)) {
            Ok(_) => panic!("accepted, though {expected} is wrong"),
            Err(error) => assert!(error.to_string().contains(expected), "{error} does not name {expected}"),
        }
    }
}
