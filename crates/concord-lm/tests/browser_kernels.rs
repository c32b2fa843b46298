//! The kernel cases, and the model over them, on WebGPU in a dedicated worker of a headless browser:
//!
//! `CHROMEDRIVER=/usr/bin/chromedriver WASM_BINDGEN_TEST_TIMEOUT=900 \`
//! `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \`
//! `cargo test --package concord-lm --target wasm32-unknown-unknown --test browser_kernels`
//!
//! The browser's flags are in `webdriver.json`. Without an adapter the cases fail.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the slow cases run natively only")]
mod cases;

use cases::kernels::sample::Sampler;
use cases::{encoders, kernels, language_model, llama_cpp, sampler};
use concord_lm::engine::{GpuModel, Loader};
use concord_lm::generate::Capacity;
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

macro_rules! kernel_tests {
    ($($name:ident: $case:path;)*) => {
        $(#[wasm_bindgen_test]
        async fn $name() {
            $case(&kernels::gpu().await).await;
        })*
    };
}

kernel_tests! {
    embed: kernels::matmul::embed;
    matmul: kernels::matmul::matmul;
    matmul_columns: kernels::matmul::matmul_columns;
    matmul_fed: kernels::matmul::matmul_fed;
    matmul_batch_invariance: kernels::matmul::matmul_batch_invariance;
    rms_norm: kernels::elementwise::rms_norm;
    gate: kernels::elementwise::gate;
    activate: kernels::elementwise::activate;
    layer_norm: kernels::elementwise::layer_norm;
    head_norm: kernels::elementwise::head_norm;
    soft_cap: kernels::elementwise::soft_cap;
    log_prob: kernels::elementwise::log_prob;
    pool: kernels::elementwise::pool;
    cosine: kernels::elementwise::cosine;
    rope: kernels::attention::rope;
    attention: kernels::attention::attention;
    attention_batch_invariance: kernels::attention::attention_batch_invariance;
    sample_greedy: kernels::sample::sample_greedy;
    sample_equals_reference: kernels::sample::sample_equals_reference;
    seat_equals_reference: kernels::seat::seat_equals_reference;
    rows_follow_in_the_step_in_which_they_end: kernels::seat::rows_follow_in_the_step_in_which_they_end;
}

#[wasm_bindgen_test]
async fn sample_at_zero_temperature_is_greedy() {
    let kernel = Sampler::new(&kernels::gpu().await).await;
    sampler::zero_temperature_is_greedy(async |draws| kernel.draw(draws).await).await;
}

async fn model() -> GpuModel {
    let shape = RandomModel { tensor_type: TensorType::Q8_0, ..language_model::shape() };
    model_of(&random_model(&shape), language_model::CAPACITY).await
}

async fn model_of(bytes: &[u8], capacity: Capacity) -> GpuModel {
    let Ok(Parsed::Header(header)) = Header::parse(bytes, Some(bytes.len() as u64)) else {
        panic!("a whole file has a whole header")
    };
    model_from(&ModelFile::from_header(header).unwrap(), bytes, capacity).await
}

async fn model_from(file: &ModelFile, bytes: &[u8], capacity: Capacity) -> GpuModel {
    let gpu = kernels::gpu().await;
    let weights = Loader::load(&gpu, file, bytes).await.unwrap();
    GpuModel::new(&gpu, weights, capacity).await.unwrap()
}

/// One model of each architecture, each in another of the usual types.
#[wasm_bindgen_test]
async fn every_architecture_agrees_with_llama_cpp() {
    let wanted = [
        "llama-q4_k",
        "qwen2-q5_k",
        "qwen3-q6_k",
        "gemma3-q8_0",
        "gemma2-q4_k",
        "phi3-long-q4_k",
        "granite-q4_k",
        "smollm3-q4_k",
        "cohere2-q4_k",
        "mistral3-q4_k",
    ];
    let mut n_checked = 0;
    for (name, bytes, fixture) in llama_cpp::fixtures() {
        if wanted.contains(&name.as_str()) {
            let file = llama_cpp::model_file(&bytes);
            let mut model = model_from(&file, &bytes, fixture.capacity()).await;
            llama_cpp::check(&name, &fixture, &mut model).await;
            n_checked += 1;
        }
    }
    assert_eq!(n_checked, wanted.len());
}

#[wasm_bindgen_test]
async fn every_encoder_agrees_with_transformers() {
    let gpu = kernels::gpu().await;
    for (name, file, bytes, fixture) in encoders::fixtures() {
        let weights = Loader::load(&gpu, &file, &bytes).await.unwrap();
        let mut model = GpuModel::new(&gpu, weights, encoders::CAPACITY).await.unwrap();
        encoders::check(&name, &fixture, &mut model).await;
    }
}

#[wasm_bindgen_test]
async fn greedy_tokens_logits_and_scores_agree() {
    language_model::greedy_tokens_logits_and_scores_agree(&mut model().await).await;
}

#[wasm_bindgen_test]
async fn a_row_alone_and_among_40_gives_the_same_bits() {
    language_model::a_row_alone_and_among_40_gives_the_same_bits(&mut model().await).await;
}

#[wasm_bindgen_test]
async fn few_places_and_ends_by_the_host_change_no_bit() {
    let shape = RandomModel { tensor_type: TensorType::Q8_0, ..language_model::shape() };
    let mut few = model_of(&random_model(&shape), language_model::FEW).await;
    language_model::few_places_and_ends_by_the_host_change_no_bit(&mut model().await, &mut few).await;
}

#[wasm_bindgen_test]
async fn an_embedding_does_not_depend_on_the_batch() {
    language_model::an_embedding_does_not_depend_on_the_batch(&mut model().await).await;
}

#[wasm_bindgen_test]
async fn a_forced_score_does_not_depend_on_the_batch() {
    language_model::a_forced_score_does_not_depend_on_the_batch(&mut model().await).await;
}
