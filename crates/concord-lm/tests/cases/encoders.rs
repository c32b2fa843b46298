//! Our encoders against the transformers library; for any implementation of the model trait.
//!
//! The fixtures are made by `tests/fixtures/record_encoders.py`, which says what is in them.

use std::collections::BTreeMap;

use concord_lm::generate::{Capacity, LanguageModel, Pooling, Scheduler};
use concord_lm::weights::safetensors::{Parsed as ParsedSafetensors, SafetensorsHeader};
use concord_lm::weights::testing::random_model;
use concord_lm::weights::{Header, ModelFile, Parsed};
use serde::Deserialize;

use super::encoder_models::{encoders, gguf_encoders};

/// Allowed distance of a value, as a share of its vector's root mean square. Keys and values are rounded to f16 on both
/// sides; where one of them rounds to its other neighbour, a vector moves by up to 6e-4, and by 4e-5 otherwise.
const TOLERANCE: f32 = 1e-3;

/// A text and the states that the library pools.
#[derive(Clone, Debug, Deserialize)]
struct Text {
    tokens: Vec<u32>,
    mean: Vec<f32>,
    first: Vec<f32>,
    last: Vec<f32>,
    /// The mean after one layer.
    early_mean: Vec<f32>,
}

impl Text {
    fn expected(&self, layer: u32, pooling: Pooling) -> &[f32] {
        match pooling {
            Pooling::Mean if layer == 1 => &self.early_mean,
            Pooling::Mean => &self.mean,
            Pooling::First => &self.first,
            Pooling::Last => &self.last,
        }
    }
}

/// What was recorded for a model.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fixture {
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Fixtures {
    models: BTreeMap<String, Fixture>,
}

/// Name, file, bytes and recorded vectors of every encoder.
pub(crate) fn fixtures() -> Vec<(String, ModelFile, Vec<u8>, Fixture)> {
    let mut fixtures: Fixtures = serde_json::from_str(include_str!("../data/encoders.json")).unwrap();
    let mut recorded =
        |name: &str| fixtures.models.remove(name).unwrap_or_else(|| panic!("{name} was not recorded"));
    let mut found = Vec::new();
    for (name, encoder) in encoders() {
        let bytes = encoder.safetensors();
        let file = read_safetensors(&bytes, encoder.config().as_bytes());
        found.push((name.to_owned(), file, bytes, recorded(name)));
    }
    for (name, model) in gguf_encoders() {
        let bytes = random_model(&model);
        let Ok(Parsed::Header(header)) = Header::parse(&bytes, Some(bytes.len() as u64)) else {
            panic!("a whole file has a whole header");
        };
        let file = ModelFile::from_header(header).unwrap();
        let fixture = recorded(&name);
        found.push((name, file, bytes, fixture));
    }
    found
}

/// The model in a whole safetensors file.
pub(crate) fn read_safetensors(bytes: &[u8], config: &[u8]) -> ModelFile {
    let parsed = SafetensorsHeader::parse(bytes, Some(bytes.len() as u64)).unwrap();
    let ParsedSafetensors::Header(header) = parsed else { panic!("a whole file has a whole header") };
    ModelFile::from_safetensors(header, config).unwrap()
}

/// What a model needs for [`check`].
pub(crate) const CAPACITY: Capacity =
    Capacity { n_slots: 100, n_table_rows: 4, max_batch_tokens: 100, max_rows: 4 };

/// Compares every pooled vector; the texts go through the model in one batch. Gives the largest distance.
pub(crate) async fn check<M: LanguageModel>(name: &str, fixture: &Fixture, model: &mut M) -> f32 {
    let shape = model.shape();
    let mut scheduler = Scheduler::new(shape, 1);
    let texts: Vec<Vec<u32>> = fixture.texts.iter().map(|text| text.tokens.clone()).collect();
    let last_layer = shape.n_layers;
    let cases = [
        (last_layer, Pooling::Mean),
        (last_layer, Pooling::First),
        (last_layer, Pooling::Last),
        (1, Pooling::Mean),
    ];
    let mut worst = 0.0f32;
    for (layer, pooling) in cases {
        let vectors = scheduler.embed(model, &texts, layer, pooling).await.unwrap();
        for (vector, text) in vectors.iter().zip(&fixture.texts) {
            let distance = distance(vector, text.expected(layer, pooling));
            let n_tokens = text.tokens.len();
            assert!(
                distance <= TOLERANCE,
                "{name}: {pooling:?} of {n_tokens} tokens after layer {layer} is {distance} away"
            );
            worst = worst.max(distance);
        }
    }
    worst
}

/// Largest difference as a share of the root mean square of what is expected; infinite for NaN.
fn distance(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let differences = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
    let worst = differences.map(|difference| if difference.is_nan() { f32::INFINITY } else { difference });
    let squares: f32 = expected.iter().map(|value| value * value).sum();
    worst.fold(0.0, f32::max) / (squares / expected.len() as f32).sqrt()
}
