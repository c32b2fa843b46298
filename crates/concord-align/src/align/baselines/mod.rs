//! The methods that CM-Align is compared with, on the same sampled responses.
//!
//! | method | score of a candidate | pair |
//! |---|---|---|
//! | MAPO ([`mapo`]) | mean inverse cross-entropy of the anchor's responses as its translations | highest, lowest |
//! | LIDR ([`lidr`]) | none | the translated anchor response over the language's own |
//! | ICR ([`icr`]) | log-likelihood after the anchor's prompt, length corrected | highest, lowest |
//! | LaCoMSA ([`lacomsa`]) | mean cosine to the anchor's responses, times a weight of the language | two drawn, the higher over the lower |
//!
//! (The random reference is CM-Align with another reference, and [`dco`] is a training loss.) None of them has a
//! reference: `sample` and `skip` of [`Reference`] are both `None`. Where a paper leaves a detail open or needs what is
//! not here before training, the module says what is **ours**.
//!
//! Common rules, all **ours**: a response that was cut at the token limit, or the translation of one, is not chosen while a
//! whole one could be; a row whose measurement is missing, in whole or for one candidate, is skipped as not
//! measured; fewer than two candidates, texts that are empty or the same, equal scores, the language gate, merged
//! duplicates and anchor pairs as for CM-Align; ties go to the lowest sample; the minimum margin does not hold, because
//! every method has a scale of its own. Sums are f64 in an order that does not depend on the order of records.

pub mod dco;
pub mod icr;
pub mod lacomsa;
pub mod lidr;
pub mod mapo;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PromptIndex, PromptMaterial, context::Context, preference::unpicked};
use crate::data::{Language, Method, Pair, Prompt, Reference, RowScores, SessionConfig, SkipReason};

/// What a method knows of the whole set before it judges one prompt: small, so that it can be kept in a file between two
/// passes over a set that is larger than memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum SetStats {
    /// Nothing.
    Mapo,
    /// For LIDR.
    Lidr {
        /// Whether any prompt of the set has a translation.
        is_measured: bool,
    },
    /// For ICR.
    Icr {
        /// Log-likelihood that one more token brings, in nats; the `a` of the length correction.
        slope: f64,
    },
    /// For LaCoMSA.
    Lacomsa {
        /// The weight of every language asked, 0..1.
        weights: BTreeMap<Language, f64>,
        /// Whether the cosines are those of the generator's states ([`crate::data::Measurements::states`]).
        uses_states: bool,
    },
}

/// Looks at a set prompt by prompt, in any order, and gives the [`SetStats`] of it.
#[derive(Debug)]
pub struct SetTally(Tally);

#[derive(Debug)]
enum Tally {
    Nothing,
    Mapo,
    Lidr(bool),
    Icr(Vec<icr::RowMoments>),
    Lacomsa(lacomsa::Tally),
}

impl SetTally {
    /// Of nothing yet.
    pub fn new(config: &SessionConfig) -> Self {
        Self(match config.method {
            Method::CmAlign | Method::RandomReference => Tally::Nothing,
            Method::Mapo => Tally::Mapo,
            Method::Lidr => Tally::Lidr(false),
            Method::Icr => Tally::Icr(Vec::new()),
            Method::Lacomsa => Tally::Lacomsa(lacomsa::Tally::new(config)),
        })
    }

    /// Adds a prompt with all that there is of it.
    pub fn add(&mut self, prompt: &Prompt, material: &PromptMaterial<'_>) {
        match &mut self.0 {
            Tally::Nothing | Tally::Mapo => {}
            Tally::Lidr(is_measured) => {
                *is_measured |= material.responses.iter().any(|r| r.translation_of.is_some());
            }
            Tally::Icr(rows) => rows.extend(material.instructed.iter().map(|row| icr::RowMoments::of(row))),
            Tally::Lacomsa(tally) => tally.add(prompt, material),
        }
    }

    /// What the method must know; `None` for the methods with a reference, which judge every prompt by itself.
    pub fn finish(self) -> Option<SetStats> {
        Some(match self.0 {
            Tally::Nothing => return None,
            Tally::Mapo => SetStats::Mapo,
            Tally::Lidr(is_measured) => SetStats::Lidr { is_measured },
            Tally::Icr(rows) => SetStats::Icr { slope: icr::slope_of(rows) },
            Tally::Lacomsa(tally) => {
                let (weights, uses_states) = tally.finish();
                SetStats::Lacomsa { weights, uses_states }
            }
        })
    }
}

impl SetStats {
    /// Looks at a whole set, in one pass; `None` for the methods with a reference.
    pub(super) fn of(index: &PromptIndex<'_>, config: &SessionConfig) -> Option<Self> {
        let mut tally = SetTally::new(config);
        if !config.method.has_reference() {
            index.material.prompts.iter().for_each(|prompt| tally.add(prompt, index.of(prompt)));
        }
        tally.finish()
    }

    /// The method that they are for.
    pub fn method(&self) -> Method {
        match self {
            Self::Mapo => Method::Mapo,
            Self::Lidr { .. } => Method::Lidr,
            Self::Icr { .. } => Method::Icr,
            Self::Lacomsa { .. } => Method::Lacomsa,
        }
    }

    /// Picks the pairs of one prompt; the reference says only whether the anchor language gives what is needed.
    pub(super) fn pick(
        &self,
        prompt: &Prompt,
        index: &PromptIndex<'_>,
        config: &SessionConfig,
    ) -> (Reference, Vec<Pair>) {
        let material = index.of(prompt);
        let uses_states = matches!(self, Self::Lacomsa { uses_states: true, .. });
        let context = Context::new(prompt, material, lacomsa::states(uses_states, material), config);
        let reference = Reference {
            prompt_id: prompt.id.clone(),
            language: config.anchor.clone(),
            sample: None,
            consistency: Vec::new(),
            mean_cosine: Vec::new(),
            vote_share: None,
            skip: self.lacks(&context),
        };
        let pairs = context.languages().map(|language| self.pair(&context, language, reference.skip));
        let pairs = pairs.collect();
        (reference, pairs)
    }

    /// What the anchor language does not give.
    fn lacks(&self, context: &Context<'_>) -> Option<SkipReason> {
        let anchor = &context.config.anchor;
        let needs_responses = matches!(self, Self::Mapo | Self::Lacomsa { .. });
        if !context.prompt.text.contains_key(anchor) {
            Some(SkipReason::NoAnchorText)
        } else if needs_responses && context.row(anchor).is_empty() {
            Some(SkipReason::TooFewCandidates)
        } else {
            None
        }
    }

    fn pair(&self, context: &Context<'_>, language: &Language, lacks: Option<SkipReason>) -> Pair {
        let mut pair = unpicked(context, language);
        let is_anchor = *language == context.config.anchor;
        let has_anchor_pairs = context.config.anchor_pairs && !matches!(self, Self::Mapo);
        if is_anchor && !has_anchor_pairs {
            pair.skip = Some(SkipReason::AnchorLanguage);
        } else if lacks.is_some() {
            pair.skip = Some(SkipReason::NoReference);
        } else if let Self::Lidr { is_measured } = self {
            lidr::pick(context, language, *is_measured, &mut pair);
        } else if context.row(language).len() < 2 {
            pair.skip = Some(SkipReason::TooFewCandidates);
        } else {
            match self {
                Self::Mapo => mapo::pick(context, language, &mut pair),
                Self::Icr { slope } => icr::pick(context, language, *slope, &mut pair),
                Self::Lacomsa { weights, .. } => lacomsa::pick(context, language, weights, &mut pair),
                Self::Lidr { .. } => {}
            }
        }
        pair
    }
}

/// Every ordered pair of candidates that differ in score, the higher first: indices into `scores`, by the first and
/// then the second index. MAPO's paper trains on all of them; a score that is not finite is in none.
pub fn ordered_pairs(scores: &[f32]) -> Vec<(usize, usize)> {
    let of = |i: usize| (0..scores.len()).map(move |j| (i, j));
    (0..scores.len())
        .flat_map(of)
        .filter(|&(i, j)| scores[i] > scores[j] && (scores[i] - scores[j]).is_finite())
        .collect()
}

/// The scores of a row, by language.
fn row_scores<'a>(material: &PromptMaterial<'a>, language: &Language) -> Option<&'a RowScores> {
    material.instructed.iter().copied().find(|scores| scores.language == *language)
}

/// Tokens and log-probability of a sample; `None` where it was not measured or is not finite.
fn score_of(scores: &RowScores, sample: u32) -> Option<(u32, f64)> {
    let at = scores.samples.iter().position(|s| *s == sample)?;
    let logprob = f64::from(*scores.logprob.get(at)?);
    let n_tokens = *scores.n_tokens.get(at)?;
    logprob.is_finite().then_some((n_tokens, logprob))
}

#[cfg(test)]
mod tests;
