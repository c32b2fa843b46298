//! The multilingual consistency loss of singular values, and its gradient.

use serde::{Deserialize, Serialize};

use crate::align::cosines::{Cosines, unit};
use crate::align::symmetric::spectrum;

/// The temperature of the paper.
pub const TAU: f64 = 0.2;

/// Added to the largest singular value by the authors' code before it divides.
const FLOOR: f64 = 1e-12;

/// Which of the two published forms of the loss (arXiv 2602.16660).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossForm {
    /// The authors' code: cross-entropy of `s / c / tau` with the first value as the label, where `c = s_1 + 1e-12` is
    /// taken as a constant by the gradient. From `log(1 + (r-1) exp(-1/tau))` at one direction to `log r` at right angles.
    #[default]
    Code,
    /// The paper: cross-entropy of `s / tau`.
    Paper,
}

/// How the loss is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MlcSettings {
    /// Which form.
    pub form: LossForm,
    /// Temperature, above 0; anything else counts as [`TAU`].
    pub tau: f64,
}

impl Default for MlcSettings {
    fn default() -> Self {
        Self { form: LossForm::default(), tau: TAU }
    }
}

impl MlcSettings {
    /// The temperature that counts.
    fn tau(&self) -> f64 {
        if self.tau.is_finite() && self.tau > 0.0 { self.tau } else { TAU }
    }
}

/// The loss of some singular values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loss {
    /// `-log p_1`, in nats; 0 if there are no values.
    pub value: f64,
    /// `dL/ds_j = (p_j - 1[j=1]) / (c tau)`, with `c = 1` in the paper's form. The code form holds `c` fixed.
    pub by_singular_value: Vec<f64>,
}

/// The loss of singular values in descending order, and its gradient by them.
pub fn loss(singular_values: &[f64], settings: MlcSettings) -> Loss {
    let Some(&first) = singular_values.first() else { return Loss::default() };
    let scale = settings.tau() * if settings.form == LossForm::Code { first + FLOOR } else { 1.0 };
    // The first logit is the largest, so the sum stands on it. It is at least 1.
    let terms: Vec<f64> = singular_values.iter().map(|s| ((s - first) / scale).exp()).collect();
    let rest: f64 = terms[1..].iter().sum();
    let share = |(j, term): (usize, &f64)| if j == 0 { -rest / (1.0 + rest) } else { term / (1.0 + rest) };
    let by_singular_value = terms.iter().enumerate().map(|term| share(term) / scale).collect();
    Loss { value: rest.ln_1p(), by_singular_value }
}

/// Effective rank (Roy and Vetterli, 2007): `exp(-sum_j p_j log p_j)` with `p_j = s_j / sum s`. From 1 (one direction) to
/// the number of values (all equal); 0 if all are 0.
pub fn effective_rank(singular_values: &[f64]) -> f64 {
    let sum: f64 = singular_values.iter().sum();
    if sum <= 0.0 {
        return 0.0;
    }
    let shares = singular_values.iter().map(|s| s / sum).filter(|p| *p > 0.0);
    shares.map(|p| -p * p.ln()).sum::<f64>().exp()
}

/// The loss of unit vectors `[m, d]`, and its gradient by each of their entries, `[m, d]`, the length not held fixed.
///
/// With `Z = U S V^T`, `dL/dZ = U diag(dL/ds) V^T`, and `u_j = Z v_j / s_j` where `v_j` is an eigenvector of the cosine
/// matrix. A singular value of 0 has no derivative; 0 is taken.
pub fn gradient_by_unit(units: &[Vec<f64>], settings: MlcSettings) -> (f64, Vec<Vec<f64>>) {
    let cosines = Cosines::of_units(units);
    let dim = units.first().map_or(0, Vec::len);
    let eigen = spectrum(cosines.values(), units.len());
    let s: Vec<f64> = eigen.values.iter().take(units.len().min(dim)).map(|value| value.sqrt()).collect();
    let loss = loss(&s, settings);
    let mut gradient = vec![vec![0.0; dim]; units.len()];
    for ((s, by_s), v) in
        s.iter().zip(&loss.by_singular_value).zip(&eigen.vectors).filter(|((s, _), _)| **s > 0.0)
    {
        let mut u = vec![0.0; dim];
        for (z, weight) in units.iter().zip(v) {
            u.iter_mut().zip(z).for_each(|(u, z)| *u += z * weight / s);
        }
        for (row, weight) in gradient.iter_mut().zip(v) {
            row.iter_mut().zip(&u).for_each(|(g, u)| *g += by_s * weight * u);
        }
    }
    (loss.value, gradient)
}

/// The loss of vectors `[m, d]` of any length, and its gradient by each of their entries: that by the unit vectors through
/// `z = r / |r|`, so `(g - z (z . g)) / |r|`. A vector without a direction has gradient 0.
pub fn gradient_by_vector(vectors: &[Vec<f64>], settings: MlcSettings) -> (f64, Vec<Vec<f64>>) {
    let units: Vec<Vec<f64>> = vectors.iter().map(|v| unit(v.iter().copied())).collect();
    let (value, mut gradient) = gradient_by_unit(&units, settings);
    for ((row, z), r) in gradient.iter_mut().zip(&units).zip(vectors) {
        let along: f64 = row.iter().zip(z).map(|(g, z)| g * z).sum();
        let length: f64 = r.iter().zip(z).map(|(r, z)| r * z).sum();
        let turned = |(g, z): (&mut f64, &f64)| *g = (*g - z * along) / length;
        if z.iter().any(|x| *x != 0.0) {
            row.iter_mut().zip(z).for_each(turned);
        }
    }
    (value, gradient)
}
