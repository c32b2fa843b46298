//! What follows from a model's numbers.

use super::architecture::{Head, Positions, Window};
use super::hyperparameters::Hyperparameters;

impl Hyperparameters {
    /// Rows of the table of positions; 0 where there is none.
    pub fn n_positions(&self) -> u32 {
        match self.positions {
            Positions::Rotary => 0,
            Positions::Table { first_row } => self.seq_len.saturating_add(first_row),
        }
    }

    /// Width of what the gate takes, or of what stands in its place.
    pub fn ffn_width(&self) -> u32 {
        if self.gated { 2 * self.hidden_dim } else { self.hidden_dim }
    }

    /// Logits of a token; 0 for an encoder.
    pub fn n_logits(&self) -> u32 {
        if self.head == Head::None { 0 } else { self.vocab_size }
    }

    /// Width of all query heads together.
    pub fn q_dim(&self) -> u32 {
        self.n_heads * self.head_dim
    }

    /// Width of all key (or value) heads together.
    pub fn kv_dim(&self) -> u32 {
        self.n_kv_heads * self.head_dim
    }

    /// RoPE's frequency for each pair of a head, `[rope_dim / 2]`, in the layers with or without a window;
    /// `divisors` holds as many, or nothing.
    pub fn rope_frequencies(&self, windowed: bool, divisors: &[f32]) -> Vec<f64> {
        let (base, scale) = match self.window {
            Some(window) if windowed => (window.rope_freq_base, 1.0),
            _ => (self.rope_freq_base, self.rope_scale),
        };
        let frequency = |pair: u32| {
            let divisor = divisors.get(pair as usize).map_or(1.0, |divisor| f64::from(*divisor));
            let exponent = -2.0 * f64::from(pair) / f64::from(self.rope_dim);
            f64::from(base).powf(exponent) / divisor / f64::from(scale)
        };
        (0..self.rope_dim / 2).map(frequency).collect()
    }

    /// The window of a layer; `None` where it sees all positions.
    pub fn window_of(&self, layer: u32) -> Option<Window> {
        self.window.filter(|window| !(layer + 1).is_multiple_of(window.every))
    }
}
