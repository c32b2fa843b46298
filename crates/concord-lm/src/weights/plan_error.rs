//! Why a job does not fit the device or the model, in words a person can act on.

use super::offer::Offers;

/// Why there is no memory plan for a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The weights and the smallest useful job do not fit.
    #[error(
        "the model needs {needed} bytes of device memory for one short response, {available} are available; choose a smaller model or quantisation"
    )]
    ModelTooLarge {
        /// Bytes for the weights and one short row.
        needed: u64,
        /// Bytes of the budget.
        available: u64,
    },
    /// The job does not fit, a smaller one does.
    #[error(
        "{n_rows} rows of {row_tokens} new tokens need {needed} bytes of device memory, {available} are available; {offers}"
    )]
    JobTooLarge {
        /// Rows asked for.
        n_rows: u32,
        /// New tokens per row asked for.
        row_tokens: u32,
        /// Bytes the job would take.
        needed: u64,
        /// Bytes of the budget.
        available: u64,
        /// What would fit.
        offers: Offers,
    },
    /// The job is longer than the model's context.
    #[error(
        "{prompt_tokens} prompt tokens and {row_tokens} new tokens are more than the context of {seq_len} tokens; shorten the prompt or the response"
    )]
    ContextTooShort {
        /// Tokens of the longest prompt.
        prompt_tokens: u32,
        /// New tokens per row.
        row_tokens: u32,
        /// The model's context.
        seq_len: u32,
    },
}
