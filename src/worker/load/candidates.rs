//! Which backend runs a model: what was asked for, what the machine has, and which is faster.

use crate::{
    generate::{
        GenerateError, Job, LanguageModel, ModelError, Pooling, SampleKey, SamplingSettings, Scheduler,
    },
    protocol::BackendChoice,
};

/// Files larger than this are not also loaded on the CPU to measure it: there the GPU, even a slow
/// one, is the better choice, and a second copy takes memory.
pub const MEASURED_FILE_BYTES: u64 = 64 << 20;

/// Rows of the job that measures a backend: what a small job has.
const MEASURED_ROWS: u32 = 16;
/// Tokens of each of its responses.
const MEASURED_TOKENS: u32 = 12;

/// Texts of the batch that measures an encoder.
const MEASURED_TEXTS: u32 = 8;
/// Tokens of each of them.
const MEASURED_TEXT_TOKENS: u32 = 32;

/// On which backends a model is loaded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// On the GPU.
    pub gpu: bool,
    /// On the CPU.
    pub cpu: bool,
}

/// What to load a model on, given the choice, whether there is a GPU, and the file's length.
pub fn candidates(choice: BackendChoice, has_gpu: bool, file_bytes: u64) -> Candidates {
    match choice {
        BackendChoice::Webgpu => Candidates { gpu: true, cpu: false },
        BackendChoice::Cpu => Candidates { gpu: false, cpu: true },
        BackendChoice::Auto => {
            Candidates { gpu: has_gpu, cpu: !has_gpu || file_bytes <= MEASURED_FILE_BYTES }
        }
    }
}

/// Tokens per second of a short batched job on a model that nothing else uses yet. The first run
/// warms it up and is not counted.
///
/// # Errors
/// When the model fails.
pub async fn tokens_per_sec<M: LanguageModel>(
    model: &mut M,
    steps_per_call: u32,
    now_ms: impl Fn() -> f64,
) -> Result<f64, ModelError> {
    let shape = model.shape();
    let n_rows = MEASURED_ROWS.min(shape.max_rows);
    let mut rate = 0.0;
    for _ in 0..2 {
        let mut scheduler = Scheduler::new(shape, steps_per_call);
        scheduler.add(Job {
            id: 0,
            prompt: vec![0; 8],
            samples: (0..n_rows).map(|sample| SampleKey { sample, stream: sample }).collect(),
            seed: 0,
            settings: SamplingSettings::default(),
            max_tokens: MEASURED_TOKENS,
            stop_tokens: Vec::new(),
            sampled_logprobs: false,
        });
        let start_ms = now_ms();
        scheduler.run(model, &mut |_, _| false, async |_, _| {}).await?;
        let spent_ms = (now_ms() - start_ms).max(0.1);
        rate = f64::from(n_rows * MEASURED_TOKENS) / spent_ms * 1_000.0;
    }
    Ok(rate)
}

/// Tokens per second of embedding a batch of texts. The first run warms the model up and is not counted.
///
/// # Errors
/// When the model fails.
pub async fn embedded_tokens_per_sec<M: LanguageModel>(
    model: &mut M,
    now_ms: impl Fn() -> f64,
) -> Result<f64, ModelError> {
    let shape = model.shape();
    let n_tokens = MEASURED_TEXT_TOKENS.min(shape.seq_len).min(shape.max_batch_tokens);
    let n_texts = (shape.max_batch_tokens / n_tokens.max(1)).clamp(1, MEASURED_TEXTS).min(shape.n_table_rows);
    let texts = vec![vec![0; n_tokens as usize]; n_texts as usize];
    let mut rate = 0.0;
    for _ in 0..2 {
        let start_ms = now_ms();
        let mut scheduler = Scheduler::new(shape, 1);
        if let Err(GenerateError::Model(error)) =
            scheduler.embed(model, &texts, shape.n_layers, Pooling::Mean).await
        {
            return Err(error);
        }
        let spent_ms = (now_ms() - start_ms).max(0.1);
        rate = f64::from(n_texts * n_tokens) / spent_ms * 1_000.0;
    }
    Ok(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_measures_small_files_on_both_and_keeps_large_ones_on_the_gpu() {
        let cases = [
            (BackendChoice::Auto, true, 1 << 20, Candidates { gpu: true, cpu: true }),
            (BackendChoice::Auto, true, 1 << 30, Candidates { gpu: true, cpu: false }),
            (BackendChoice::Auto, false, 1 << 30, Candidates { gpu: false, cpu: true }),
            (BackendChoice::Webgpu, false, 1 << 20, Candidates { gpu: true, cpu: false }),
            (BackendChoice::Cpu, true, 1 << 20, Candidates { gpu: false, cpu: true }),
        ];
        for (choice, has_gpu, n_bytes, expected) in cases {
            assert_eq!(candidates(choice, has_gpu, n_bytes), expected, "{choice:?} {has_gpu} {n_bytes}");
        }
    }
}
