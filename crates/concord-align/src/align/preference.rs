//! From the scores of a row to chosen and rejected, or to the reason why there is no pair; the same for every method.

use super::context::{Context, argmax, argmin, has_text};
use crate::data::{Language, Pair, Response, SkipReason, comparable};

/// A row without a pick yet.
pub(super) fn unpicked(context: &Context<'_>, language: &Language) -> Pair {
    Pair {
        prompt_id: context.prompt.id.clone(),
        language: language.clone(),
        chosen: None,
        rejected: None,
        scores: Vec::new(),
        cosine: Vec::new(),
        margin: None,
        skip: None,
    }
}

/// What decides a row: per candidate a score, a tie-break and whether it may be chosen.
pub(super) struct Judged {
    /// One per candidate, or what to say where they are missing.
    pub(super) scores: Result<Vec<f32>, SkipReason>,
    /// One per candidate; larger wins among equal scores.
    pub(super) tie: Vec<f32>,
    /// Whether a candidate may be chosen; any may be rejected.
    pub(super) may_be_chosen: Vec<bool>,
    /// Scores are shares of agreement (math): 0 agrees with nobody, 1 with all.
    pub(super) is_agreement: bool,
    /// What it means if a choice is there but does not score above the lowest.
    pub(super) not_above: SkipReason,
}

impl Judged {
    /// Scores without a tie-break, under the language gate.
    pub(super) fn by_score(
        context: &Context<'_>,
        row: &[&Response],
        scores: Result<Vec<f32>, SkipReason>,
    ) -> Self {
        Self {
            scores,
            tie: vec![0.0; row.len()],
            may_be_chosen: row.iter().map(|r| context.passes_gate(r)).collect(),
            is_agreement: false,
            not_above: SkipReason::WrongLanguage,
        }
    }
}

/// Fills in a pair: chosen is the highest, rejected the lowest, the lowest sample among equals.
///
/// A response that was cut at the token limit is chosen only where no whole one that may be chosen scores above the lowest
/// (**ours**); it may be rejected.
///
/// Skips in this order: not scored, fewer than two texts, nobody agrees, nobody disagrees, equal scores (**ours**),
/// every possible choice surely in another language (**ours**), same text, margin. Chosen and rejected are set exactly
/// where `skip` is `None`. The margin is score of chosen minus score of rejected, always above 0; a row that is skipped
/// for its text or its margin keeps it.
///
/// The minimum margin holds for CM-Align and the random reference, whose scores are similarities. The baselines score
/// on scales of their own (inverse nats, nats), where one number cannot mean the same, so it does not hold for them
/// (**ours**).
pub(super) fn decide(context: &Context<'_>, row: &[&Response], judged: Judged, pair: &mut Pair) {
    let scores = match judged.scores {
        Ok(scores) => scores,
        Err(reason) => {
            pair.skip = Some(reason);
            return;
        }
    };
    let stand_ins = context.representatives(row);
    let distinct = || (0..row.len()).filter(|&i| stand_ins[i] == i && has_text(row[i]));
    let key = |i: usize| (i, (scores[i], judged.tie[i]));
    let best = argmax(distinct().map(key));
    let rejected = argmin(distinct().map(key));
    let at = |i: Option<usize>| i.map(|i| scores[i]);
    let allowed = || distinct().filter(|&i| judged.may_be_chosen[i]);
    let whole = argmax(allowed().filter(|&i| context.is_whole(row[i])).map(key));
    let chosen = whole.filter(|&i| at(rejected).is_some_and(|lowest| scores[i] > lowest));
    let chosen = chosen.or_else(|| argmax(allowed().map(key)));
    pair.skip = match (at(chosen), at(best), at(rejected)) {
        _ if row.iter().filter(|r| has_text(r)).count() < 2 => Some(SkipReason::EmptyResponses),
        (_, Some(0.0), _) if judged.is_agreement => Some(SkipReason::NoneAgree),
        (_, _, Some(1.0)) if judged.is_agreement => Some(SkipReason::NoneDisagree),
        (_, best, lowest) if best == lowest => Some(SkipReason::EqualScores),
        (None, ..) => Some(SkipReason::WrongLanguage),
        (chosen, _, lowest) if chosen <= lowest => Some(judged.not_above),
        _ => None,
    };
    if let (None, Some(chosen), Some(rejected)) = (pair.skip, chosen, rejected) {
        let margin = (f64::from(scores[chosen]) - f64::from(scores[rejected])) as f32;
        pair.margin = Some(margin);
        pair.skip = if comparable(&row[chosen].text) == comparable(&row[rejected].text) {
            Some(SkipReason::SameText)
        } else if context.config.method.has_reference() && margin < context.config.min_margin {
            Some(SkipReason::SmallMargin)
        } else {
            pair.chosen = Some(row[chosen].sample);
            pair.rejected = Some(row[rejected].sample);
            None
        };
    }
    pair.scores = scores;
}
