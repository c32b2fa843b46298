//! The steps of a layer that are no kernels of their own.

use std::borrow::Cow;

use super::gate::{activate, gate};
use super::layer_norm::layer_norm;
use super::loader::{Layer, Update};
use super::matmul::matmul;
use super::rms_norm::{centred_norm, rms_norm};
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

/// The norm of what a part of the model takes, where there is a gain for it.
pub(super) fn norm_before<'a>(states: &'a [f32], gain: &[f32], h: &Hyperparameters) -> Cow<'a, [f32]> {
    match gain.is_empty() {
        true => Cow::Borrowed(states),
        false if h.norms.are_centred() => Cow::Owned(centred_norm(states, gain, h.norm_eps)),
        false => Cow::Owned(rms_norm(states, gain, h.norm_eps)),
    }
}

/// Adds what a part of a layer gives, with the factor and the norms that the model has for it.
pub(super) fn update(states: &mut [f32], mut given: Vec<f32>, update: &Update, h: &Hyperparameters) {
    scale(&mut given, h.residual_scale);
    match update.post_norm.is_empty() {
        true => add(states, &given),
        false => add(states, &rms_norm(&given, &update.post_norm, h.norm_eps)),
    }
    layer_norm(states, &update.sum_norm, h.norm_eps);
}

/// Multiplies by a factor that is 1 in most models.
pub(super) fn scale(values: &mut [f32], factor: f32) {
    values.iter_mut().for_each(|value| *value *= factor);
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
