//! Rows, shared prefixes, the scheduler, sampling settings and stop rules, over any [`LanguageModel`].
//!
//! Independent of devices, of the tokens' texts and of the browser: token ids in, token ids out. The CPU
//! reference and the GPU engine are the two implementations of [`LanguageModel`].

pub mod call;
pub mod comparison;
pub mod forced;
pub mod job;
pub mod model;
pub mod prefix;
pub mod room;
pub mod rows;
pub mod sampling;
pub mod scheduler;
pub mod slots;
pub mod texts;

mod beginnings;
mod decode;
mod ends;
mod pool;
mod prefill;

#[cfg(not(target_arch = "wasm32"))]
#[cfg(test)]
mod tests;

pub use call::{Call, DecodeRow, Decoded, Done, Draw, Ends, MAX_STOPS, NO_TOKEN, Sampled, TokenInput};
pub use comparison::Comparison;
pub use forced::Forced;
pub use job::{GenerateError, InputError, Job, Progress, RowEnd, RowEvent, RowId, SampleKey, StopHook};
pub use model::{
    Capacity, Counters, LanguageModel, MAX_STEPS, ModelError, ModelShape, check_groups, check_layers,
    nothing_begun, positions_seen, taken,
};
pub use room::{Need, Room};
pub use rows::LiveRows;
pub use sampling::{DrawKey, SamplingSettings};
pub use scheduler::Scheduler;

pub use crate::weights::Pooling;
