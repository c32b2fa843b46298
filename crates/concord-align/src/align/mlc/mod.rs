//! MLC, the multilingual consistency loss (arXiv 2602.16660), as a diagnosis: no trained extractor, the states themselves.
//!
//! The vectors of one prompt in `m` languages, each of length 1, are the columns of a matrix with singular values
//! `s_1 >= … >= s_r`, `r = min(m, d)`. They all point one way if `s_1 = sqrt(m)` and the rest are 0; the loss is the
//! cross-entropy that rewards that. **Opposite directions lie on one line too**: two vectors with cosine -1 have the least
//! loss. So the lowest cosine stands beside every loss.
//!
//! Everything is computed from the cosine matrix of a prompt, so that languages can be left out without the vectors.

mod curve;
mod loss;
mod set;
mod sight;
#[cfg(test)]
mod tests;

use crate::align::cosines::Cosines;
use crate::align::vector_table::VectorTable;
use crate::data::{Language, Representations};

pub use curve::{MlcPoint, mlc_curve, mlc_point};
pub use loss::{
    Loss, LossForm, MlcSettings, TAU, effective_rank, gradient_by_unit, gradient_by_vector, loss,
};
pub use set::{LanguageMatrix, MlcMeans, SetMlc, TooFewLanguages, mlc_of_set};
pub use sight::{Blindness, Unseen, unseen};

/// The cosines of one prompt's vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptCosines {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// The language of each vector.
    pub languages: Vec<Language>,
    /// `[languages, languages]`.
    pub cosines: Cosines,
}

impl PromptCosines {
    /// The same with only some of the languages, in the old order.
    pub fn only(&self, languages: &[Language]) -> Self {
        let kept: Vec<usize> =
            (0..self.languages.len()).filter(|i| languages.contains(&self.languages[*i])).collect();
        Self {
            prompt_id: self.prompt_id.clone(),
            languages: kept.iter().map(|i| self.languages[*i].clone()).collect(),
            cosines: self.cosines.subset(&kept),
        }
    }

    /// Loss and spectrum; `None` with fewer than two languages, where there is nothing to agree on.
    pub fn mlc(&self, settings: MlcSettings) -> Option<PromptMlc> {
        let (min_cosine, mean_cosine) = (self.cosines.minimum()?, self.cosines.mean()?);
        let singular_values = self.cosines.singular_values();
        Some(PromptMlc {
            prompt_id: self.prompt_id.clone(),
            languages: self.languages.clone(),
            loss: loss(&singular_values, settings),
            effective_rank: effective_rank(&singular_values),
            singular_values,
            min_cosine,
            mean_cosine,
        })
    }
}

/// MLC of one prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptMlc {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// The languages that it was computed of, two or more.
    pub languages: Vec<Language>,
    /// `min(languages, dim)` values, descending; their squares add up to the number of vectors that have a direction.
    pub singular_values: Vec<f64>,
    /// The loss, and its gradient by the singular values.
    pub loss: Loss,
    /// The lowest cosine of two languages. Near -1 the loss is low and the languages are opposed.
    pub min_cosine: f64,
    /// The mean cosine of two languages.
    pub mean_cosine: f64,
    /// Effective rank, from 1 (one direction) to the number of singular values; 0 if no vector has a direction.
    pub effective_rank: f64,
}

/// The cosines of every prompt of a layer, those with one language among them.
pub fn prompt_cosines(representations: &Representations) -> Vec<PromptCosines> {
    let table = VectorTable::new(representations);
    let of_prompt = |prompt: usize| {
        let there = (0..table.languages().len())
            .filter_map(|language| Some((language, table.unit(prompt, language)?.to_vec())));
        let (languages, units): (Vec<usize>, Vec<Vec<f64>>) = there.unzip();
        PromptCosines {
            prompt_id: table.prompts()[prompt].clone(),
            languages: languages.into_iter().map(|l| table.languages()[l].clone()).collect(),
            cosines: Cosines::of_units(&units),
        }
    };
    (0..table.prompts().len()).map(of_prompt).collect()
}
