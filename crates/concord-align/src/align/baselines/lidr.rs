//! LIDR, language imbalance driven rewarding (arXiv 2410.08964): what the model says in the anchor language, translated
//! by the model itself, is preferred to what it says in the language.
//!
//! Chosen: the model's translation of the anchor's response into the language. Rejected: the language's own response.
//! For the anchor language, with anchor pairs on: chosen is its own response, rejected the translation of a response of
//! another language. There are no scores, so the pair has no margin.
//!
//! What differs from the paper, **ours**: it answers greedily, here one of the sampled responses was translated; the
//! lowest translated sample is taken, and the own response is that of the same sample number (else the first). For the
//! anchor one of the translations is drawn by seed and prompt. Of what is chosen, the translation or the anchor's own, a whole
//! one is taken where there is one. No DPO rounds follow.

use super::super::{
    context::{Context, has_text},
    random::draw,
};
use crate::data::{FinishReason, InOrder, Language, Pair, Response, SkipReason, comparable};

pub(super) fn pick(context: &Context<'_>, language: &Language, is_measured: bool, pair: &mut Pair) {
    let is_anchor = *language == context.config.anchor;
    let Some((translation, sample)) = translation(context, language, is_anchor) else {
        pair.skip = Some(if is_measured { SkipReason::NoTranslation } else { SkipReason::NotMeasured });
        return;
    };
    let row = context.row(language);
    // The anchor's own is chosen, so it is a whole one where there is one.
    let could_be = |r: &&&Response| !is_anchor || (context.is_whole(r) && has_text(r));
    let of_sample = row.iter().find(|r| r.sample == sample);
    let own = of_sample.filter(could_be).or_else(|| row.iter().find(could_be)).or(of_sample).or(row.first());
    let Some(own) = own else {
        pair.skip = Some(SkipReason::TooFewCandidates);
        return;
    };
    let (chosen, rejected) = if is_anchor { (*own, translation) } else { (translation, *own) };
    if !has_text(chosen) || !has_text(rejected) {
        pair.skip = Some(SkipReason::EmptyResponses);
    } else if !context.passes_gate(chosen) {
        pair.skip = Some(SkipReason::WrongLanguage);
    } else if comparable(&chosen.text) == comparable(&rejected.text) {
        pair.skip = Some(SkipReason::SameText);
    } else {
        pair.chosen = Some(chosen.sample);
        pair.rejected = Some(rejected.sample);
    }
}

/// The translation into `language` and the sample number of what it was made of.
fn translation<'a>(
    context: &Context<'a>,
    language: &Language,
    is_anchor: bool,
) -> Option<(&'a Response, u32)> {
    let anchor = &context.config.anchor;
    let into = context.material.responses.iter().copied().filter(|response| {
        response.language == *language && response.finish_reason != FinishReason::Cancelled
    });
    let mut found: Vec<(&Language, u32, u32, &Response)> = into
        .filter_map(|response| {
            let (from, sample) = response.translation_of.as_ref()?;
            ((from == anchor) != is_anchor).then_some((from, *sample, response.sample, response))
        })
        .collect();
    found.order_by_key(|(from, sample, own, _)| (*from, *sample, *own));
    // For the anchor the translation is rejected, and may be cut.
    let could_be = |r: &Response| context.is_whole(r) && has_text(r);
    if !is_anchor && found.iter().any(|(.., r)| could_be(r)) {
        found.retain(|(.., r)| could_be(r));
    }
    let at = if is_anchor { draw(context.config.seed, &[&context.prompt.id], found.len()) } else { 0 };
    found.get(at).map(|(_, sample, _, response)| (*response, *sample))
}
