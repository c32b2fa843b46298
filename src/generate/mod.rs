//! Rows, shared prefixes, the scheduler, sampling settings and stop rules, over any [`LanguageModel`].
//!
//! Knows nothing of devices, tokens' texts or the browser: token ids in, token ids out. The CPU
//! reference and the GPU engine are the two implementations of [`LanguageModel`].

pub mod model;
pub mod sampling;

pub use model::{
    Capacity, Counters, DecodeRow, Draw, LanguageModel, ModelError, ModelShape, Pooling, Sampled, TokenInput,
};
pub use sampling::{DrawKey, SamplingSettings};
