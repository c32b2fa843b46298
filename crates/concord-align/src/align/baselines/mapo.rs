//! MAPO (arXiv 2401.06838): the better a response translates into what the anchor language says, the better it is.
//!
//! Score of candidate j of language l: the mean over the anchor's responses k of `1 / CE_jk`, where
//! `CE_jk = -log p(y_en^k | translate y_l^j) / tokens of y_en^k`, in nats per token. Range above 0 to 1000; more is better.
//! Chosen is the highest, rejected the lowest.
//!
//! What differs from the paper, **ours**: the loaded model scores the translations, not NLLB; one pair per row, not every
//! ordered pair (those are [`super::ordered_pairs`]); chosen responses are not filtered by gold answers; a cross-entropy
//! below [`MIN_CROSS_ENTROPY`] counts as that, so that a target the model is certain of does not decide alone. Targets
//! without a token or without text are passed over. The anchor language has no pair.

use super::super::{
    context::{Context, has_text},
    preference::{Judged, decide},
};
use crate::data::{Language, Pair, SkipReason, TranslationScores};

/// Smallest cross-entropy per token that counts, in nats.
pub const MIN_CROSS_ENTROPY: f64 = 1e-3;

pub(super) fn pick(context: &Context<'_>, language: &Language, pair: &mut Pair) {
    let row = context.row(language);
    let measured = context.material.translations.iter().find(|scores| scores.language == *language);
    let scores = measured.and_then(|measured| {
        let targets = targets(context, measured);
        row.iter().map(|r| score(measured, &targets, r.sample)).collect::<Option<Vec<f32>>>()
    });
    decide(context, row, Judged::by_score(context, row, scores.ok_or(SkipReason::NotMeasured)), pair);
}

/// Positions of the targets that are anchor candidates, in sample order.
fn targets(context: &Context<'_>, measured: &TranslationScores) -> Vec<usize> {
    let anchors = context.row(&context.config.anchor).iter().filter(|r| has_text(r));
    anchors.filter_map(|r| measured.targets.iter().position(|target| *target == r.sample)).collect()
}

/// Mean of `1 / CE` over the targets; `None` where the sample or every target is missing.
fn score(measured: &TranslationScores, targets: &[usize], sample: u32) -> Option<f32> {
    let at = measured.samples.iter().position(|s| *s == sample)?;
    let logprobs = measured.logprob.get(at)?;
    let (mut sum, mut n) = (0.0, 0_u32);
    for &target in targets {
        let n_tokens = *measured.n_tokens.get(target)?;
        let logprob = f64::from(*logprobs.get(target)?);
        if !logprob.is_finite() {
            return None;
        }
        if n_tokens > 0 {
            sum += inverse_cross_entropy(logprob, n_tokens);
            n += 1;
        }
    }
    (n > 0).then(|| (sum / f64::from(n)) as f32)
}

/// `1 / max(-logprob / n_tokens, MIN_CROSS_ENTROPY)`, in 1 / nats; `n_tokens` is above 0.
pub fn inverse_cross_entropy(logprob: f64, n_tokens: u32) -> f64 {
    1.0 / (-logprob / f64::from(n_tokens)).max(MIN_CROSS_ENTROPY)
}
