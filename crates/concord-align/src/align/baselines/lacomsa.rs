//! LaCoMSA: agreement with the anchor's responses in the model's own middle layer; no encoder, no reference.
//!
//! Score of a candidate: the mean cosine of its mean-pooled middle-layer states to those of all anchor responses, times
//! the weight of its language `sigmoid(a * gap)^g`, a 0.5, g 1. Two candidates are drawn; the higher is chosen.
//!
//! What is **ours**: the gap of a language is `(mean anchor-anchor cosine - mean cosine of the language to the anchor)`,
//! each over all such pairs of all prompts of the set, divided by the standard deviation (of the population) of that
//! difference over the languages other than the anchor, and 0 where the deviation is 0 or a language was not measured. The
//! weight is the same for a whole row, so it scales the margin and never reverses a pair. An anchor response is not compared
//! with itself. The two are drawn by seed, prompt and language among the pairs that can be one: different scores and texts,
//! the higher one let through by the language gate, and whole where there is a pair with a whole one.
//!
//! The states are [`crate::data::Measurements::states`]; where there are none at all, the session's similarities, which
//! are such states unless an encoder was loaded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    super::{
        PromptMaterial,
        context::{Context, has_text},
        preference::{Judged, decide},
        random::draw,
        similarity::CosineView,
    },
    ordered_pairs,
};
use crate::data::{
    InOrder, Language, Pair, Prompt, Response, SessionConfig, Similarity, SkipReason, comparable,
};

/// `a` of the language weight.
pub const GAP_SCALE: f64 = 0.5;
/// `g` of the language weight.
pub const WEIGHT_POWER: f64 = 1.0;

/// `sigmoid(a * gap)^g`, in 0..1; 0.5 at gap 0, more for a language that is farther from the anchor than others.
pub fn language_weight(gap: f64) -> f64 {
    (1.0 / (1.0 + (-GAP_SCALE * gap).exp())).powf(WEIGHT_POWER)
}

/// The cosines of the generator's states of a prompt.
pub(super) fn states<'a>(uses_states: bool, material: &PromptMaterial<'a>) -> Option<&'a Similarity> {
    if uses_states { material.states } else { material.similarity }
}

/// Sum and number of cosines.
#[derive(Clone, Copy, Debug, Default)]
struct Sum(f64, u32);

impl Sum {
    fn add(&mut self, value: f32) {
        self.0 += f64::from(value);
        self.1 += 1;
    }

    fn mean(self) -> Option<f64> {
        (self.1 > 0).then(|| self.0 / f64::from(self.1))
    }
}

/// Cosines to the anchor's responses over a set, prompt by prompt.
#[derive(Debug)]
pub(super) struct Tally {
    anchor: Language,
    /// The languages asked and the anchor, each once, by tag.
    languages: Vec<Language>,
    /// Whether any prompt has states of the generator; then only those count.
    uses_states: bool,
    /// A prompt's id, and the sum of each language.
    prompts: Vec<(String, Vec<Sum>)>,
}

impl Tally {
    pub(super) fn new(config: &SessionConfig) -> Self {
        let all: BTreeSet<&Language> = config.languages.iter().chain([&config.anchor]).collect();
        let languages = all.into_iter().cloned().collect();
        Self { anchor: config.anchor.clone(), languages, uses_states: false, prompts: Vec::new() }
    }

    pub(super) fn add(&mut self, prompt: &Prompt, material: &PromptMaterial<'_>) {
        if material.states.is_some() && !self.uses_states {
            self.uses_states = true;
            self.prompts.clear();
        }
        let view = CosineView::new(states(self.uses_states, material));
        let mut candidates: Vec<(&Response, usize)> = material
            .responses
            .iter()
            .filter(|r| r.is_candidate())
            .filter_map(|r| Some((*r, view.position(r)?)))
            .collect();
        candidates.order_by_key(|(r, _)| r.sample);
        let anchors: Vec<usize> =
            candidates.iter().filter(|(r, _)| r.language == self.anchor).map(|(_, at)| *at).collect();
        let mut sums = vec![Sum::default(); self.languages.len()];
        for (response, at) in &candidates {
            let Ok(place) = self.languages.binary_search(&response.language) else { continue };
            let others = anchors.iter().filter(|anchor| *anchor != at);
            others.filter_map(|anchor| view.between(*at, *anchor)).for_each(|cosine| sums[place].add(cosine));
        }
        if sums.iter().any(|sum| sum.1 > 0) {
            self.prompts.push((prompt.id.clone(), sums));
        }
    }

    /// The weight of every language asked, and whether it is of the generator's states.
    pub(super) fn finish(mut self) -> (BTreeMap<Language, f64>, bool) {
        self.prompts.order_by(|a, b| a.0.cmp(&b.0));
        let mut all = vec![Sum::default(); self.languages.len()];
        for (_, sums) in &self.prompts {
            for (all, Sum(sum, n)) in all.iter_mut().zip(sums) {
                *all = Sum(all.0 + sum, all.1 + n);
            }
        }
        let means: BTreeMap<&Language, f64> = self
            .languages
            .iter()
            .zip(all)
            .filter_map(|(language, sum)| Some((language, sum.mean()?)))
            .collect();
        let gaps = gaps(&means, &self.anchor);
        let weight = |language: &Language| language_weight(gaps.get(language).copied().unwrap_or_default());
        (
            self.languages.iter().map(|language| (language.clone(), weight(language))).collect(),
            self.uses_states,
        )
    }
}

/// How much farther than the anchor's own responses each other language is from the anchor, in standard deviations.
fn gaps<'a>(means: &BTreeMap<&'a Language, f64>, anchor: &Language) -> HashMap<&'a Language, f64> {
    let Some(own) = means.get(anchor) else { return HashMap::new() };
    let others = || means.iter().filter(|(language, _)| **language != anchor);
    let n = others().count().max(1) as f64;
    let mean = others().map(|(_, mean)| own - mean).sum::<f64>() / n;
    let variance = others().map(|(_, m)| (own - m - mean) * (own - m - mean)).sum::<f64>() / n;
    let deviation = variance.sqrt();
    // Languages that differ by rounding alone do not differ.
    let scaled = |difference: f64| if deviation > 1e-9 { difference / deviation } else { 0.0 };
    others().map(|(language, mean)| (*language, scaled(own - mean))).collect()
}

pub(super) fn pick(
    context: &Context<'_>,
    language: &Language,
    weights: &BTreeMap<Language, f64>,
    pair: &mut Pair,
) {
    let row = context.row(language);
    let weight = weights.get(language).copied().unwrap_or(language_weight(0.0));
    let score = |r: &&Response| mean_cosine(context, r).map(|mean| (mean * weight) as f32);
    let Some(scores) = row.iter().map(score).collect::<Option<Vec<f32>>>() else {
        pair.skip = Some(SkipReason::NotMeasured);
        return;
    };
    let possible = possible_pairs(context, row, &scores);
    let drawn = draw(context.config.seed, &[&context.prompt.id, language.as_str()], possible.len());
    let Some(&(chosen, rejected)) = possible.get(drawn) else {
        // The reason is that of the best and the worst: equal scores, another language, the same text.
        decide(context, row, Judged::by_score(context, row, Ok(scores)), pair);
        return;
    };
    pair.chosen = Some(row[chosen].sample);
    pair.rejected = Some(row[rejected].sample);
    pair.margin = Some((f64::from(scores[chosen]) - f64::from(scores[rejected])) as f32);
    pair.scores = scores;
}

/// Mean cosine to all anchor candidates but itself; `None` where one is missing or there is none.
fn mean_cosine(context: &Context<'_>, response: &Response) -> Option<f64> {
    let at = context.cosines.position(response)?;
    let mut sum = Sum::default();
    for anchor in context.row(&context.config.anchor) {
        let anchor = context.cosines.position(anchor)?;
        if anchor != at {
            sum.add(context.cosines.between(at, anchor)?);
        }
    }
    sum.mean()
}

/// The ordered pairs of a row that can be drawn.
fn possible_pairs(context: &Context<'_>, row: &[&Response], scores: &[f32]) -> Vec<(usize, usize)> {
    let stand_ins = context.representatives(row);
    let texts: Vec<String> = row.iter().map(|r| comparable(&r.text)).collect();
    let is_distinct = |i: usize| stand_ins[i] == i && has_text(row[i]);
    let mut pairs = ordered_pairs(scores);
    pairs.retain(|&(chosen, rejected)| {
        is_distinct(chosen)
            && is_distinct(rejected)
            && context.passes_gate(row[chosen])
            && texts[chosen] != texts[rejected]
    });
    let is_whole = |&(chosen, _): &(usize, usize)| context.is_whole(row[chosen]);
    if pairs.iter().any(is_whole) {
        pairs.retain(is_whole);
    }
    pairs
}
