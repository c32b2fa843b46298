//! §1.1: the reference, the anchor response that the others agree with most.

use super::cosine_breaks_ties;
use crate::align::{
    answer::answer_key,
    context::{Context, argmax, has_text},
    random::draw,
};
use crate::data::{Method, Reference, Response, SkipReason, TaskKind};

/// Consistency of every anchor candidate, and what breaks ties among them.
struct Scores {
    /// Math: `count(answer_j) / n`, 0 without an answer. Else: mean closeness to the others.
    consistency: Vec<f32>,
    /// Math: mean cosine to the other responses with the same answer, 0 where there is none. Else empty.
    mean_cosine: Vec<f32>,
}

/// Picks the reference of a prompt, or says why there is none.
///
/// - **Math** (paper): majority vote over the answers; responses without an answer vote for nobody but count in `n`, so
///   the share says how much of the pool agrees. **Ours** ([`crate::data::TieBreak::Cosine`]): among the responses with
///   the top count the one with the highest mean cosine to the others with its answer; that also settles a tie between
///   two answers.
/// - **General** (paper): `Cons(j) = mean over i != j of cos(e_j, e_i)`, argmax. Range -1..=1; 1 means that all say the same.
/// - **Code**: as general, over normalised snippets (**ours**: the similarity). Range 0..=1.
/// - **Random reference**: a candidate drawn by a hash of seed and prompt id, the baseline; the consistency is recorded
///   all the same but decides nothing.
///
/// With one candidate there is nothing to agree with, and CM-Align skips the prompt. A response without text is never
/// the reference, and one that was cut at the token limit only where no whole one could be: with text, and in math with
/// an answer (**ours**). Both count in `n`, and votes of cut ones too.
pub(super) fn pick(context: &Context<'_>) -> Reference {
    let anchor = &context.config.anchor;
    let row = context.row(anchor);
    let mut reference = Reference {
        prompt_id: context.prompt.id.clone(),
        language: anchor.clone(),
        sample: None,
        consistency: Vec::new(),
        mean_cosine: Vec::new(),
        vote_share: None,
        skip: None,
    };
    let n_needed = if context.config.method == Method::RandomReference { 1 } else { 2 };
    if !context.prompt.text.contains_key(anchor) {
        reference.skip = Some(SkipReason::NoAnchorText);
    } else if row.len() < n_needed {
        reference.skip = Some(SkipReason::TooFewCandidates);
    } else {
        decide(context, row, &mut reference);
    }
    reference
}

fn decide(context: &Context<'_>, row: &[&Response], reference: &mut Reference) {
    let stand_ins = context.representatives(row);
    let is_math = context.prompt.task == TaskKind::Math;
    let scores = if is_math {
        Some(by_vote(context, row, &stand_ins))
    } else {
        by_closeness(context, row, &stand_ins)
    };
    let Some(scores) = scores else {
        reference.skip = Some(SkipReason::NotEmbedded);
        return;
    };
    let mut eligible: Vec<usize> =
        (0..row.len()).filter(|&i| stand_ins[i] == i && has_text(row[i])).collect();
    let could_be = |i: &usize| context.is_whole(row[*i]) && !(is_math && row[*i].answer.is_none());
    if eligible.iter().any(could_be) {
        eligible.retain(|&i| context.is_whole(row[i]));
    }
    let picked = match context.config.method {
        Method::RandomReference => {
            let drawn = draw(context.config.seed, &[&context.prompt.id], eligible.len());
            eligible.get(drawn).copied()
        }
        _ => {
            let ties = if cosine_breaks_ties(context.config) { &scores.mean_cosine[..] } else { &[] };
            let tie = |i: usize| ties.get(i).copied().unwrap_or_default();
            argmax(eligible.iter().map(|&i| (i, (scores.consistency[i], tie(i)))))
        }
    };
    match picked {
        Some(i) if is_math && row[i].answer.is_none() => reference.skip = Some(SkipReason::NoAnswer),
        Some(i) => {
            reference.sample = Some(row[i].sample);
            reference.vote_share = is_math.then_some(scores.consistency[i]);
        }
        None => reference.skip = Some(SkipReason::EmptyResponses),
    }
    reference.consistency = scores.consistency;
    reference.mean_cosine = scores.mean_cosine;
}

fn by_vote(context: &Context<'_>, row: &[&Response], stand_ins: &[usize]) -> Scores {
    let voters: Vec<usize> = (0..row.len()).filter(|&i| stand_ins[i] == i).collect();
    let keys: Vec<Option<String>> = row.iter().map(|r| r.answer.as_deref().map(answer_key)).collect();
    let agreeing = |i: usize| {
        voters.iter().copied().filter(|&j| keys[i].is_some() && keys[j] == keys[i]).collect::<Vec<_>>()
    };
    let mut scores = Scores { consistency: Vec::new(), mean_cosine: Vec::new() };
    for &i in stand_ins {
        let group = agreeing(i);
        scores.consistency.push((group.len() as f64 / voters.len() as f64) as f32);
        let cosines = group.iter().filter(|&&j| j != i).filter_map(|&j| context.cosines.of(row[i], row[j]));
        scores.mean_cosine.push(mean(cosines).unwrap_or_default());
    }
    scores
}

/// `None` if a closeness is missing, or if merging left nobody to compare with.
fn by_closeness(context: &Context<'_>, row: &[&Response], stand_ins: &[usize]) -> Option<Scores> {
    let voters: Vec<usize> = (0..row.len()).filter(|&i| stand_ins[i] == i).collect();
    let consistency = stand_ins.iter().map(|&i| {
        let others = voters.iter().filter(|&&j| j != i).map(|&j| context.closeness(row[i], row[j]));
        let others: Option<Vec<f32>> = others.collect();
        // Alone after merging: all candidates are one text, which agrees with itself.
        others.map(|others| mean(others.into_iter()).unwrap_or(1.0))
    });
    Some(Scores { consistency: consistency.collect::<Option<_>>()?, mean_cosine: Vec::new() })
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, n) = values.fold((0.0_f64, 0_u32), |(sum, n), v| (sum + f64::from(v), n + 1));
    (n > 0).then(|| (sum / f64::from(n)) as f32)
}
