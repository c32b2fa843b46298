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

/// Two texts at least this close have the same vector, except for rounding.
const SAME_VECTOR: f32 = 0.999_99;

/// Languages of which every two different texts of a prompt have the same vector (cosine at least 0.99999): what
/// embedded them cannot see their script. **Ours.**
///
/// Texts that differ in case, spaces or punctuation alone are no different texts here, as encoders may well drop those.
/// A language without two different texts in any prompt is never named. In the order of the similarities.
pub fn unseen_languages(similarities: &[Similarity], responses: &[Response]) -> Vec<Language> {
    let texts: HashMap<(&str, &Language, u32), String> =
        responses.iter().map(|r| ((r.prompt_id.as_str(), &r.language, r.sample), letters(&r.text))).collect();
    let mut languages: Vec<(&Language, bool)> = Vec::new();
    for similarity in similarities.iter().filter(|s| s.cosine.len() == s.n_cosines()) {
        let order = &similarity.order;
        for (i, (language, sample)) in order.iter().enumerate() {
            let text = texts.get(&(similarity.prompt_id.as_str(), language, *sample));
            for j in (i + 1..order.len()).filter(|&j| order[j].0 == *language) {
                let place = languages.iter().position(|(known, _)| *known == language);
                if place.is_some_and(|place| !languages[place].1) {
                    break;
                }
                let other = texts.get(&(similarity.prompt_id.as_str(), language, order[j].1));
                if text.is_none() || other.is_none() || text == other {
                    continue;
                }
                let is_same = similarity.at(i, j) >= SAME_VECTOR;
                match place {
                    Some(place) => languages[place].1 = is_same,
                    None => languages.push((language, is_same)),
                }
            }
        }
    }
    languages.into_iter().filter(|(_, is_unseen)| *is_unseen).map(|(language, _)| language.clone()).collect()
}

/// The letters and digits of a text, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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

    /// Two prompts, two languages: texts, and a cosine for each pair within a prompt and language.
    fn unseen(texts: [[&str; 4]; 2], same: [f32; 2]) -> Vec<Language> {
        let (mut responses, mut similarities) = (Vec::new(), Vec::new());
        for (id, texts) in ["p", "q"].into_iter().zip(texts) {
            let mut order = Vec::new();
            for (place, text) in texts.into_iter().enumerate() {
                let language = Language::from(if place < 2 { "en" } else { "bn" });
                let sample = place as u32 % 2;
                order.push((language.clone(), sample));
                let response = crate::data::test_session::sample().responses.swap_remove(0);
                let (prompt_id, text) = (id.to_owned(), text.to_owned());
                responses.push(Response { prompt_id, language, sample, text, ..response });
            }
            let cosine = vec![same[0], 0.3, 0.3, 0.3, 0.3, same[1]];
            similarities.push(Similarity { prompt_id: id.to_owned(), order, cosine });
        }
        unseen_languages(&similarities, &responses)
    }

    #[test]
    fn a_language_is_unseen_only_where_different_texts_always_have_one_vector() {
        let different = [["a", "b", "ক", "খ"], ["c", "d", "গ", "ঘ"]];
        assert_eq!(unseen(different, [0.8, 1.0]), [Language::from("bn")]);
        assert_eq!(unseen(different, [0.8, 0.9999]), [], "close is not the same");
        assert_eq!(unseen(different, [1.0, 0.999_995]), [Language::from("en"), Language::from("bn")]);
        let alike = [["a", "b", "ক", "ক!"], ["c", "d", "গ", " গ"]];
        assert_eq!(unseen(alike, [0.8, 1.0]), [], "no two different texts, no evidence");
        assert_eq!(unseen_languages(&[], &[]), []);
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
