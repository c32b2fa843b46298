//! What goes into the scheduler and what comes out: jobs, row events, progress, errors.

use super::call::Sampled;
use super::model::{ModelError, ModelShape};
use super::sampling::SamplingSettings;

/// Respond to one prompt in one language several times.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The caller's id; must differ from those of all jobs not yet finished.
    pub id: u32,
    /// Prompt tokens, chat template applied.
    pub prompt: Vec<u32>,
    /// Samples to draw. To resume, list only those that are missing.
    pub samples: Vec<SampleKey>,
    /// Seed of the run.
    pub seed: u32,
    /// How to sample. The repetition penalty sees the prompt and the response.
    pub settings: SamplingSettings,
    /// Longest response, in tokens; the context may end it earlier.
    pub max_tokens: u32,
    /// Tokens that end a response and are not part of it.
    pub stop_tokens: Vec<u32>,
    /// Whether the log-probs under the sampled distribution are wanted as well; they come for all jobs that run beside it.
    pub sampled_logprobs: bool,
}

/// One response to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleKey {
    /// Index of the sample among those of its prompt and language.
    pub sample: u32,
    /// Stream of its random numbers (see [`super::sampling::stream_id`]).
    pub stream: u32,
}

/// Names a row: one response of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    /// [`Job::id`].
    pub job: u32,
    /// [`SampleKey::sample`].
    pub sample: u32,
}

/// Decides by text whether a response ends, e.g. at a stop string: called with each token of a response
/// in order, `true` ends it. The token stays in the response; cutting the text is up to the caller.
pub type StopHook<'a> = dyn FnMut(RowId, u32) -> bool + 'a;

/// Why a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowEnd {
    /// A stop token or the stop hook.
    Stop,
    /// `max_tokens` or the context.
    Length,
    /// The caller cancelled it; tokens given out so far stand.
    Cancelled,
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum RowEvent {
    /// New tokens of a response.
    Tokens {
        /// Whose.
        row: RowId,
        /// At least one.
        tokens: Vec<Sampled>,
    },
    /// A response ended.
    Finished {
        /// Which.
        row: RowId,
        /// Why.
        end: RowEnd,
        /// The stop token that was drawn, with its log-probs; not part of the response.
        stop_token: Option<Sampled>,
    },
    /// A job cannot be done; the others go on.
    Failed {
        /// [`Job::id`].
        job: u32,
        /// What is wrong with it.
        error: InputError,
    },
}

/// How far the work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tokens given out since the scheduler was made.
    pub n_tokens: u64,
    /// Responses being generated.
    pub n_live: u32,
    /// Responses not yet begun, or waiting for room after their first token.
    pub n_waiting: u32,
    /// Responses ended since the scheduler was made, cancelled ones included.
    pub n_finished: u64,
}

/// Why tokens or settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Nothing to respond to.
    #[error("the prompt is empty; write something to respond to")]
    EmptyPrompt,
    /// No room for a response in the context.
    #[error("the text has {n_tokens} tokens, the model holds {seq_len} with the response; shorten it")]
    PromptTooLong {
        /// Tokens of the prompt or text.
        n_tokens: u32,
        /// Context, in tokens.
        seq_len: u32,
    },
    /// One row alone does not fit the KV pool.
    #[error(
        "a prompt with its response needs room for {n_needed} tokens, there is room for {n_slots}; lower the response length, or shorten the prompt"
    )]
    NoRoom {
        /// Slots needed.
        n_needed: u32,
        /// Slots there are.
        n_slots: u32,
    },
    /// A token id that the model does not have; usually the tokenizer of another model.
    #[error(
        "token {id} is not in the model's vocabulary of {vocab_size}; take them from the model's own tokenizer"
    )]
    UnknownToken {
        /// The id.
        id: u32,
        /// Tokens there are.
        vocab_size: u32,
    },
    /// A setting outside its range.
    #[error("{name} is {value}, it must be {range}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be, in words.
        range: &'static str,
    },
}

/// Why scoring or embedding failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The tokens cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Job {
    /// Longest response that the context leaves room for.
    pub(super) fn n_max_tokens(&self, shape: &ModelShape) -> u32 {
        self.max_tokens.min(shape.seq_len.saturating_sub(self.prompt.len() as u32))
    }

    /// Refuses what no scheduling can make work.
    pub(super) fn check(&self, shape: &ModelShape) -> Result<(), InputError> {
        check_settings(&self.settings, self.max_tokens)?;
        if self.prompt.is_empty() {
            return Err(InputError::EmptyPrompt);
        }
        check_tokens(&self.prompt, shape)?;
        if self.prompt.len() as u32 >= shape.seq_len {
            let n_tokens = self.prompt.len() as u32;
            return Err(InputError::PromptTooLong { n_tokens, seq_len: shape.seq_len });
        }
        let n_needed = self.prompt.len() as u32 + self.n_max_tokens(shape) - 1;
        if n_needed > shape.n_slots {
            return Err(InputError::NoRoom { n_needed, n_slots: shape.n_slots });
        }
        Ok(())
    }
}

/// Refuses ids outside the vocabulary and sequences longer than the context.
pub(super) fn check_tokens(tokens: &[u32], shape: &ModelShape) -> Result<(), InputError> {
    if let Some(&id) = tokens.iter().find(|&&id| id >= shape.vocab_size) {
        return Err(InputError::UnknownToken { id, vocab_size: shape.vocab_size });
    }
    let n_tokens = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
    if n_tokens > shape.seq_len {
        return Err(InputError::PromptTooLong { n_tokens, seq_len: shape.seq_len });
    }
    if n_tokens > shape.n_slots {
        return Err(InputError::NoRoom { n_needed: n_tokens, n_slots: shape.n_slots });
    }
    Ok(())
}

fn check_settings(settings: &SamplingSettings, max_tokens: u32) -> Result<(), InputError> {
    let SamplingSettings { temperature, top_p, min_p, repetition_penalty, .. } = *settings;
    let checks = [
        ("temperature", temperature, (0.0..=100.0).contains(&temperature), "from 0 to 100"),
        ("top-p", top_p, top_p > 0.0 && top_p <= 1.0, "above 0 and at most 1"),
        ("min-p", min_p, (0.0..=1.0).contains(&min_p), "from 0 to 1"),
        (
            "repetition penalty",
            repetition_penalty,
            repetition_penalty > 0.0 && repetition_penalty <= 100.0,
            "above 0 and at most 100",
        ),
        ("the response length", max_tokens as f32, max_tokens > 0, "at least 1 token"),
    ];
    match checks.into_iter().find(|(_, _, is_right, _)| !is_right) {
        Some((name, value, _, range)) => Err(InputError::Setting { name, value: value.to_string(), range }),
        None => Ok(()),
    }
}
