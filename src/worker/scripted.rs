//! A model that follows a script, for tests of what becomes of a response.

use std::collections::HashMap;

use crate::{
    generate::{
        Counters, DecodeRow, Draw, DrawKey, LanguageModel, LiveRows, ModelError, ModelShape, Pooling, Room,
        Sampled, Scheduler, TokenInput, sampling::stream_id,
    },
    protocol::ModelInfo,
};

use super::{generator::Generator, prompter::Prompter};

/// Responses that are told for a prompt and language.
pub(super) const N: u32 = 4;
/// Ends a turn in the random model's vocabulary.
const END: u32 = 2;

/// Says what it is told by stream, then ends; what it is not told goes on for ever. Its states count bytes.
pub(super) struct Scripted {
    shape: ModelShape,
    says: HashMap<u32, Vec<u32>>,
    vectors: Vec<Vec<f32>>,
    rows: LiveRows,
    counters: Counters,
}

impl Scripted {
    fn draw(&self, key: DrawKey) -> Sampled {
        let said = self.says.get(&key.stream);
        let endless = 3 + u32::from(b'a') + key.step % 3;
        let id = said.map_or(endless, |said| said.get(key.step as usize).copied().unwrap_or(END));
        Sampled { id, logprob: -0.5, sampled_logprob: Some(-0.25) }
    }
}

impl LanguageModel for Scripted {
    fn shape(&self) -> ModelShape {
        self.shape
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        self.shape.n_slots = n_slots;
        Ok(())
    }

    fn set_slots(&mut self, _: u32, _: u32, _: &[u32]) -> Result<(), ModelError> {
        Ok(())
    }

    fn set_seen(&mut self, _: u32, _: &[u32]) -> Result<(), ModelError> {
        Ok(())
    }

    async fn prefill(&mut self, _: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        Ok(draws.iter().map(|draw| self.draw(draw.key)).collect())
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        let at = |row: &DecodeRow, step| self.draw(DrawKey { step: row.key.step + step, ..row.key });
        Ok((0..n_steps).map(|step| rows.iter().map(|row| at(row, step)).collect()).collect())
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        &mut self.rows
    }

    async fn score(&mut self, tokens: &[TokenInput], _: &[u32]) -> Result<Vec<f32>, ModelError> {
        Ok(vec![-1.0; tokens.len()])
    }

    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        _: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        let mut rest = tokens;
        let mut vectors = Vec::new();
        for &n in groups {
            let (group, after) = rest.split_at(n as usize);
            rest = after;
            let mut counts = vec![0.0; self.shape.dim as usize];
            group.iter().for_each(|token| counts[token.id as usize] += 1.0);
            vectors.push(counts);
        }
        Ok(vec![vectors; layers.len()])
    }

    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        self.vectors.resize(n_vectors as usize, Vec::new());
        Ok(())
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        self.vectors[place as usize] = vector.to_vec();
        Ok(())
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        let held = &self.vectors[..n_vectors as usize];
        let pairs = held.iter().enumerate().flat_map(|(i, a)| held[i + 1..].iter().map(move |b| (a, b)));
        Ok(pairs.map(|(a, b)| crate::align::cosine(a, b)).collect())
    }

    async fn logits(&mut self, _: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        Ok(vec![0.0; self.shape.vocab_size as usize])
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }
}

/// The same model with a context of `seq_len` tokens, as it is after a load: its pool is small and follows the jobs.
pub(super) fn fresh(loaded: Generator<Scripted>, seq_len: u32) -> Generator<Scripted> {
    let Generator { mut model, prompter, mut info, .. } = loaded;
    model.shape = ModelShape { seq_len, n_slots: 512, max_batch_tokens: 256, ..model.shape };
    let room = Room { least: 512, usual: 20_000, most: 200_000 };
    (info.seq_len, info.memory.kv_token) = (seq_len, 100.0);
    info.memory.kv = 51_200.0;
    Generator { scheduler: Scheduler::new(model.shape, 4).with_room(room), model, prompter, info }
}

/// A loaded model that says `says(prompt, language, sample)` to the prompts `one` and `two` in `en` and `de`; `None` never
/// ends.
pub(super) fn loaded(
    prompter: Prompter,
    says: impl Fn(&str, &str, u32) -> Option<String>,
) -> Generator<Scripted> {
    let shape = ModelShape {
        dim: 301,
        n_layers: 2,
        vocab_size: 301,
        seq_len: 600,
        n_slots: 9_000,
        n_table_rows: 20,
        max_batch_tokens: 2_000,
        max_rows: 12,
        is_causal: true,
    };
    let mut texts = HashMap::new();
    for prompt in ["one", "two"] {
        for language in ["en", "de"] {
            for sample in 0..N {
                if let Some(text) = says(prompt, language, sample) {
                    let tokens = prompter.tokenizer.encode(&text, true).unwrap();
                    texts.insert(stream_id(prompt, language, sample), tokens);
                }
            }
        }
    }
    Generator {
        model: Scripted {
            shape,
            says: texts,
            vectors: Vec::new(),
            rows: LiveRows::default(),
            counters: Counters::default(),
        },
        scheduler: Scheduler::new(shape, 4),
        info: ModelInfo { sha256: "m".to_owned(), n_layers: 2, seq_len: 600, ..ModelInfo::default() },
        prompter,
    }
}
