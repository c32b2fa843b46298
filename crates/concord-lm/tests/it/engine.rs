//! The GPU model against the cases that every model must hold, and against the CPU reference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use concord_lm::engine::{EngineError, Gpu, GpuModel, Loader};
use concord_lm::generate::{
    Capacity, DrawKey, Job, LanguageModel, ModelError, RowEvent, SampleKey, SamplingSettings, Scheduler,
};
use concord_lm::reference::{self, Numerics, ReferenceModel};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Architecture, Header, ModelFile, Parsed, TensorType};
use pollster::block_on;

use crate::cases::kernels::{check_close, gpu};
use crate::cases::language_model::{self, CAPACITY};

fn file(model: &RandomModel) -> (ModelFile, Vec<u8>) {
    let bytes = random_model(model);
    let Ok(Parsed::Header(header)) = Header::parse(&bytes, Some(bytes.len() as u64)) else {
        panic!("a whole file has a whole header")
    };
    (ModelFile::from_header(header).unwrap(), bytes)
}

async fn load(gpu: &Gpu, model: &RandomModel, capacity: Capacity) -> GpuModel {
    let (file, bytes) = file(model);
    let weights = Loader::load(gpu, &file, &bytes).await.unwrap();
    GpuModel::new(gpu, weights, capacity).await.unwrap()
}

/// Q8_0, so that scales are read too.
async fn model() -> GpuModel {
    let shape = RandomModel { tensor_type: TensorType::Q8_0, ..language_model::shape() };
    load(&gpu().await, &shape, CAPACITY).await
}

#[test]
fn a_row_alone_and_among_40_gives_the_same_bits() {
    block_on(async {
        language_model::a_row_alone_and_among_40_gives_the_same_bits(&mut model().await).await;
    });
}

#[test]
fn few_places_and_ends_by_the_host_change_no_bit() {
    block_on(async {
        let shape = RandomModel { tensor_type: TensorType::Q8_0, ..language_model::shape() };
        let mut few = load(&gpu().await, &shape, language_model::FEW).await;
        language_model::few_places_and_ends_by_the_host_change_no_bit(&mut model().await, &mut few).await;
    });
}

#[test]
fn an_embedding_does_not_depend_on_the_batch() {
    block_on(async { language_model::an_embedding_does_not_depend_on_the_batch(&mut model().await).await });
}

#[test]
fn a_forced_score_does_not_depend_on_the_batch() {
    block_on(async { language_model::a_forced_score_does_not_depend_on_the_batch(&mut model().await).await });
}

#[test]
fn shared_prompt_tokens_are_evaluated_once() {
    block_on(async { language_model::shared_prompt_tokens_are_evaluated_once(&mut model().await).await });
}

#[test]
fn greedy_tokens_logits_and_scores_agree() {
    block_on(async { language_model::greedy_tokens_logits_and_scores_agree(&mut model().await).await });
}

#[test]
fn cosines_are_right() {
    block_on(async { language_model::cosines_are_right(&mut model().await).await });
}

#[test]
fn only_what_is_asked_for_comes_back() {
    block_on(async { language_model::only_what_is_asked_for_comes_back(&mut model().await).await });
}

#[test]
fn bad_requests_are_refused() {
    block_on(async { language_model::bad_requests_are_refused(&mut model().await).await });
}

/// Logits of sums of a few hundred products through a few layers; the CPU adds in another order. Relative
/// to the largest logit.
const LOGITS_TOLERANCE: f32 = 2e-5;

const SMALL: Capacity = Capacity { n_slots: 400, n_table_rows: 4, max_batch_tokens: 96, max_rows: 4 };

async fn greedy<M: LanguageModel>(model: &mut M, prompt: &[u32], n_tokens: u32) -> Vec<u32> {
    let mut scheduler = Scheduler::new(model.shape(), 8);
    scheduler.add(Job {
        id: 0,
        prompt: prompt.to_vec(),
        samples: vec![SampleKey { sample: 0, stream: 0 }],
        seed: 0,
        settings: SamplingSettings { temperature: 0.0, ..SamplingSettings::default() },
        max_tokens: n_tokens,
        stop_tokens: vec![],
        sampled_logprobs: false,
    });
    let mut ids = Vec::new();
    let mut on_event = |event| match event {
        RowEvent::Tokens { tokens, .. } => ids.extend(tokens.iter().map(|token| token.id)),
        RowEvent::Finished { .. } => {}
        RowEvent::Failed { error, .. } => panic!("{error}"),
    };
    let on_step = async |_: &mut Scheduler, events: Vec<RowEvent>| events.into_iter().for_each(&mut on_event);
    scheduler.run(model, &mut |_, _| false, on_step).await.unwrap();
    ids
}

#[test]
fn logits_and_greedy_tokens_equal_the_reference() {
    block_on(async {
        let gpu = gpu().await;
        let plain = RandomModel { seed: 3, ..RandomModel::default() };
        // Windows in all layers, which llama.cpp leaves out.
        let windowed = RandomModel { architecture: Architecture::Phi3, window: 24, ..plain };
        for tensor_type in [TensorType::F32, TensorType::Q8_0] {
            for (tied, shape) in [(false, plain), (true, plain), (false, windowed)] {
                let shape = RandomModel { tensor_type, tied, ..shape };
                let (file, bytes) = file(&shape);
                let cpu_weights = reference::Loader::load(&file, Numerics::F32, &bytes).unwrap();
                let mut cpu = ReferenceModel::new(Arc::clone(&cpu_weights), SMALL);
                let mut engine = load(&gpu, &shape, SMALL).await;
                let prompt: Vec<u32> = (0..67).map(|i| (i * 7919 + 13) % shape.vocab_size).collect();
                let mut scheduler = Scheduler::new(engine.shape(), 8);
                let got = scheduler.logits(&mut engine, &prompt).await.unwrap();
                let mut scheduler = Scheduler::new(cpu.shape(), 8);
                let expected = scheduler.logits(&mut cpu, &prompt).await.unwrap();
                let family = shape.architecture;
                let what = format!("logits of {family:?}, {tensor_type:?}, tied {tied}");
                check_close(&what, &got, &expected, LOGITS_TOLERANCE);
                let got = greedy(&mut engine, &prompt, 64).await;
                let expected = greedy(&mut cpu, &prompt, 64).await;
                assert_eq!(got.len(), 64);
                assert_eq!(got, expected, "greedy tokens of {family:?}, {tensor_type:?}, tied {tied}");
            }
        }
    });
}

/// Tables and matrices in several buffers give the bits of those in one, and of any chunks of the file.
#[test]
fn matrices_that_a_buffer_cannot_hold_are_split() {
    block_on(async {
        let whole = gpu().await;
        let narrow = whole.clone().with_max_buffer_bytes(130_000);
        let prompt: Vec<u32> = (0..20).map(|i| (i * 7919 + 13) % 1500).collect();
        for tensor_type in [TensorType::F32, TensorType::F16, TensorType::Q8_0] {
            for tied in [false, true] {
                let grouped = RandomModel { dim: 96, hidden_dim: 160, n_heads: 6, ..RandomModel::default() };
                let shape = RandomModel { vocab_size: 1500, tensor_type, tied, ..grouped };
                let (file, bytes) = file(&shape);
                let mut logits = Vec::new();
                for (gpu, chunk_bytes) in [(&whole, 1 << 20), (&narrow, 1 << 20), (&narrow, 3001)] {
                    let mut loader = Loader::begin(gpu, &file).await.unwrap();
                    for chunk in bytes.chunks(chunk_bytes) {
                        loader.push(chunk).await.unwrap();
                    }
                    let mut model = GpuModel::new(gpu, loader.finish().await.unwrap(), SMALL).await.unwrap();
                    let mut scheduler = Scheduler::new(model.shape(), 8);
                    logits.push(scheduler.logits(&mut model, &prompt).await.unwrap());
                }
                assert!(logits[0].iter().any(|logit| *logit != 0.0));
                assert_eq!(logits[1], logits[0], "{tensor_type:?}, tied {tied}");
                assert_eq!(logits[2], logits[0], "{tensor_type:?}, tied {tied}, in small chunks");
            }
        }
    });
}

#[test]
fn weights_do_not_depend_on_the_chunks_and_a_cut_file_is_refused() {
    block_on(async {
        let gpu = gpu().await;
        // 96 columns are three blocks: rows of scales end inside a word.
        let shape = RandomModel { tensor_type: TensorType::Q4_0, ..language_model::shape() };
        let (file, bytes) = file(&shape);
        let prompt: Vec<u32> = (0..20).collect();
        let mut logits = Vec::new();
        for chunk_bytes in [1 << 20, 4099, 333] {
            let mut loader = Loader::begin(&gpu, &file).await.unwrap();
            for chunk in bytes.chunks(chunk_bytes) {
                loader.push(chunk).await.unwrap();
            }
            let weights = loader.finish().await.unwrap();
            let mut model = GpuModel::new(&gpu, weights, SMALL).await.unwrap();
            let mut scheduler = Scheduler::new(model.shape(), 8);
            logits.push(scheduler.logits(&mut model, &prompt).await.unwrap());
        }
        assert!(logits.iter().all(|other| *other == logits[0]));
        let mut loader = Loader::begin(&gpu, &file).await.unwrap();
        let last = &file.tensors.last().unwrap().info;
        let end = (last.start + last.n_bytes) as usize;
        loader.push(&bytes[..end - 1]).await.unwrap();
        assert_eq!(loader.finish().await.map(drop), Err(EngineError::Incomplete));
    });
}

#[test]
fn a_lost_device_is_named() {
    block_on(async {
        let gpu = gpu().await;
        let mut model = load(&gpu, &RandomModel::default(), SMALL).await;
        gpu.destroy();
        let mut scheduler = Scheduler::new(model.shape(), 8);
        let error = scheduler.logits(&mut model, &[1, 2, 3]).await.map(drop).unwrap_err();
        let lost = ModelError::DeviceLost { reason: String::new() }.to_string();
        let lost = lost.split(';').next().unwrap();
        assert!(error.to_string().contains(lost), "{error}");
        assert!(matches!(gpu.check(), Err(ModelError::DeviceLost { .. })));
    });
}

#[test]
fn models_that_the_kernels_cannot_run_are_refused() {
    block_on(async {
        let gpu = gpu().await;
        let (mut file, _) = file(&RandomModel::default());
        file.hyperparameters.head_dim = 18;
        let error = Loader::begin(&gpu, &file).await.map(drop).unwrap_err();
        assert!(matches!(error, EngineError::Unsupported { what: "head_dim", value: 18, .. }), "{error}");
        (file.hyperparameters.head_dim, file.hyperparameters.rope_dim) = (20, 18);
        let error = Loader::begin(&gpu, &file).await.map(drop).unwrap_err();
        assert!(matches!(error, EngineError::Unsupported { what: "rope_dim", value: 18, .. }), "{error}");
        let limit = gpu.max_buffer_bytes();
        let error = gpu.storage("a buffer", limit + 4).await.map(drop).unwrap_err();
        assert!(matches!(error, EngineError::TooLarge { .. }), "{error}");
    });
}

/// Continuing a sequence by decode gives the same bits as evaluating all of it at once.
#[test]
fn decode_and_prefill_give_the_same_bits() {
    block_on(async {
        use concord_lm::generate::{DecodeRow, TokenInput};
        let mut model = model().await;
        let settings = SamplingSettings::default();
        let slots: Vec<u32> = (0..64).rev().collect();
        model.set_slots(5, 0, &slots).unwrap();
        let token = |(position, &id): (u32, &u32)| TokenInput { id, position, table_row: 5 };
        let prompt: Vec<u32> = (0..17).map(|i| i * 11 % 301).collect();
        let tokens: Vec<TokenInput> = (0..).zip(&prompt[..16]).map(token).collect();
        model.prefill(&tokens, &[]).await.unwrap();
        let row = DecodeRow { input: token((16, &prompt[16])), key: DrawKey::default(), settings };
        // 20 steps are two submits.
        let steps = model.decode(&[row], 20).await.unwrap();
        let ids: Vec<u32> = steps.iter().map(|step| step[0].id).collect();
        let all = [&prompt[..], &ids[..19]].concat();
        let tokens: Vec<TokenInput> = (0..).zip(&all).map(token).collect();
        let scores = model.score(&tokens[16..], &ids).await.unwrap();
        let whole = model.score(&tokens, &[&all[1..17], &ids[..]].concat()).await.unwrap();
        assert_eq!(scores, whole[16..], "a suffix alone and after its prefix");
        for (step, score) in steps.iter().zip(&scores) {
            // The two kernels add the same exponentials in different orders.
            assert!((step[0].logprob - score).abs() < 1e-5, "{} and {score}", step[0].logprob);
        }
    });
}
