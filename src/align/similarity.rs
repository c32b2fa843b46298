//! Cosines on the CPU, and a view of a prompt's cosines by response.
//!
//! `cos(a, b) = a·b / (|a| |b|)`, from -1 (opposite) over 0 (unrelated) to 1 (same direction). A zero vector, or one
//! with a value that is not finite, has cosine 0 to everything. Sums are kept in f64, so the result does not depend on
//! how a vector is cut into blocks to within one f32 step.

use std::collections::HashMap;

use crate::data::{Language, Response, Similarity};

/// The cosine of two vectors of equal length.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    debug_assert_eq!(a.len(), b.len(), "both vectors come from one encoder");
    let (mut dot, mut aa, mut bb) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (&x, &y) in a.iter().zip(b) {
        let (x, y) = (f64::from(x), f64::from(y));
        dot += x * y;
        aa += x * x;
        bb += y * y;
    }
    let value = dot / (aa.sqrt() * bb.sqrt());
    if value.is_finite() { value.clamp(-1.0, 1.0) as f32 } else { 0.0 }
}

/// The cosines of `vectors` `[n, dim]` as [`Similarity`] stores them: the upper triangle without the diagonal, row by row.
pub fn cosine_triangle(vectors: &[Vec<f32>]) -> Vec<f32> {
    let mut out = Vec::with_capacity(vectors.len() * vectors.len().saturating_sub(1) / 2);
    for (i, a) in vectors.iter().enumerate() {
        out.extend(vectors[i + 1..].iter().map(|b| cosine(a, b)));
    }
    out
}

/// Looks up the cosine of two responses of one prompt.
pub struct CosineView<'a> {
    similarity: Option<&'a Similarity>,
    position: HashMap<(&'a Language, u32), usize>,
}

impl<'a> CosineView<'a> {
    /// A view of `similarity`; a missing or malformed one holds no cosine.
    pub fn new(similarity: Option<&'a Similarity>) -> Self {
        let similarity = similarity.filter(|s| s.cosine.len() == s.n_cosines());
        let order = similarity.map(|s| s.order.as_slice()).unwrap_or_default();
        let position =
            order.iter().enumerate().map(|(i, (language, sample))| ((language, *sample), i)).collect();
        Self { similarity, position }
    }

    /// The cosine, or `None` if one of the two was not embedded or the value is not finite.
    pub fn of(&self, a: &Response, b: &Response) -> Option<f32> {
        self.between(self.position(a)?, self.position(b)?)
    }

    /// Where a response stands in the order of the cosines, to look it up once.
    pub fn position(&self, response: &Response) -> Option<usize> {
        self.position.get(&(&response.language, response.sample)).copied()
    }

    /// The cosine of two positions of the order, or `None` if the value is not finite.
    pub fn between(&self, i: usize, j: usize) -> Option<f32> {
        self.similarity.map(|s| s.at(i, j)).filter(|cosine| cosine.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_angles() {
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), 0.0);
        assert_eq!(cosine(&[3.0, 4.0], &[6.0, 8.0]), 1.0);
        assert_eq!(cosine(&[1.0, 1.0], &[-2.0, -2.0]), -1.0);
        assert!((cosine(&[1.0, 0.0], &[1.0, 1.0]) - 0.5_f32.sqrt()).abs() < 1e-7);
    }

    #[test]
    fn degenerate_vectors_have_cosine_zero() {
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), 0.0);
        assert_eq!(cosine(&[f32::NAN, 1.0], &[1.0, 0.0]), 0.0);
        assert_eq!(cosine(&[f32::INFINITY, 1.0], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn triangle_is_read_back_by_similarity() {
        let vectors: Vec<Vec<f32>> = (0..4).map(|i| vec![1.0, i as f32, (i * i) as f32]).collect();
        let order = (0..4).map(|i| (Language::from("en"), i)).collect();
        let similarity = Similarity { prompt_id: "p".into(), order, cosine: cosine_triangle(&vectors) };
        for i in 0..4 {
            for j in 0..4 {
                assert!((similarity.at(i, j) - cosine(&vectors[i], &vectors[j])).abs() < 1e-6, "{i} {j}");
            }
        }
    }

    proptest! {
        #[test]
        fn symmetric_bounded_and_free_of_scale(a in prop::collection::vec(-100_f32..100.0, 5), b in prop::collection::vec(-100_f32..100.0, 5)) {
            let ab = cosine(&a, &b);
            prop_assert!((-1.0..=1.0).contains(&ab));
            prop_assert_eq!(ab, cosine(&b, &a));
            let scaled: Vec<f32> = a.iter().map(|x| x * 4.0).collect();
            prop_assert_eq!(ab, cosine(&scaled, &b));
        }
    }
}
