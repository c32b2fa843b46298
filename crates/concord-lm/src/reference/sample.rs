//! Draws one token from logits: penalty, temperature, top-k, top-p, min-p, then the inverse of the
//! cumulative distribution over token ids in order, at one uniform number.
//!
//! The order of [`SamplingSettings`] holds: each truncation works on what the one before left,
//! renormalised. All cuts are thresholds on the probability, so ties with the last token kept stay.

use super::log_prob::log_sum_exp;
use super::math::{exp, is_finite, max};
use crate::generate::{DrawKey, Sampled, SamplingSettings};

/// Draws from `logits` `[vocab_size]` with the uniform number of `key`. `seen` is a bit set of the token
/// ids that the repetition penalty sees, bit `id % 32` of word `id / 32`; missing words are zeros.
pub fn sample(logits: &[f32], seen: &[u32], settings: &SamplingSettings, key: DrawKey) -> Sampled {
    sample_at(logits, seen, settings, key.uniform())
}

/// As [`sample`], at a given number in [0, 1). Log-probs are NaN where a logit is not finite.
pub fn sample_at(logits: &[f32], seen: &[u32], settings: &SamplingSettings, uniform: f32) -> Sampled {
    if !is_finite(logits) {
        return Sampled { id: 0, logprob: f32::NAN, sampled_logprob: Some(f32::NAN) };
    }
    let raw_total = log_sum_exp(logits);
    let penalised = penalise(logits, seen, settings.repetition_penalty);
    if settings.temperature <= 0.0 {
        let id = argmax(&penalised);
        return Sampled { id: id as u32, logprob: logits[id] - raw_total, sampled_logprob: Some(0.0) };
    }
    let weights = kept_weights(penalised, settings);
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let id = invert(&weights, f64::from(uniform) * total);
    Sampled {
        id: id as u32,
        logprob: logits[id] - raw_total,
        sampled_logprob: Some((f64::from(weights[id]) / total).ln() as f32),
    }
}

fn penalise(logits: &[f32], seen: &[u32], penalty: f32) -> Vec<f32> {
    let mut penalised = logits.to_vec();
    if penalty == 1.0 {
        return penalised;
    }
    for (word_idx, &word) in seen.iter().enumerate().filter(|(_, word)| **word != 0) {
        let first = word_idx * 32;
        let ids = (0..32).filter(|bit| word >> bit & 1 == 1).map(|bit| first + bit);
        for id in ids.take_while(|&id| id < logits.len()) {
            let logit = penalised[id];
            penalised[id] = if logit > 0.0 { logit / penalty } else { logit * penalty };
        }
    }
    penalised
}

/// The first index of the largest value.
fn argmax(values: &[f32]) -> usize {
    let largest = max(values);
    values.iter().position(|&value| value == largest).unwrap_or(0)
}

/// Weights proportional to the probabilities, relative to the largest, 0 where truncated.
fn kept_weights(mut logits: Vec<f32>, settings: &SamplingSettings) -> Vec<f32> {
    let largest = max(&logits);
    let inverse = 1.0 / settings.temperature;
    for logit in &mut logits {
        *logit = exp((*logit - largest) * inverse);
    }
    let mut weights = logits;
    let top_k = settings.top_k as usize;
    let cuts_k = top_k > 0 && top_k < weights.len();
    let cuts_p = settings.top_p < 1.0;
    if cuts_k || cuts_p {
        let mut sorted = weights.clone();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        if cuts_k {
            let last = sorted[top_k - 1];
            sorted.truncate(sorted.partition_point(|&weight| weight >= last));
        }
        if cuts_p {
            let total: f64 = sorted.iter().map(|&weight| f64::from(weight)).sum();
            sorted.truncate(n_reaching(&sorted, f64::from(settings.top_p) * total));
        }
        let threshold = sorted.last().copied().unwrap_or(0.0);
        cut(&mut weights, threshold);
    }
    if settings.min_p > 0.0 {
        cut(&mut weights, settings.min_p.min(1.0));
    }
    weights
}

/// How many of the sorted weights, at least one, it takes to reach `target`.
fn n_reaching(sorted: &[f32], target: f64) -> usize {
    let mut sum = 0.0;
    let reached = sorted.iter().position(|&weight| {
        sum += f64::from(weight);
        sum >= target
    });
    reached.map_or(sorted.len(), |last| last + 1)
}

fn cut(weights: &mut [f32], threshold: f32) {
    for weight in weights {
        *weight = if *weight < threshold { 0.0 } else { *weight };
    }
}

/// The first index whose cumulative weight passes `target`; by rounding at the end, the last kept.
fn invert(weights: &[f32], target: f64) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (id, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        sum += f64::from(weight);
        last = id;
        if sum > target {
            break;
        }
    }
    last
}
