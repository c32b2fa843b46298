//! One response as a candidate of its row: its text as it stands now, what was read of it, and its equals.

use std::cmp::Ordering;

use crate::align::{extract_answer, gold_answer, same_answer};
use crate::data::{InOrder, Language, Prompt, Response, comparable};

/// One response as a candidate of its row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    /// Its sample index.
    pub sample: u32,
    /// Samples with an equal text, itself among them, ascending; just itself unless equal texts were merged.
    pub same: Vec<u32>,
    /// Its text as it stands: a person's, if one has edited it.
    pub text: String,
    /// The model's text, where a person has edited it.
    pub original: Option<String>,
    /// What the model thought before it answered.
    pub reasoning: Option<String>,
    /// How many tokens it had where it never left its reasoning.
    pub still_reasoning: Option<usize>,
    /// Its final answer.
    pub answer: Option<String>,
    /// What else that could be.
    pub ambiguous: Vec<String>,
    /// Detected language; that of an edited text is not known.
    pub detected_language: Option<Language>,
    /// Whether it is surely in another language than it was asked in.
    pub is_wrong_language: bool,
    /// Whether it stopped at the token limit.
    pub is_cut: bool,
    /// Score against the reference; for the anchor language, its consistency.
    pub score: Option<f32>,
    /// Cosine to the reference; for the anchor language of a math prompt, the mean cosine to its like.
    pub cosine: Option<f32>,
    /// Place by score among the row's candidates, from 1; equal scores share one.
    pub rank: Option<usize>,
    /// How many characters its text has.
    pub n_chars: usize,
    /// Whether its answer is the gold answer; `None` without gold.
    pub is_right: Option<bool>,
    /// What the model translated to get it; `None` for a response to the prompt itself.
    pub translation_of: Option<(Language, u32)>,
    /// Who wrote it, where that is not the session's own model.
    pub model: Option<String>,
}

/// A response as a candidate, with a person's text if there is one; without scores, which are a method's own.
pub(super) fn candidate(
    prompt: &Prompt,
    response: &Response,
    edited: Option<&str>,
    anchor: &Language,
) -> Candidate {
    let text = edited.unwrap_or(&response.text);
    let answer = answer(response, edited);
    let detected = response.detected_language.as_ref().filter(|_| edited.is_none());
    Candidate {
        sample: response.sample,
        same: vec![response.sample],
        text: text.to_owned(),
        original: edited.map(|_| response.text.clone()),
        reasoning: response.reasoning.clone(),
        still_reasoning: (response.is_still_reasoning() && edited.is_none()).then_some(response.tokens.len()),
        is_right: gold_answer(prompt, anchor).map(|gold| is_right(answer.as_deref(), &gold)),
        answer,
        ambiguous: if edited.is_none() { response.ambiguous.clone() } else { Vec::new() },
        is_wrong_language: detected.is_some_and(|found| !found.may_be(&response.language)),
        detected_language: detected.cloned(),
        is_cut: response.is_cut() && edited.is_none(),
        score: None,
        cosine: None,
        rank: None,
        n_chars: text.chars().count(),
        translation_of: response.translation_of.clone(),
        model: response.model.clone(),
    }
}

/// The final answer of a response, read anew of an edited text.
pub(super) fn answer(response: &Response, edited: Option<&str>) -> Option<String> {
    edited.map_or_else(|| response.answer.clone(), |text| extract_answer(text, &response.language))
}

/// Whether an answer is the gold answer.
pub(super) fn is_right(answer: Option<&str>, gold: &str) -> bool {
    answer.is_some_and(|answer| same_answer(answer, gold))
}

/// Merges candidates with equal texts into one each, where the first of them stood. `picked` are chosen and rejected: each
/// stands for its like, and the two are never merged.
pub(super) fn merged(candidates: Vec<Candidate>, picked: [Option<u32>; 2]) -> Vec<Candidate> {
    let place = |sample: u32| picked.iter().position(|side| *side == Some(sample));
    let mut out: Vec<(String, Option<usize>, Candidate)> = Vec::new();
    for candidate in candidates {
        let (text, side) = (comparable(&candidate.text), place(candidate.sample));
        let like = out.iter_mut().find(|(known, known_side, _)| {
            *known == text && (known_side.is_none() || side.is_none() || *known_side == side)
        });
        match like {
            Some((_, known_side, known)) => {
                let mut same = std::mem::take(&mut known.same);
                same.push(candidate.sample);
                same.order();
                if side.is_some() {
                    (*known_side, *known) = (side, candidate);
                }
                known.same = same;
            }
            None => out.push((text, side, candidate)),
        }
    }
    let mut out: Vec<Candidate> = out.into_iter().map(|(_, _, candidate)| candidate).collect();
    rank(&mut out);
    out
}

/// Gives each candidate with a score its place.
fn rank(candidates: &mut [Candidate]) {
    let scores: Vec<f32> = candidates.iter().filter_map(|candidate| candidate.score).collect();
    for candidate in candidates {
        let is_above = |score: f32, own: f32| score.total_cmp(&own) == Ordering::Greater;
        candidate.rank = candidate.score.map(|own| 1 + scores.iter().filter(|s| is_above(**s, own)).count());
    }
}
