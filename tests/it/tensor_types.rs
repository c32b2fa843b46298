//! The types of few bits against llama.cpp (`tests/fixtures/record_tensor_types.py`), on the CPU and on the GPU.

#![expect(clippy::print_stdout, reason = "a test tells its figures")]

use std::collections::BTreeMap;

use concord::engine::{self, GpuModel};
use concord::generate::{Capacity, DecodeRow, Draw, DrawKey, LanguageModel, SamplingSettings, TokenInput};
use concord::reference::{self, ReferenceModel};
use concord::weights::testing::random_model;
use concord::weights::{Header, ModelFile, Parsed};
use pollster::block_on;
use serde::Deserialize;

use crate::cases::kernels::gpu;
use crate::cases::llama_cpp_models::further_types;

/// Of a log-prob, to llama.cpp in F32: keys and values are rounded to f16 in ours alone.
const EXACT_LIMIT: f32 = 0.005;
/// Of a log-prob, to llama.cpp on the same file, which rounds activations to 8 bits.
const OWN_LIMIT: f32 = 0.2;

#[derive(Deserialize)]
struct Fixtures {
    prompt: Vec<u32>,
    models: BTreeMap<String, Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    /// Tokens of the prompt.
    n_prompt: usize,
    exact: Answers,
    own: Answers,
}

#[derive(Deserialize)]
struct Answers {
    /// By token, after the prompt.
    logprobs: Vec<f32>,
    greedy: Vec<u32>,
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("../data/tensor_types.json")).unwrap()
}

fn read(file: &[u8]) -> ModelFile {
    let Parsed::Header(header) = Header::parse(file, Some(file.len() as u64)).unwrap() else {
        panic!("a whole file has a whole header");
    };
    ModelFile::from_header(header).unwrap()
}

fn capacity(recorded: &Recorded) -> Capacity {
    let n_prompt = recorded.n_prompt as u32;
    let n_slots = n_prompt + recorded.exact.greedy.len() as u32;
    Capacity { n_slots, n_table_rows: 1, max_batch_tokens: n_prompt, max_rows: 1 }
}

async fn check<M: LanguageModel>(name: &str, prompt: &[u32], recorded: &Recorded, model: &mut M) {
    let slots: Vec<u32> = (0..model.shape().n_slots).collect();
    model.set_slots(0, 0, &slots).unwrap();
    let tokens: Vec<TokenInput> =
        (0..).zip(prompt).map(|(position, &id)| TokenInput { id, position, table_row: 0 }).collect();
    let logits = model.logits(&tokens).await.unwrap();
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - largest).exp()).sum();
    let log_sum = largest + sum.ln() as f32;
    for (answers, limit) in [(&recorded.exact, EXACT_LIMIT), (&recorded.own, OWN_LIMIT)] {
        let away =
            logits.iter().zip(&answers.logprobs).map(|(logit, theirs)| (logit - log_sum - theirs).abs());
        // NaN is far away.
        let most = away.fold(0.0, |most: f32, away| if away <= most { most } else { away });
        println!("{name}: log-probs within {most:.1e}");
        assert!(most <= limit, "{name}: a log-prob is {most} away");
    }

    let settings = SamplingSettings { temperature: 0.0, ..SamplingSettings::default() };
    let key = DrawKey { seed: 1, stream: 1, step: 0 };
    let draw = Draw { token_idx: prompt.len() as u32 - 1, table_row: 0, key, settings };
    let first = model.prefill(&tokens, &[draw]).await.unwrap()[0];
    let input = TokenInput { id: first.id, position: prompt.len() as u32, table_row: 0 };
    let row = DecodeRow { input, key: DrawKey { step: 1, ..key }, settings };
    let steps = model.decode(&[row], recorded.exact.greedy.len() as u32 - 1).await.unwrap();
    let greedy: Vec<u32> = std::iter::once(first.id).chain(steps.iter().map(|step| step[0].id)).collect();
    assert_eq!(greedy, recorded.exact.greedy, "{name}: greedy tokens");
}

#[test]
fn the_reference_agrees_with_llama_cpp_in_types_of_few_bits() {
    let fixtures = fixtures();
    for (name, model) in further_types() {
        let (file, recorded) = (random_model(&model), &fixtures.models[&name]);
        let weights = reference::Loader::load(&read(&file), &file).unwrap();
        let mut model = ReferenceModel::new(weights, capacity(recorded));
        block_on(check(&name, &fixtures.prompt[..recorded.n_prompt], recorded, &mut model));
    }
}

#[test]
fn the_gpu_model_agrees_with_llama_cpp_in_types_of_few_bits() {
    let fixtures = fixtures();
    block_on(async {
        let gpu = gpu().await;
        for (name, model) in further_types() {
            let (file, recorded) = (random_model(&model), &fixtures.models[&name]);
            let weights = engine::Loader::load(&gpu, &read(&file), &file).await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, capacity(recorded)).await.unwrap();
            check(&name, &fixtures.prompt[..recorded.n_prompt], recorded, &mut model).await;
        }
    });
}
