//! Widths and counts that follow from a model's hyperparameters.

use super::architecture::{Head, Positions, Window};
use super::hyperparameters::Hyperparameters;
use super::rope_scaling::{Rope, RopeDivisors};

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
        self.rope_of(windowed).frequencies(self.rope_dim, divisors)
    }

    /// RoPE in the layers with or without a window.
    pub fn rope_of(&self, windowed: bool) -> Rope {
        self.window.filter(|_| windowed).map_or(self.rope, |window| window.rope)
    }

    /// Leading values of each head that RoPE turns in a layer; 0 where it turns nothing.
    pub fn rope_dim_of(&self, layer: u32) -> u32 {
        if self.rope_layers.contains(layer) { self.rope_dim } else { 0 }
    }

    /// Of two tensors of RoPE divisors, the model uses the one for long texts.
    pub fn is_long(&self) -> bool {
        matches!(self.rope_divisors, RopeDivisors::ByLength { n_original, .. } if self.seq_len > n_original)
    }

    /// The window of a layer; `None` where it sees all positions.
    pub fn window_of(&self, layer: u32) -> Option<Window> {
        self.window.filter(|window| window.layers.contains(layer))
    }
}
