//! What a model has done, counted.

use crate::{
    generate::{Counters, LanguageModel},
    protocol::CounterReport,
};

/// Starts counting anew; what is held is still held.
pub(super) fn reset_counters<M: LanguageModel>(model: &mut M) {
    let gpu_bytes = model.counters().gpu_bytes;
    *model.counters_mut() = Counters { gpu_bytes, ..Counters::default() };
}

/// Counts, as numbers that JavaScript has.
pub(super) fn report(counters: Counters) -> CounterReport {
    CounterReport {
        prompt_tokens_evaluated: f64::from(counters.prompt_tokens_evaluated),
        text_tokens_evaluated: f64::from(counters.text_tokens_evaluated),
        tokens_generated: f64::from(counters.tokens_generated),
        steps: f64::from(counters.steps),
        decode_dispatches: f64::from(counters.decode_dispatches),
        dispatches: f64::from(counters.dispatches),
        submits: f64::from(counters.submits),
        bytes_read_back: counters.bytes_read_back as f64,
        gpu_bytes: counters.gpu_bytes as f64,
        peak_heap_bytes: 0.0,
    }
}
