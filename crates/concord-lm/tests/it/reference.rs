//! The CPU reference against the cases that every model and sampler must hold.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;

use concord_lm::generate::Sampled;
use concord_lm::reference::{Loader, Numerics, ReferenceModel, Weights, sample};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType, WeightsError};
use pollster::block_on;

use crate::cases::language_model::{self, CAPACITY};
use crate::cases::sampler::{self, Draws};

fn file(model: &RandomModel) -> (ModelFile, Vec<u8>) {
    let bytes = random_model(model);
    let Ok(Parsed::Header(header)) = Header::parse(&bytes, Some(bytes.len() as u64)) else {
        panic!("a whole file has a whole header")
    };
    (ModelFile::from_header(header).unwrap(), bytes)
}

fn weights(model: &RandomModel, numerics: Numerics) -> Arc<Weights> {
    let (file, bytes) = file(model);
    Loader::load(&file, numerics, &bytes).unwrap()
}

fn model() -> ReferenceModel {
    ReferenceModel::new(weights(&language_model::shape(), Numerics::F32), CAPACITY)
}

/// The same in a quantised type that is multiplied in int8.
fn model_in_int8() -> ReferenceModel {
    let shape = RandomModel { tensor_type: TensorType::Q4_1, ..language_model::shape() };
    ReferenceModel::new(weights(&shape, Numerics::Int8), CAPACITY)
}

async fn draw(draws: Draws<'_>) -> Vec<Sampled> {
    let mut seen = vec![0; 3];
    draws.seen.iter().for_each(|id| seen[*id as usize / 32] |= 1 << (id % 32));
    draws.keys.iter().map(|&key| sample(draws.logits, &seen, &draws.settings, key)).collect()
}

#[test]
fn draws_follow_the_exact_distribution() {
    block_on(sampler::draws_follow_the_exact_distribution(draw));
}

#[test]
fn zero_temperature_is_greedy() {
    block_on(sampler::zero_temperature_is_greedy(draw));
}

#[test]
fn a_row_alone_and_among_40_gives_the_same_bits() {
    block_on(language_model::a_row_alone_and_among_40_gives_the_same_bits(&mut model()));
    block_on(language_model::a_row_alone_and_among_40_gives_the_same_bits(&mut model_in_int8()));
}

#[test]
fn few_places_and_ends_by_the_host_change_no_bit() {
    let mut few = ReferenceModel::new(weights(&language_model::shape(), Numerics::F32), language_model::FEW);
    block_on(language_model::few_places_and_ends_by_the_host_change_no_bit(&mut model(), &mut few));
}

#[test]
fn an_embedding_does_not_depend_on_the_batch() {
    block_on(language_model::an_embedding_does_not_depend_on_the_batch(&mut model()));
    block_on(language_model::an_embedding_does_not_depend_on_the_batch(&mut model_in_int8()));
}

#[test]
fn a_forced_score_does_not_depend_on_the_batch() {
    block_on(language_model::a_forced_score_does_not_depend_on_the_batch(&mut model()));
    block_on(language_model::a_forced_score_does_not_depend_on_the_batch(&mut model_in_int8()));
}

#[test]
fn shared_prompt_tokens_are_evaluated_once() {
    block_on(language_model::shared_prompt_tokens_are_evaluated_once(&mut model()));
}

#[test]
fn greedy_tokens_logits_and_scores_agree() {
    block_on(language_model::greedy_tokens_logits_and_scores_agree(&mut model()));
    block_on(language_model::greedy_tokens_logits_and_scores_agree(&mut model_in_int8()));
}

#[test]
fn cosines_are_right() {
    block_on(language_model::cosines_are_right(&mut model()));
}

#[test]
fn bad_requests_are_refused() {
    block_on(language_model::bad_requests_are_refused(&mut model()));
}

#[test]
fn weights_do_not_depend_on_the_chunks_and_a_cut_file_is_refused() {
    let types = [TensorType::F32, TensorType::F16, TensorType::Q8_0, TensorType::Q4_0];
    let ways =
        [Numerics::F32, Numerics::Int8].map(|numerics| types.map(|tensor_type| (tensor_type, numerics)));
    for (tensor_type, numerics) in ways.into_iter().flatten() {
        let (file, bytes) = file(&RandomModel { tensor_type, tied: true, ..RandomModel::default() });
        let whole = format!("{:?}", Loader::load(&file, numerics, &bytes).unwrap());
        let mut loader = Loader::begin(&file, numerics);
        bytes.chunks(1013).for_each(|chunk| loader.push(chunk).unwrap());
        assert!(format!("{:?}", loader.finish().unwrap()) == whole, "{tensor_type:?}");
        let cut = Loader::load(&file, numerics, &bytes[..bytes.len() - 1]);
        let available = bytes.len() as u64 - 1;
        assert!(matches!(cut, Err(WeightsError::Truncated { available: a, .. }) if a == available));
    }
}
