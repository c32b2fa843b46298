//! The steps of a layer that are no kernels of their own.

use std::borrow::Cow;

use super::gate::{activate, gate};
use super::layer_norm::layer_norm;
use super::loader::{Layer, Update};
use super::matmul::matmul;
use super::rms_norm::rms_norm;
use crate::weights::{Hyperparameters, Window};

/// Of the slots of the positions that a token may see, those within its window: the last ones, or those on either side.
pub(super) fn seen_within(slots: &[u32], position: u32, window: Option<Window>, is_causal: bool) -> &[u32] {
    let Some(Window { n_positions, .. }) = window else { return slots };
    if is_causal {
        return &slots[slots.len().saturating_sub(n_positions as usize)..];
    }
    let (position, half) = (position as usize, n_positions as usize / 2);
    &slots[position.saturating_sub(half)..slots.len().min(position + half + 1)]
}

/// Adds a bias, which may be empty, to every row.
pub(super) fn add_to_rows(rows: &mut [f32], bias: &[f32]) {
    if !bias.is_empty() {
        rows.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
    }
}

/// RMS norm where the model has a gain for it.
pub(super) fn norm_before<'a>(states: &'a [f32], gain: &[f32], eps: f32) -> Cow<'a, [f32]> {
    if gain.is_empty() { Cow::Borrowed(states) } else { Cow::Owned(rms_norm(states, gain, eps)) }
}

/// Adds what a part of a layer gives, with the norms that the model has for it.
pub(super) fn update(states: &mut [f32], given: Vec<f32>, update: &Update, eps: f32) {
    add(states, &norm_before(&given, &update.post_norm, eps));
    layer_norm(states, &update.sum_norm, eps);
}

pub(super) fn feed_forward(normed: &[f32], layer: &Layer, h: &Hyperparameters) -> Vec<f32> {
    let mut hidden = matmul(normed, &layer.up);
    if h.gated {
        hidden = gate(&matmul(normed, &layer.gate), &hidden, h.activation);
    } else {
        activate(&mut hidden, &layer.up_bias, h.activation);
    }
    matmul(&hidden, &layer.down)
}

pub(super) fn add(states: &mut [f32], update: &[f32]) {
    states.iter_mut().zip(update).for_each(|(state, update)| *state += update);
}
