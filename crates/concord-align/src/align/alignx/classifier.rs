//! The small classifier of the language-matching loss, its gradient, and Adam.
//!
//! `MLP(u) = W_down (silu(W_gate u) * (W_up u))`, `u = [g_i; g_j]`, `2 dim -> hidden -> 2`, no bias; the second output says
//! "the same language". Since `W_gate [g_i; g_j]` is a sum of a left part of `g_i` and a right part of `g_j`, each vector is
//! multiplied once and every pair costs `hidden` terms only.

use crate::align::random::SplitMix64;

/// The weights, f64.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    dim: usize,
    hidden: usize,
    /// Gate `[hidden, 2 dim]`, up `[hidden, 2 dim]`, down `[2, hidden]`, one after the other.
    weights: Vec<f64>,
}

/// The mean cross-entropy over some ordered pairs, and its gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifierGradient {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// By weight, in the order of [`Classifier::weights`].
    pub by_weight: Vec<f64>,
}

/// Both outputs of a pair.
pub(super) type Logits = [f64; 2];

/// What a pair's vectors contribute: left and right part of gate and up, `[4, hidden]`.
pub(super) type Parts = Vec<f64>;

impl Classifier {
    /// Seeded weights, each layer uniform between plus and minus `1 / sqrt(inputs)` (**ours**: the paper names none).
    pub fn new(dim: usize, hidden: usize, seed: u32) -> Self {
        let mut numbers = SplitMix64::new(u64::from(seed));
        let mut layer = |n: usize, n_inputs: usize| -> Vec<f64> {
            let bound = 1.0 / (n_inputs.max(1) as f64).sqrt();
            (0..n).map(|_| numbers.between_minus_one_and_one() * bound).collect()
        };
        let mut weights = layer(4 * hidden * dim, 2 * dim);
        weights.extend(layer(2 * hidden, hidden));
        Self { dim, hidden, weights }
    }

    /// All weights: gate `[hidden, 2 dim]`, up `[hidden, 2 dim]`, down `[2, hidden]`.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The weights, to change them.
    pub fn weights_mut(&mut self) -> &mut [f64] {
        &mut self.weights
    }

    /// Row `k` of the gate (0) or up (1) matrix, its left (0) or right (1) half: where it begins.
    fn half_row(&self, matrix: usize, k: usize, half: usize) -> usize {
        ((matrix * self.hidden + k) * 2 + half) * self.dim
    }

    /// The parts of a vector `[dim]`.
    pub(super) fn parts(&self, vector: &[f64]) -> Parts {
        let part = |at: usize| {
            let (matrix, half, k) = (at / self.hidden / 2, at / self.hidden % 2, at % self.hidden);
            let begin = self.half_row(matrix, k, half);
            crate::align::cosines::dot(&self.weights[begin..begin + self.dim], vector)
        };
        (0..4 * self.hidden).map(part).collect()
    }

    /// The hidden values before and after gating of an ordered pair: gate, up.
    fn gate_and_up(&self, left: &Parts, right: &Parts, k: usize) -> (f64, f64) {
        let h = self.hidden;
        (left[k] + right[h + k], left[2 * h + k] + right[3 * h + k])
    }

    /// The outputs of an ordered pair.
    pub(super) fn logits(&self, left: &Parts, right: &Parts) -> Logits {
        let (other, same) = self.down();
        let mut logits = [0.0; 2];
        for k in 0..self.hidden {
            let (gate, up) = self.gate_and_up(left, right, k);
            let value = gate * sigmoid(gate) * up;
            logits[0] += other[k] * value;
            logits[1] += same[k] * value;
        }
        logits
    }

    fn down(&self) -> (&[f64], &[f64]) {
        self.weights[4 * self.hidden * self.dim..].split_at(self.hidden)
    }

    /// The mean cross-entropy over all ordered pairs of some vectors (each with itself too), and its gradient.
    /// `languages[i]` tells the two languages apart.
    pub fn gradient(&self, vectors: &[&[f64]], languages: &[bool]) -> ClassifierGradient {
        let (h, n) = (self.hidden, vectors.len());
        let parts: Vec<Parts> = vectors.iter().map(|vector| self.parts(vector)).collect();
        let mut by_parts = vec![vec![0.0; 4 * h]; n];
        let mut by_weight = vec![0.0; self.weights.len()];
        let by_down = &mut by_weight[4 * h * self.dim..];
        let (other, same) = self.down();
        let mut loss = 0.0;
        let share = 1.0 / (n * n).max(1) as f64;
        for i in 0..n {
            for j in 0..n {
                let logits = self.logits(&parts[i], &parts[j]);
                let (pair_loss, by_logits) = cross_entropy(logits, languages[i] == languages[j]);
                loss += pair_loss * share;
                let by_logits = by_logits.map(|g| g * share);
                for k in 0..h {
                    let (gate, up) = self.gate_and_up(&parts[i], &parts[j], k);
                    let open = sigmoid(gate);
                    by_down[k] += by_logits[0] * gate * open * up;
                    by_down[h + k] += by_logits[1] * gate * open * up;
                    let by_value = by_logits[0] * other[k] + by_logits[1] * same[k];
                    let by_gate = by_value * up * open * (1.0 + gate * (1.0 - open));
                    let by_up = by_value * gate * open;
                    by_parts[i][k] += by_gate;
                    by_parts[j][h + k] += by_gate;
                    by_parts[i][2 * h + k] += by_up;
                    by_parts[j][3 * h + k] += by_up;
                }
            }
        }
        self.add_outer(&by_parts, vectors, &mut by_weight);
        ClassifierGradient { loss, by_weight }
    }

    /// Adds the gradient by the gate and up weights: of each vector, its gradient by part times its entries.
    fn add_outer(&self, by_parts: &[Parts], vectors: &[&[f64]], by_weight: &mut [f64]) {
        for (by_part, vector) in by_parts.iter().zip(vectors) {
            for (at, by_part) in by_part.iter().enumerate() {
                let (matrix, half, k) = (at / self.hidden / 2, at / self.hidden % 2, at % self.hidden);
                let begin = self.half_row(matrix, k, half);
                let row = &mut by_weight[begin..begin + self.dim];
                row.iter_mut().zip(*vector).for_each(|(weight, x)| *weight += by_part * x);
            }
        }
    }
}

/// The cross-entropy of two outputs, in nats, and its gradient by them.
pub(super) fn cross_entropy(logits: Logits, is_same: bool) -> (f64, Logits) {
    let lead = logits[1] - logits[0];
    let by_same = sigmoid(lead) - f64::from(u8::from(is_same));
    let missing = if is_same { -lead } else { lead };
    // log(1 + exp(missing)), without overflow.
    let loss = missing.max(0.0) + (-missing.abs()).exp().ln_1p();
    (loss, [-by_same, by_same])
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// Adam (Kingma and Ba, 2015) with its usual constants: 0.9, 0.999, 1e-8.
#[derive(Clone, Debug)]
pub struct Adam {
    learning_rate: f64,
    n_steps: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    /// For so many weights.
    pub fn new(n_weights: usize, learning_rate: f64) -> Self {
        Self { learning_rate, n_steps: 0, mean: vec![0.0; n_weights], square: vec![0.0; n_weights] }
    }

    /// One step down the gradient.
    pub fn step(&mut self, weights: &mut [f64], gradient: &[f64]) {
        const DECAY: [f64; 2] = [0.9, 0.999];
        self.n_steps = self.n_steps.saturating_add(1);
        let [mean_bias, square_bias] = DECAY.map(|decay| 1.0 - decay.powi(self.n_steps));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((weight, gradient), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
            *mean += (1.0 - DECAY[0]) * (gradient - *mean);
            *square += (1.0 - DECAY[1]) * (gradient * gradient - *square);
            *weight -= self.learning_rate * (*mean / mean_bias) / ((*square / square_bias).sqrt() + 1e-8);
        }
    }
}
