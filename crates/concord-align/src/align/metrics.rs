//! The papers' own measures of a model over languages: Avg, Var and PAG (MLC, arXiv 2602.16660), RankC (as DCO uses it),
//! and the gap between the anchor and the other languages (batch-wise alignment, arXiv 2509.23659).
//!
//! Each takes a value per language or the answers of a prompt; none looks at a gold answer by itself. `None` where
//! nothing was counted, never NaN.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::PromptMaterial;
use super::answer::answer_key;
use super::evaluate::Rate;
use crate::data::{InOrder, Language, Response};

/// Mean of the rates.
pub fn average(rates: &[f64]) -> Option<f64> {
    (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64)
}

/// Var: population variance of the rates as fractions, times 100. 0 if all languages are alike, at most 25.
pub fn variance(rates: &[f64]) -> Option<f64> {
    let mean = average(rates)?;
    average(&rates.iter().map(|rate| (rate - mean).powi(2)).collect::<Vec<_>>()).map(|v| 100.0 * v)
}

/// The non-anchor gap: the anchor's rate minus the mean of the other languages' rates, in points (rates are fractions).
/// Above 0 the anchor is better. `None` without the anchor's rate or without any other.
pub fn non_anchor_gap(rates: &[(Language, Option<f64>)], anchor: &Language) -> Option<f64> {
    let of_anchor = rates.iter().find(|(language, _)| language == anchor)?.1?;
    let others: Vec<f64> =
        rates.iter().filter(|(language, _)| language != anchor).filter_map(|(_, rate)| *rate).collect();
    average(&others).map(|mean| 100.0 * (of_anchor - mean))
}

/// An answer that a prompt got in a language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RankedAnswer {
    /// In canonical form.
    pub answer: String,
    /// Responses with it.
    pub n_votes: u32,
    /// Mean over those responses of their log-prob per token, in nats; a response whose log-prob is not known counts as 0.
    pub mean_logprob: f64,
}

/// The answers among responses of one prompt and language, best first: by votes, then by mean log-prob, then by the
/// answer's text (**ours**). The first is the majority answer. Responses without an answer give none.
pub fn ranked_answers<'r>(responses: impl Iterator<Item = &'r Response>) -> Vec<RankedAnswer> {
    let mut found: HashMap<String, (u32, f64)> = HashMap::new();
    for response in responses.filter(|r| r.is_candidate()) {
        let Some(answer) = &response.answer else { continue };
        let per_token = response.logprob.map_or(0.0, f64::from) / response.tokens.len().max(1) as f64;
        let entry = found.entry(answer_key(answer)).or_default();
        *entry = (entry.0 + 1, entry.1 + if per_token.is_finite() { per_token } else { f64::from(f32::MIN) });
    }
    let ranked =
        |(answer, (n_votes, sum))| RankedAnswer { answer, n_votes, mean_logprob: sum / f64::from(n_votes) };
    let mut out: Vec<RankedAnswer> = found.into_iter().map(ranked).collect();
    out.order_by(|a, b| {
        let by_logprob = || b.mean_logprob.total_cmp(&a.mean_logprob);
        b.n_votes.cmp(&a.n_votes).then_with(by_logprob).then_with(|| a.answer.cmp(&b.answer))
    });
    out
}

/// RankC of two rankings of the same candidates: `sum_j w_j |top_j(1) & top_j(2)| / j`, `w` the softmax over
/// `(n, n-1, ..., 1)`. 1 if the order is the same; `None` without candidates.
///
/// **Ours**: the candidates of a prompt are the answers of both languages; those that a language never gave come last
/// in its ranking, by their text.
pub fn rank_c(first: &[RankedAnswer], second: &[RankedAnswer]) -> Option<f64> {
    let (first, second) = (completed(first, second), completed(second, first));
    if first.is_empty() {
        return None;
    }
    // softmax(n - j) = e^-j / sum e^-j, which cannot overflow.
    let weights: Vec<f64> = (0..first.len()).map(|j| (-(j as f64)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let shared = |j: usize| first[..j].iter().filter(|answer| second[..j].contains(answer)).count() as f64;
    let terms = weights.iter().enumerate().map(|(i, w)| w * shared(i + 1) / (i + 1) as f64);
    Some(terms.sum::<f64>() / total)
}

/// The answers of a ranking, then those that only the other one has.
fn completed<'r>(ranking: &'r [RankedAnswer], other: &'r [RankedAnswer]) -> Vec<&'r str> {
    let mut out: Vec<&str> = ranking.iter().map(|a| a.answer.as_str()).collect();
    let mut missing: Vec<&str> =
        other.iter().map(|a| a.answer.as_str()).filter(|a| !out.contains(a)).collect();
    missing.order();
    out.extend(missing);
    out
}

/// How far the languages give the same answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerAgreement {
    /// PAG: over prompts and unordered pairs of languages, how often the majority answers are the same (**ours**: the
    /// majority answer is the label; a language without any answer to a prompt is not counted there).
    pub pag: Rate,
    /// Mean RankC over prompts and pairs of languages.
    pub rank_c: Option<f64>,
    /// The same for each pair of languages, in the settings' order.
    pub pairs: Vec<LanguagePairAgreement>,
}

/// How far two languages give the same answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LanguagePairAgreement {
    /// The one that comes first in the settings.
    pub first: Language,
    /// The other.
    pub second: Language,
    /// Prompts on which the majority answers are the same, of those that both answer.
    pub pag: Rate,
    /// Mean RankC over the prompts that one of them answers.
    pub rank_c: Option<f64>,
}

/// Adds up [`AnswerAgreement`] prompt by prompt.
#[derive(Clone, Debug)]
pub struct AnswerTally {
    languages: Vec<Language>,
    /// Places of the two languages, PAG, sum and count of RankC.
    pairs: Vec<(usize, usize, Rate, f64, u32)>,
}

impl AnswerTally {
    /// For these languages; each once.
    pub fn new(languages: &[Language]) -> Self {
        let n = languages.len();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j, Rate::default(), 0.0, 0)));
        Self { languages: languages.to_vec(), pairs: pairs.collect() }
    }

    /// Adds a prompt.
    pub fn add(&mut self, material: &PromptMaterial<'_>) {
        let of_language = |language: &Language| {
            ranked_answers(material.responses.iter().copied().filter(|r| r.language == *language))
        };
        let ranked: Vec<Vec<RankedAnswer>> = self.languages.iter().map(of_language).collect();
        for (i, j, pag, sum, n) in &mut self.pairs {
            let (first, second) = (&ranked[*i], &ranked[*j]);
            if let (Some(a), Some(b)) = (first.first(), second.first()) {
                pag.count(a.answer == b.answer);
            }
            if let Some(rank_c) = rank_c(first, second) {
                (*sum, *n) = (*sum + rank_c, *n + 1);
            }
        }
    }

    /// What was added up.
    pub fn finish(self) -> AnswerAgreement {
        let mean = |sum: f64, n: u32| (n > 0).then(|| sum / f64::from(n));
        let total = self.pairs.iter().fold((0, 0, 0.0, 0), |all, (.., pag, sum, n)| {
            (all.0 + pag.part, all.1 + pag.whole, all.2 + sum, all.3 + n)
        });
        let pair = |(i, j, pag, sum, n): (usize, usize, Rate, f64, u32)| LanguagePairAgreement {
            first: self.languages[i].clone(),
            second: self.languages[j].clone(),
            pag,
            rank_c: mean(sum, n),
        };
        AnswerAgreement {
            pag: Rate::of(total.0, total.1),
            rank_c: mean(total.2, total.3),
            pairs: self.pairs.into_iter().map(pair).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_and_variance_of_the_paper() {
        let rates = [93.3, 96.1, 93.3, 92.2, 93.9, 53.3, 6.1, 33.9, 21.1, 12.2].map(|rate| rate / 100.0);
        // The paper prints 59.6, of rates before they were rounded.
        assert!((100.0 * average(&rates).unwrap() - 59.6).abs() < 0.1);
        assert!((variance(&rates).unwrap() - 13.13).abs() < 5e-3, "{:?}", variance(&rates));
        assert_eq!((average(&[]), variance(&[]), variance(&[0.5])), (None, None, Some(0.0)));
    }

    #[test]
    fn the_gap_is_in_points() {
        let rates = [("en", Some(0.9)), ("de", Some(0.7)), ("sw", Some(0.5)), ("bn", None)]
            .map(|(l, r)| (l.into(), r));
        assert!((non_anchor_gap(&rates, &"en".into()).unwrap() - 30.0).abs() < 1e-9);
        assert_eq!(non_anchor_gap(&rates[..1], &"en".into()), None);
        assert_eq!(non_anchor_gap(&rates, &"bn".into()), None);
        assert_eq!(non_anchor_gap(&rates, &"fr".into()), None);
    }

    fn ranking(answers: &[&str]) -> Vec<RankedAnswer> {
        let answer = |a: &&str| RankedAnswer { answer: (*a).to_owned(), n_votes: 1, mean_logprob: -1.0 };
        answers.iter().map(answer).collect()
    }

    #[test]
    fn rank_c_by_hand() {
        let e = std::f64::consts::E;
        // softmax(2, 1) = (e, 1) / (e + 1); softmax(3, 2, 1) = (e^2, e, 1) / (e^2 + e + 1).
        for (first, second, wanted) in [
            (&["1", "2"][..], &["1", "2"][..], 1.0),
            (&["1", "2"], &["2", "1"], 1.0 / (e + 1.0)),
            (&["1", "2", "3"], &["1", "3", "2"], (e * e + e / 2.0 + 1.0) / (e * e + e + 1.0)),
            // The second never says 2 or 3: they come last, in this order.
            (&["2", "3"], &["1"], (e / 2.0 + 1.0) / (e * e + e + 1.0)),
            (&["1"], &[], 1.0),
        ] {
            let got = rank_c(&ranking(first), &ranking(second)).unwrap();
            assert!((got - wanted).abs() < 1e-12, "{first:?} {second:?}: {got} {wanted}");
            assert_eq!(rank_c(&ranking(second), &ranking(first)), Some(got), "it is symmetric");
        }
        assert_eq!(rank_c(&[], &[]), None);
    }
}
