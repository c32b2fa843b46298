//! GGUF files: header, model, memory plan and the stream of rows.
//!
//! An input that begins with `GGUF` is a file. Any other input says what is changed in a good one, so
//! that the fuzzer gets past the first checks.

#![no_main]

use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use concord::weights::testing::{GgufWriter, RandomModel, random_model};
use concord::weights::{
    Architecture, Header, Limits, MemoryPlan, ModelFile, Parsed, RowStream, Rows, TensorType, Wanted,
    WeightsError, dequantise_rows,
};
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Case {
    Changed { tensor_type: u8, tied: bool, patches: Vec<Patch>, is_cut: bool },
    Written { entries: Vec<(String, Entry)>, tensors: Vec<Tensor> },
}

#[derive(Arbitrary, Debug)]
struct Patch {
    position: u16,
    bytes: [u8; 8],
    n_bytes: u8,
}

#[derive(Arbitrary, Debug)]
enum Entry {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    Numbers(Vec<i32>),
    Raw(u8, Vec<u8>),
}

#[derive(Arbitrary, Debug)]
struct Tensor {
    name: String,
    dims: Vec<u64>,
    type_id: u8,
    offset: Option<u64>,
    n_bytes: u16,
}

/// Keys that a model is read from; a fuzzer would be long in finding them.
const KEYS: [&str; 16] = [
    "general.architecture",
    "general.alignment",
    "split.count",
    "tokenizer.ggml.tokens",
    "llama.context_length",
    "llama.embedding_length",
    "llama.block_count",
    "llama.feed_forward_length",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.attention.key_length",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.attention.sliding_window",
    "llama.rope.dimension_count",
    "llama.rope.scaling.type",
    "llama.vocab_size",
];

/// A small model of every type, with a head of its own and without, and one of every family.
fn good_files() -> &'static [Vec<u8>] {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let kinds =
            TensorType::ALL.into_iter().flat_map(|tensor_type| [(tensor_type, false), (tensor_type, true)]);
        let file = |(tensor_type, tied): (TensorType, bool)| {
            let dim = tensor_type.block_len().max(32) as u32;
            let small = RandomModel {
                dim,
                hidden_dim: dim,
                n_layers: 1,
                tensor_type,
                tied,
                ..RandomModel::default()
            };
            random_model(&small)
        };
        let families =
            Architecture::DECODERS.into_iter().chain([Architecture::Bert, Architecture::GemmaEmbedding]);
        let of_family = |architecture: Architecture| {
            random_model(&RandomModel { architecture, n_layers: 1, window: 8, ..RandomModel::default() })
        };
        kinds.map(file).chain(families.map(of_family)).collect()
    })
}

fn file(case: Case) -> Vec<u8> {
    match case {
        Case::Changed { tensor_type, tied, patches, is_cut } => {
            let index = (usize::from(tensor_type) * 2 + usize::from(tied)) % good_files().len();
            let mut file = good_files()[index].clone();
            for Patch { position, bytes, n_bytes } in patches {
                let start = usize::from(position) % file.len();
                let end = (start + usize::from(n_bytes % 9)).min(file.len());
                file[start..end].copy_from_slice(&bytes[..end - start]);
                if is_cut {
                    file.truncate(end.max(1));
                }
            }
            file
        }
        Case::Written { entries, tensors } => {
            let mut writer = GgufWriter::new();
            for (name, entry) in entries {
                let known = name.bytes().next().and_then(|byte| KEYS.get(usize::from(byte)));
                let key = known.map_or(name.as_str(), |key| key);
                match entry {
                    Entry::U32(value) => writer.u32(key, value),
                    Entry::F32(value) => writer.f32(key, value),
                    Entry::Bool(value) => writer.bool(key, value),
                    Entry::Text(value) => writer.string(key, &value),
                    Entry::Texts(values) => writer.strings(key, &values),
                    Entry::Numbers(values) => writer.i32s(key, &values),
                    Entry::Raw(type_id, bytes) => writer.raw(key, u32::from(type_id % 14), &bytes),
                };
            }
            for Tensor { name, dims, type_id, offset, n_bytes } in tensors {
                match offset {
                    Some(offset) => writer.entry(&name, &dims, u32::from(type_id), offset),
                    None => writer.tensor(&name, &dims, u32::from(type_id), &vec![0; usize::from(n_bytes)]),
                };
            }
            writer.finish()
        }
    }
}

fn read(file: &[u8]) -> Result<(), WeightsError> {
    let file_len = file.len() as u64;
    for n_bytes in [0, 3, file.len() / 2] {
        for known in [Some(file_len), None] {
            if let Ok(Parsed::NeedMore { at_least }) = Header::parse(&file[..n_bytes.min(file.len())], known)
            {
                assert!(at_least > n_bytes as u64, "no progress at {n_bytes}");
                assert!(known.is_none_or(|file_len| at_least <= file_len));
            }
        }
    }
    let Parsed::Header(header) = Header::parse(file, Some(file_len))? else {
        panic!("a whole file asked for more")
    };
    assert!(header.data_end <= file_len.max(header.data_start));
    let model = ModelFile::from_header(header)?;
    for budget_bytes in [1 << 20, u64::MAX] {
        let limits = Limits {
            max_buffer_bytes: 1 << 28,
            max_binding_bytes: 1 << 27,
            budget_bytes,
            on_cpu: false,
        };
        for (n, max_batch_tokens) in [(1, 16), (u32::MAX, u32::MAX)] {
            let wanted = Wanted {
                n_rows: n,
                n_prompts: n,
                prompt_tokens: n.min(model.hyperparameters.seq_len / 2),
                row_tokens: n.min(model.hyperparameters.seq_len / 2),
                max_batch_tokens,
                kv_value_bytes: 4,
            };
            // A refusal is as good an answer as a plan.
            let _ = MemoryPlan::new(&model.hyperparameters, &model.tensors, limits, wanted);
            let _ = MemoryPlan::with_most_rows(&model.hyperparameters, &model.tensors, limits, wanted);
        }
    }
    let mut stream = RowStream::new(&model);
    for chunk in file.chunks(1000) {
        stream.push(chunk, |rows: Rows<'_>| {
            let info = model.tensor(rows.tensor).expect("rows are of tensors of the model");
            let n_cols = info.n_cols() as usize;
            let mut values = vec![0.0; rows.bytes.len() / info.row_bytes() * n_cols];
            dequantise_rows(info.tensor_type, n_cols, rows.bytes, &mut values)
        })?;
    }
    assert!(stream.is_complete(), "a whole file left rows out");
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    let file = if data.starts_with(b"GGUF") {
        data.to_vec()
    } else {
        match Case::arbitrary_take_rest(Unstructured::new(data)) {
            Ok(case) => file(case),
            Err(_) => return,
        }
    };
    bounded(file.len(), || {
        // An error is as good an answer as a model.
        let _ = read(&file);
    });
});
