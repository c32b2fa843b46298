//! MLC over a prompt set.

use super::{MlcSettings, PromptCosines, PromptMlc};
use crate::align::distribution::Distribution;
use crate::data::Language;

/// A prompt that has no loss because fewer than two of its languages count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooFewLanguages {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// What it has: one language or none.
    pub languages: Vec<Language>,
}

/// Means over prompts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MlcMeans {
    /// Of the loss, in nats.
    pub loss: f64,
    /// Of the lowest cosine of two languages.
    pub min_cosine: f64,
    /// Of the mean cosine of two languages.
    pub mean_cosine: f64,
    /// Of the effective rank.
    pub effective_rank: f64,
}

/// A number per unordered pair of languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LanguageMatrix {
    /// The languages, in the order in which they first appear.
    pub languages: Vec<Language>,
    /// `[languages, languages]`, symmetric: the mean cosine over the prompts that have both; `None` on the diagonal, and
    /// where no prompt has both.
    pub mean: Vec<Option<f64>>,
    /// `[languages, languages]`: how many prompts have both.
    pub n_prompts: Vec<usize>,
}

impl LanguageMatrix {
    /// The mean cosine of two languages by index.
    pub fn at(&self, i: usize, j: usize) -> Option<f64> {
        *self.mean.get(i * self.languages.len() + j)?
    }
}

/// MLC of a prompt set after one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct SetMlc {
    /// By prompt, in the order given.
    pub prompts: Vec<PromptMlc>,
    /// Prompts without a loss.
    pub left_out: Vec<TooFewLanguages>,
    /// The losses.
    pub loss: Distribution,
    /// The lowest cosines.
    pub min_cosine: Distribution,
    /// The effective ranks.
    pub effective_rank: Distribution,
    /// The means; `None` if no prompt has a loss.
    pub means: Option<MlcMeans>,
    /// The mean cosine of every two languages.
    pub language_pairs: LanguageMatrix,
}

/// MLC of every prompt and of the set, from cosine matrices alone; `only` switches the other languages off.
pub fn mlc_of_set(prompts: &[PromptCosines], only: Option<&[Language]>, settings: MlcSettings) -> SetMlc {
    let kept: Vec<PromptCosines> =
        prompts.iter().map(|p| only.map_or_else(|| p.clone(), |only| p.only(only))).collect();
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for prompt in &kept {
        match prompt.mlc(settings) {
            Some(mlc) => found.push(mlc),
            None => left_out.push(TooFewLanguages {
                prompt_id: prompt.prompt_id.clone(),
                languages: prompt.languages.clone(),
            }),
        }
    }
    SetMlc {
        loss: Distribution::new(found.iter().map(|p| p.loss.value)),
        min_cosine: Distribution::new(found.iter().map(|p| p.min_cosine)),
        effective_rank: Distribution::new(found.iter().map(|p| p.effective_rank)),
        means: means(&found),
        language_pairs: language_pairs(&kept),
        prompts: found,
        left_out,
    }
}

fn means(prompts: &[PromptMlc]) -> Option<MlcMeans> {
    let mean = |of: fn(&PromptMlc) -> f64| Distribution::new(prompts.iter().map(of)).mean();
    Some(MlcMeans {
        loss: mean(|p| p.loss.value)?,
        min_cosine: mean(|p| p.min_cosine)?,
        mean_cosine: mean(|p| p.mean_cosine)?,
        effective_rank: mean(|p| p.effective_rank)?,
    })
}

fn language_pairs(prompts: &[PromptCosines]) -> LanguageMatrix {
    let mut languages: Vec<Language> = Vec::new();
    for language in prompts.iter().flat_map(|p| &p.languages) {
        if !languages.contains(language) {
            languages.push(language.clone());
        }
    }
    let n = languages.len();
    let (mut sums, mut n_prompts) = (vec![0.0; n * n], vec![0; n * n]);
    for prompt in prompts {
        let places: Vec<Option<usize>> =
            prompt.languages.iter().map(|l| languages.iter().position(|other| other == l)).collect();
        for (i, first) in places.iter().enumerate() {
            for (j, second) in places.iter().enumerate().filter(|(j, _)| *j != i) {
                if let (Some(first), Some(second)) = (first, second) {
                    sums[first * n + second] += prompt.cosines.at(i, j);
                    n_prompts[first * n + second] += 1;
                }
            }
        }
    }
    let mean = sums.iter().zip(&n_prompts).map(|(sum, n)| (*n > 0).then(|| sum / *n as f64)).collect();
    LanguageMatrix { languages, mean, n_prompts }
}
