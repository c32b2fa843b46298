//! §1.2: the pairs, each candidate of a language judged against the reference.

use super::{Context, argmax, argmin};
use crate::align::answer::same_answer;
use crate::data::{Language, Pair, Reference, Response, SkipReason, Task, comparable};

/// Picks chosen and rejected of one language, or says why there is no pair.
///
/// Score of a candidate: math, 1 if its answer is the reference's and else 0 (a response without an answer scores 0);
/// general, the cosine to the reference, -1..=1; code, the snippet similarity, 0..=1. Margin: score of chosen minus
/// score of rejected, always above 0 and 1 for math; a row with `margin < min_margin` is skipped and keeps its margin.
///
/// Skips in this order: anchor language, no reference, fewer than two candidates, not embedded, nobody agrees, nobody
/// disagrees, every possible choice surely in another language (**ours**), equal scores (**ours**), same text, margin.
/// Chosen and rejected are set exactly where `skip` is `None`.
pub(super) fn pick(context: &Context<'_>, reference: &Reference, language: &Language) -> Pair {
    let row = context.row(language);
    let mut pair = Pair {
        prompt_id: context.prompt.id.clone(),
        language: language.clone(),
        chosen: None,
        rejected: None,
        scores: Vec::new(),
        cosine: Vec::new(),
        margin: None,
        skip: None,
    };
    let is_anchor = *language == context.config.anchor;
    pair.skip = if is_anchor && !context.config.anchor_pairs {
        Some(SkipReason::AnchorLanguage)
    } else {
        let picked = reference
            .sample
            .and_then(|s| context.row(&reference.language).iter().find(|r| r.sample == s).copied());
        match picked {
            None => Some(SkipReason::NoReference),
            Some(_) if row.len() < 2 => Some(SkipReason::TooFewCandidates),
            Some(picked) => {
                let judged = if is_anchor {
                    judge_anchor(context, row, reference, picked)
                } else {
                    judge(context, row, picked)
                };
                decide(context, row, judged, &mut pair)
            }
        }
    };
    pair
}

/// What decides a row: per candidate a score, a tie-break and whether it may be chosen.
struct Judged {
    scores: Option<Vec<f32>>,
    tie: Vec<f32>,
    cosine: Vec<f32>,
    may_be_chosen: Vec<bool>,
    /// What it means if a choice is there but does not score above the lowest.
    not_above: SkipReason,
}

fn judge(context: &Context<'_>, row: &[&Response], reference: &Response) -> Judged {
    let cosine = cosines_to(context, row, reference);
    let is_math = context.prompt.task == Task::Math;
    let agrees = |r: &&Response| {
        let same =
            r.answer.as_deref().zip(reference.answer.as_deref()).is_some_and(|(a, b)| same_answer(a, b));
        Some(if same { 1.0 } else { 0.0 })
    };
    let scores = if is_math {
        row.iter().map(agrees).collect()
    } else {
        row.iter().map(|r| context.closeness(r, reference)).collect()
    };
    let tie = if is_math && !cosine.is_empty() { cosine.clone() } else { vec![0.0; row.len()] };
    let may_be_chosen = row.iter().map(|r| passes_gate(context, r)).collect();
    Judged { scores, tie, cosine, may_be_chosen, not_above: SkipReason::WrongLanguage }
}

/// Anchor pairs: the reference against the least consistent anchor response, both by the consistency of §1.1.
fn judge_anchor(
    context: &Context<'_>,
    row: &[&Response],
    reference: &Reference,
    picked: &Response,
) -> Judged {
    let tie =
        if reference.mean_cosine.is_empty() { vec![0.0; row.len()] } else { reference.mean_cosine.clone() };
    Judged {
        scores: Some(reference.consistency.clone()),
        tie,
        cosine: cosines_to(context, row, picked),
        may_be_chosen: row.iter().map(|r| r.sample == picked.sample && passes_gate(context, r)).collect(),
        not_above: SkipReason::EqualScores,
    }
}

/// Cosines to the reference, as evidence; empty unless every candidate was embedded.
fn cosines_to(context: &Context<'_>, row: &[&Response], reference: &Response) -> Vec<f32> {
    row.iter().map(|r| context.cosines.of(r, reference)).collect::<Option<_>>().unwrap_or_default()
}

/// False only if the language was detected, differs, and the gate is on.
fn passes_gate(context: &Context<'_>, response: &Response) -> bool {
    let detected = response.detected_language.as_ref();
    !context.config.language_gate || detected.is_none_or(|detected| detected.may_be(&response.language))
}

fn decide(context: &Context<'_>, row: &[&Response], judged: Judged, pair: &mut Pair) -> Option<SkipReason> {
    pair.cosine = judged.cosine;
    let Some(scores) = judged.scores else { return Some(SkipReason::NotEmbedded) };
    let stand_ins = context.representatives(row);
    let distinct: Vec<usize> = (0..row.len()).filter(|&i| stand_ins[i] == i).collect();
    let key = |i: usize| (i, (scores[i], judged.tie[i]));
    let chosen = argmax(distinct.iter().filter(|&&i| judged.may_be_chosen[stand_ins[i]]).map(|&i| key(i)));
    let best = argmax(distinct.iter().map(|&i| key(i)));
    let rejected = argmin(distinct.iter().map(|&i| key(i)));
    let skip = no_preference(context, &scores, [chosen, best, rejected], judged.not_above);
    if let (None, Some(chosen), Some(rejected)) = (skip, chosen, rejected) {
        let margin = (f64::from(scores[chosen]) - f64::from(scores[rejected])) as f32;
        pair.scores = scores;
        pair.margin = Some(margin);
        if comparable(&row[chosen].text) == comparable(&row[rejected].text) {
            return Some(SkipReason::SameText);
        }
        if margin < context.config.min_margin {
            return Some(SkipReason::SmallMargin);
        }
        pair.chosen = Some(row[chosen].sample);
        pair.rejected = Some(row[rejected].sample);
        return None;
    }
    pair.scores = scores;
    skip
}

/// Why the scores prefer nothing, or `None` if chosen scores above rejected.
fn no_preference(
    context: &Context<'_>,
    scores: &[f32],
    [chosen, best, rejected]: [Option<usize>; 3],
    not_above: SkipReason,
) -> Option<SkipReason> {
    let at = |i: Option<usize>| i.map(|i| scores[i]);
    match (context.prompt.task, at(chosen), at(best), at(rejected)) {
        (Task::Math, _, Some(0.0), _) => Some(SkipReason::NoneAgree),
        (Task::Math, _, _, Some(1.0)) => Some(SkipReason::NoneDisagree),
        (_, _, best, lowest) if best == lowest => Some(SkipReason::EqualScores),
        (_, None, ..) => Some(SkipReason::WrongLanguage),
        (_, chosen, _, lowest) if chosen <= lowest => Some(not_above),
        _ => None,
    }
}
