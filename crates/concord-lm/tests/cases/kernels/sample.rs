//! `sample`: greedy ties, the uniform number and the log-probs, against the CPU; and as a sampler for
//! the cases of `crate::cases::sampler`.

use concord_lm::engine::kernels::Sample;
use concord_lm::engine::kernels::sample::{Buffers, DrawEntry, Params, RESULT_WORDS, sampled};
use concord_lm::engine::{Gpu, Recording};
use concord_lm::generate::{DrawKey, Sampled, SamplingSettings};
use concord_lm::reference;

use super::noise;
use crate::cases::sampler::Draws;

/// The kernel with what it was compiled for.
pub(crate) struct Sampler {
    gpu: Gpu,
    kernel: Sample,
}

impl Sampler {
    pub(crate) async fn new(gpu: &Gpu) -> Self {
        Self { gpu: gpu.clone(), kernel: Sample::new(gpu).await.unwrap() }
    }

    /// Draws with the given entries from rows of logits; `seen` is one table row's bit set.
    async fn run(
        &self,
        logits: &[f32],
        vocab_size: usize,
        seen: &[u32],
        entries: &[DrawEntry],
    ) -> Vec<Sampled> {
        let gpu = &self.gpu;
        let seen_words = vocab_size.div_ceil(32);
        let mut words = seen.to_vec();
        words.resize(seen_words, 0);
        let n_words = entries.len() * RESULT_WORDS as usize;
        let draws = gpu.upload("draws", entries).await.unwrap();
        let logits = gpu.upload("logits", logits).await.unwrap();
        let seen = gpu.upload("seen", &words).await.unwrap();
        let batch = gpu.storage("batch", 16 * entries.len() as u64).await.unwrap();
        let results = gpu.storage("results", 4 * n_words as u64).await.unwrap();
        let queue = gpu.storage("queue", 32).await.unwrap();
        let buffers = Buffers {
            draws: &draws,
            logits: &logits,
            seen: &seen,
            batch: &batch,
            results: &results,
            queue: &queue,
        };
        let params = Params {
            vocab_size: vocab_size as u32,
            seen_words: seen_words as u32,
            n_rows: entries.len() as u32,
            n_words: RESULT_WORDS,
            ..Default::default()
        };
        let mut recording = Recording::new();
        self.kernel.encode(&mut recording, &self.kernel.bind(gpu, buffers), params);
        sampled(&gpu.run_once::<u32>(&recording, &results, n_words).await.unwrap(), RESULT_WORDS)
    }

    /// Answers the cases that every sampler must hold.
    pub(crate) async fn draw(&self, draws: Draws<'_>) -> Vec<Sampled> {
        let vocab_size = draws.logits.len();
        let mut seen = vec![0u32; vocab_size.div_ceil(32)];
        draws.seen.iter().for_each(|id| seen[*id as usize / 32] |= 1 << (id % 32));
        let entries: Vec<DrawEntry> =
            draws.keys.iter().map(|&key| DrawEntry::new(0, 0, key, draws.settings)).collect();
        self.run(draws.logits, vocab_size, &seen, &entries).await
    }
}

/// The most likely token, of ties the lowest, with and without penalty.
pub(crate) async fn sample_greedy(gpu: &Gpu) {
    let sampler = Sampler::new(gpu).await;
    let settings = SamplingSettings { temperature: 0.0, ..Default::default() };
    for vocab_size in [1, 2, 31, 32, 33, 255, 256, 257, 1759] {
        let mut logits = noise(79, vocab_size);
        let tied = [vocab_size / 3, vocab_size - 1];
        tied.iter().for_each(|&id| logits[id] = 9.0);
        let mut seen = vec![0u32; vocab_size.div_ceil(32)];
        seen[tied[0] / 32] |= 1 << (tied[0] % 32);
        for penalty in [1.0, 1.5] {
            let settings = SamplingSettings { repetition_penalty: penalty, ..settings };
            let entries = [DrawEntry::new(0, 0, DrawKey::default(), settings)];
            let got = sampler.run(&logits, vocab_size, &seen, &entries).await[0];
            let expected = reference::sample(&logits, &seen, &settings, DrawKey::default());
            assert_eq!(got.id, expected.id, "vocabulary {vocab_size}, penalty {penalty}");
            assert!((got.logprob - expected.logprob).abs() < 1e-5, "{got:?}, expected {expected:?}");
            assert_eq!(got.sampled_logprob, Some(0.0));
        }
    }
}

/// All settings that a test draws with.
fn all_settings() -> [SamplingSettings; 8] {
    let plain = SamplingSettings { temperature: 1.0, ..Default::default() };
    [
        plain,
        SamplingSettings { temperature: 0.6, ..plain },
        SamplingSettings { temperature: 1.7, ..plain },
        SamplingSettings { top_k: 5, ..plain },
        SamplingSettings { top_p: 0.8, ..plain },
        SamplingSettings { min_p: 0.1, ..plain },
        SamplingSettings { repetition_penalty: 1.4, ..plain },
        SamplingSettings { temperature: 0.8, top_k: 20, top_p: 0.9, min_p: 0.02, repetition_penalty: 1.2 },
    ]
}

/// Single draws equal the CPU's: same uniform number, same order of ids, both log-probs.
pub(crate) async fn sample_equals_reference(gpu: &Gpu) {
    let sampler = Sampler::new(gpu).await;
    let (mut n_draws, mut n_other) = (0, 0);
    for vocab_size in [1usize, 31, 33, 257, 1759] {
        let n_rows = 3;
        let logits: Vec<f32> = noise(83, n_rows * vocab_size).iter().map(|logit| 2.0 * logit).collect();
        let seen: Vec<u32> = (0..vocab_size.div_ceil(32) as u32).map(|word| 0x8421_1248 ^ word).collect();
        for settings in all_settings() {
            let keys = (0..24).map(|i| DrawKey { seed: 5, stream: 17 * i, step: i });
            let keys: Vec<DrawKey> = keys.collect();
            let entries: Vec<DrawEntry> = keys
                .iter()
                .enumerate()
                .map(|(idx, &key)| DrawEntry::new((idx % n_rows) as u32, 0, key, settings))
                .collect();
            let got = sampler.run(&logits, vocab_size, &seen, &entries).await;
            for (idx, (got, key)) in got.iter().zip(keys).enumerate() {
                let row = &logits[idx % n_rows * vocab_size..][..vocab_size];
                let expected = reference::sample(row, &seen, &settings, key);
                n_draws += 1;
                // A uniform number within rounding of a boundary between two ids may fall on the other side.
                if got.id != expected.id {
                    n_other += 1;
                    continue;
                }
                let what = format!("vocabulary {vocab_size}, {settings:?}: {got:?}, expected {expected:?}");
                assert!((got.logprob - expected.logprob).abs() < 2e-5, "{what}");
                let (got, expected) = (got.sampled_logprob.unwrap(), expected.sampled_logprob.unwrap());
                assert!((got - expected).abs() < 2e-5, "{what}");
            }
        }
    }
    assert!(n_other * 200 <= n_draws, "{n_other} of {n_draws} draws differ from the CPU's");
}
