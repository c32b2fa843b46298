//! The vectors of a layer by prompt and language, as unit vectors.

use std::collections::HashMap;

use super::cosines::unit;
use crate::data::{Language, Representations};

/// Unit vectors of a prompt set after one layer. Languages and prompts stand in the order in which they first appear.
///
/// If a prompt and language stand twice in the order, the first counts. One whose vector is not among the values counts as
/// not there.
#[derive(Clone, Debug)]
pub struct VectorTable {
    languages: Vec<Language>,
    prompts: Vec<String>,
    /// `[prompts, languages]`: the place in the order of the representations.
    places: Vec<Option<usize>>,
    /// By place; empty where nothing was found.
    units: Vec<Vec<f64>>,
}

impl VectorTable {
    /// Finds the vectors and makes each one's length 1, once.
    pub fn new(representations: &Representations) -> Self {
        let mut prompt_idx = HashMap::new();
        let mut language_idx = HashMap::new();
        let (mut prompts, mut languages) = (Vec::new(), Vec::new());
        for (prompt, language) in &representations.order {
            prompt_idx.entry(prompt.as_str()).or_insert_with(|| {
                prompts.push(prompt.clone());
                prompts.len() - 1
            });
            language_idx.entry(language).or_insert_with(|| {
                languages.push(language.clone());
                languages.len() - 1
            });
        }
        let mut places = vec![None; prompts.len() * languages.len()];
        let mut units = vec![Vec::new(); representations.order.len()];
        for (at, (prompt, language)) in representations.order.iter().enumerate() {
            let place = &mut places[prompt_idx[prompt.as_str()] * languages.len() + language_idx[language]];
            let vector = representations.vector(at);
            if place.is_none() && !vector.is_empty() {
                *place = Some(at);
                units[at] = unit(vector.iter().map(|x| f64::from(*x)));
            }
        }
        Self { languages, prompts, places, units }
    }

    /// The languages.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// The prompt ids.
    pub fn prompts(&self) -> &[String] {
        &self.prompts
    }

    /// The place in the order of the representations of a prompt and a language, both by index.
    pub fn place(&self, prompt: usize, language: usize) -> Option<usize> {
        *self.places.get(prompt * self.languages.len() + language)?
    }

    /// The unit vector of a prompt in a language, both by index.
    pub fn unit(&self, prompt: usize, language: usize) -> Option<&[f64]> {
        self.place(prompt, language).map(|at| self.units[at].as_slice())
    }

    /// The prompts, by index, that have a vector in both languages, by index.
    pub fn shared(&self, first: usize, second: usize) -> Vec<usize> {
        let has_both = |p: &usize| self.place(*p, first).is_some() && self.place(*p, second).is_some();
        (0..self.prompts.len()).filter(has_both).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_counts_and_missing_values_are_not_there() {
        let order = [("p", "en"), ("p", "de"), ("q", "de"), ("p", "en"), ("q", "en")];
        let representations = Representations {
            dim: 2,
            order: order.map(|(p, l)| (p.to_owned(), Language::from(l))).to_vec(),
            values: vec![3.0, 4.0, 0.0, 0.0, 0.0, 5.0, 1.0, 0.0, 1.0],
            ..Representations::default()
        };
        let table = VectorTable::new(&representations);
        assert_eq!(table.prompts(), ["p", "q"]);
        assert_eq!(table.languages(), ["en", "de"].map(Language::from));
        assert_eq!(table.unit(0, 0), Some([0.6, 0.8].as_slice()));
        assert_eq!(table.unit(0, 1), Some([0.0, 0.0].as_slice()));
        assert_eq!(table.unit(1, 0), None, "its vector is cut short");
        assert_eq!((table.place(1, 1), table.place(2, 0), table.shared(0, 1)), (Some(2), None, vec![0]));
    }
}
