//! §1.2: the pairs, each candidate of a language judged against the reference.

use super::cosine_breaks_ties;
use crate::align::{
    answer::same_answer,
    context::Context,
    preference::{Judged, decide, unpicked},
};
use crate::data::{Language, Pair, Reference, Response, SkipReason, TaskKind};

/// Picks chosen and rejected of one language, or says why there is no pair.
///
/// Score of a candidate: math, 1 if its answer is the reference's and else 0 (a response without an answer scores 0);
/// general, the cosine to the reference, -1..=1; code, the snippet similarity, 0..=1. The margin is 1 for math; a row
/// with `margin < min_margin` is skipped and keeps its margin.
///
/// Skips first: anchor language, no reference, fewer than two candidates, not embedded; then as [`decide`] says.
pub(super) fn pick(context: &Context<'_>, reference: &Reference, language: &Language) -> Pair {
    let row = context.row(language);
    let mut pair = unpicked(context, language);
    let is_anchor = *language == context.config.anchor;
    if is_anchor && !context.config.anchor_pairs {
        pair.skip = Some(SkipReason::AnchorLanguage);
        return pair;
    }
    let picked = reference
        .sample
        .and_then(|s| context.row(&reference.language).iter().find(|r| r.sample == s).copied());
    match picked {
        None => pair.skip = Some(SkipReason::NoReference),
        Some(_) if row.len() < 2 => pair.skip = Some(SkipReason::TooFewCandidates),
        Some(picked) => {
            pair.cosine = cosines_to(context, row, picked);
            let judged = if is_anchor {
                judge_anchor(context, row, reference, picked)
            } else {
                judge(context, row, picked, &pair.cosine)
            };
            decide(context, row, judged, &mut pair);
        }
    }
    pair
}

fn judge(context: &Context<'_>, row: &[&Response], reference: &Response, cosine: &[f32]) -> Judged {
    if context.prompt.task != TaskKind::Math {
        let scores = row.iter().map(|r| context.closeness(r, reference)).collect::<Option<Vec<f32>>>();
        return Judged::by_score(context, row, scores.ok_or(SkipReason::NotEmbedded));
    }
    let agrees = |r: &&Response| {
        let same =
            r.answer.as_deref().zip(reference.answer.as_deref()).is_some_and(|(a, b)| same_answer(a, b));
        if same { 1.0 } else { 0.0 }
    };
    let mut judged = Judged::by_score(context, row, Ok(row.iter().map(agrees).collect()));
    judged.is_agreement = true;
    if cosine_breaks_ties(context.config) && !cosine.is_empty() {
        judged.tie = cosine.to_vec();
    }
    judged
}

/// Anchor pairs (**ours**): the reference against the least consistent anchor response, both by the consistency of §1.1.
fn judge_anchor(
    context: &Context<'_>,
    row: &[&Response],
    reference: &Reference,
    picked: &Response,
) -> Judged {
    let mut judged = Judged::by_score(context, row, Ok(reference.consistency.clone()));
    judged.is_agreement = context.prompt.task == TaskKind::Math;
    judged.not_above = SkipReason::EqualScores;
    if cosine_breaks_ties(context.config) && !reference.mean_cosine.is_empty() {
        judged.tie = reference.mean_cosine.clone();
    }
    for (may_be_chosen, response) in judged.may_be_chosen.iter_mut().zip(row) {
        *may_be_chosen &= response.sample == picked.sample;
    }
    judged
}

/// Cosines to the reference, as evidence; empty unless every candidate was embedded.
fn cosines_to(context: &Context<'_>, row: &[&Response], reference: &Response) -> Vec<f32> {
    row.iter().map(|r| context.cosines.of(r, reference)).collect::<Option<_>>().unwrap_or_default()
}
