//! Our models against llama.cpp's logits and greedy tokens; for any implementation of the model trait.
//!
//! The fixtures are made by `tests/fixtures/record_llama_cpp.py`, which says what is in them.

use std::collections::BTreeMap;

use concord_lm::generate::{Capacity, DecodeRow, Draw, DrawKey, LanguageModel, SamplingSettings, TokenInput};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed};
use serde::Deserialize;

use super::llama_cpp_models::models;

/// Which logits are recorded: to keep the fixtures small, not all.
const STRIDE: usize = 7;
/// Allowed distance of a logit, as a share of the logits' root mean square, to llama.cpp in f32 with keys and
/// values in f16. One of these that rounds to its other neighbour moves a logit by up to 2e-4.
const EXACT_TOLERANCE: f32 = 1e-3;
/// The same where llama.cpp itself rounds activations to f16 or 8 bits before it multiplies: its own two
/// answers are up to 0.056 apart; a misread block layout gives more than 1.
const OWN_TOLERANCE: f32 = 0.1;

/// Positions that llama.cpp had room for.
const CONTEXT: u32 = 256;

/// What llama.cpp computed for one model file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recorded {
    /// Every [`STRIDE`]-th of the logits after the prompt.
    logits: Vec<f32>,
    /// Root mean square of all of them.
    rms: f32,
    /// The tokens that follow the prompt, most likely first choice each.
    greedy: Vec<u32>,
}

/// A model, a prompt and what llama.cpp computed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fixture {
    prompt: Vec<u32>,
    exact: Recorded,
    own: Option<Recorded>,
}

#[derive(Deserialize)]
struct Fixtures {
    models: BTreeMap<String, Fixture>,
}

/// Name, GGUF file and recorded answers of every fixture model.
pub(crate) fn fixtures() -> Vec<(String, Vec<u8>, Fixture)> {
    let mut fixtures: Fixtures = serde_json::from_str(include_str!("../data/llama_cpp.json")).unwrap();
    let recorded = |(name, model): (String, RandomModel)| {
        let fixture = fixtures.models.remove(&name).unwrap_or_else(|| panic!("{name} was not recorded"));
        (name, random_model(&model), fixture)
    };
    models().into_iter().map(recorded).collect()
}

/// A fixture's model, to read texts as long as llama.cpp had room for: RoPE divisors for two lengths depend on it.
pub(crate) fn model_file(bytes: &[u8]) -> ModelFile {
    let Parsed::Header(header) = Header::parse(bytes, Some(bytes.len() as u64)).unwrap() else {
        panic!("a whole file has a whole header");
    };
    let mut file = ModelFile::from_header(header).unwrap();
    file.hyperparameters = file.hyperparameters.within(CONTEXT);
    file
}

impl Fixture {
    /// KV slots that [`check`] uses.
    fn n_slots(&self) -> u32 {
        (self.prompt.len() + self.exact.greedy.len()) as u32
    }

    /// What a model needs for [`check`].
    pub(crate) fn capacity(&self) -> Capacity {
        let (n_slots, max_batch_tokens) = (self.n_slots(), self.prompt.len() as u32);
        Capacity { n_slots, n_table_rows: 1, max_batch_tokens, max_rows: 1 }
    }
}

/// Compares logits after the prompt, then 64 greedy tokens. Returns the distance of the logits.
pub(crate) async fn check<M: LanguageModel>(name: &str, fixture: &Fixture, model: &mut M) -> f32 {
    let slots: Vec<u32> = (0..fixture.n_slots()).collect();
    model.set_slots(0, 0, &slots).unwrap();
    let inputs = (0u32..).zip(&fixture.prompt);
    let tokens: Vec<TokenInput> =
        inputs.map(|(position, &id)| TokenInput { id, position, table_row: 0 }).collect();

    let logits = model.logits(&tokens).await.unwrap();
    let exact = distance(&logits, &fixture.exact);
    assert!(exact <= EXACT_TOLERANCE, "{name}: logits are {exact} from llama.cpp in f32");
    if let Some(own) = &fixture.own {
        let own = distance(&logits, own);
        assert!(own <= OWN_TOLERANCE, "{name}: logits are {own} from llama.cpp on the same file");
    }

    let greedy = greedy_tokens(model, &tokens, fixture.exact.greedy.len() as u32).await;
    assert_eq!(greedy, fixture.exact.greedy, "{name}: greedy tokens");
    exact
}

/// Compares the logits of a model that rounds activations to 8 bits, as llama.cpp does on the file as it is. Returns their
/// distances from llama.cpp's in f32, and from its own on the file where they were recorded.
pub(crate) async fn check_rounded<M: LanguageModel>(
    name: &str,
    fixture: &Fixture,
    model: &mut M,
) -> [f32; 2] {
    let slots: Vec<u32> = (0..fixture.n_slots()).collect();
    model.set_slots(0, 0, &slots).unwrap();
    let inputs = (0u32..).zip(&fixture.prompt);
    let tokens: Vec<TokenInput> =
        inputs.map(|(position, &id)| TokenInput { id, position, table_row: 0 }).collect();
    let logits = model.logits(&tokens).await.unwrap();
    let exact = distance(&logits, &fixture.exact);
    assert!(exact <= OWN_TOLERANCE, "{name}: logits are {exact} from llama.cpp in f32");
    let own = fixture.own.as_ref().map_or(0.0, |own| distance(&logits, own));
    assert!(own <= OWN_TOLERANCE, "{name}: logits are {own} from llama.cpp on the same file");
    [exact, own]
}

/// Largest difference as a share of the root mean square of what is expected; infinite for NaN.
fn distance(found: &[f32], expected: &Recorded) -> f32 {
    assert_eq!(found.len().div_ceil(STRIDE), expected.logits.len());
    let differences =
        found.iter().step_by(STRIDE).zip(&expected.logits).map(|(found, expected)| (found - expected).abs());
    let worst = differences.map(|difference| if difference.is_nan() { f32::INFINITY } else { difference });
    worst.fold(0.0, f32::max) / expected.rms
}

async fn greedy_tokens<M: LanguageModel>(model: &mut M, prompt: &[TokenInput], n_tokens: u32) -> Vec<u32> {
    let settings = SamplingSettings { temperature: 0.0, ..SamplingSettings::default() };
    let key = DrawKey { seed: 1, stream: 1, step: 0 };
    let token_idx = prompt.len() as u32 - 1;
    let first = model.prefill(prompt, &[Draw { token_idx, table_row: 0, key, settings }]).await.unwrap();
    let input = TokenInput { id: first[0].id, position: prompt.len() as u32, table_row: 0 };
    let key = DrawKey { step: 1, ..key };
    let steps = model.decode(&[DecodeRow { input, key, settings }], n_tokens - 1).await.unwrap();
    first.iter().chain(steps.iter().flatten()).map(|sampled| sampled.id).collect()
}
