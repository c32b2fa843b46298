//! Whether joined texts are those of the same prompts.
//!
//! Nothing here understands a text. What shows that rows do not belong together: other gold answers, other numbers in the
//! texts, lengths that have nothing to do with each other. What makes one doubt: the script of another language, equal texts,
//! languages that are missing in many prompts. The thresholds are ours and are meant to be quiet on translations as people
//! make them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::join::Group;
use crate::data::parallel::numbers_of;
use crate::data::problem::{ProblemKind, RowProblem};
use crate::data::{Language, Prompt};

/// Prompts with both languages, below which shares say nothing.
const MIN_PROMPTS: usize = 5;
/// And below which lengths say nothing.
const MIN_LENGTHS: usize = 20;
/// Share of prompts with a common number, below which the texts are of other prompts, or below which one doubts.
const NUMBERS: (f64, f64) = (0.5, 0.8);
/// Correlation of lengths below which one doubts.
const LENGTHS: f64 = 0.2;
/// Share of texts with a sign of something wrong from which on one doubts.
const DOUBT: f64 = 0.25;

/// What the parallel check says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parallel {
    /// Nothing speaks against it.
    #[default]
    Yes,
    /// Something is odd.
    Doubtful,
    /// The texts of a prompt are not those of the same prompt.
    No,
}

/// One language of the set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LanguageCheck {
    /// Which.
    pub language: Language,
    /// Prompts with a text in it.
    pub n_texts: usize,
    /// Prompts without one.
    pub n_missing: usize,
    /// Share of the prompts with numbers in it and in the anchor language that have one in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_numbers: Option<f64>,
    /// Correlation of the lengths with those of the anchor language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lengths: Option<f64>,
}

/// The parallel check of a set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// What it says.
    pub parallel: Parallel,
    /// Why, for a person.
    pub reasons: Vec<String>,
    /// What was counted.
    pub languages: Vec<LanguageCheck>,
}

impl Verdict {
    fn say(&mut self, parallel: Parallel, reason: String) {
        self.parallel = self.parallel.max(parallel);
        self.reasons.push(reason);
    }

    /// Judges the prompts that came of some groups; `signs` are what was found in single texts.
    pub(super) fn of(prompts: &[Prompt], groups: &[Group], signs: &[RowProblem], anchor: &Language) -> Self {
        let mut verdict = Self::default();
        let (n_other, n_joined) = groups
            .iter()
            .filter(|group| group.origins.len() > 1)
            .fold((0, 0), |(other, n), group| (other + usize::from(group.n_other_answers > 0), n + 1));
        if n_other > 0 {
            let parallel = if n_other * 10 > n_joined { Parallel::No } else { Parallel::Doubtful };
            verdict.say(
                parallel,
                format!("{n_other} of {n_joined} prompts have different gold answers in their languages"),
            );
        }
        let mut counts: BTreeMap<&Language, usize> = BTreeMap::new();
        for language in prompts.iter().flat_map(|prompt| prompt.text.keys()) {
            *counts.entry(language).or_default() += 1;
        }
        for (language, n_texts) in counts {
            verdict.judge(prompts, signs, language, n_texts, anchor);
        }
        verdict
    }

    fn judge(
        &mut self,
        prompts: &[Prompt],
        signs: &[RowProblem],
        language: &Language,
        n_texts: usize,
        anchor: &Language,
    ) {
        let name = language.info().english;
        let both: Vec<(&str, &str)> = prompts
            .iter()
            .filter_map(|prompt| {
                Some((prompt.text.get(anchor)?.as_str(), prompt.text.get(language)?.as_str()))
            })
            .filter(|_| language != anchor)
            .collect();
        let same_numbers = same_numbers(&both);
        if let Some(share) = same_numbers.filter(|share| *share < NUMBERS.1) {
            let parallel = if share < NUMBERS.0 { Parallel::No } else { Parallel::Doubtful };
            let percent = (100.0 * share).round();
            self.say(
                parallel,
                format!("only {percent} % of the {name} texts have a number of the anchor's text"),
            );
        }
        let lengths = correlation(&both);
        if lengths.is_some_and(|found| found < LENGTHS) {
            let reason = format!(
                "long {name} texts do not go with long texts of the anchor language, nor short with short"
            );
            self.say(Parallel::Doubtful, reason);
        }
        let n_of = |kind| {
            signs.iter().filter(|sign| sign.kind == kind && sign.language.as_ref() == Some(language)).count()
        };
        for (kind, what) in [
            (ProblemKind::OtherScript, "are hardly in the script of the language"),
            (ProblemKind::SameText, "are the same as those of another language"),
        ] {
            let n = n_of(kind);
            if n > 0 && n as f64 >= DOUBT * n_texts as f64 {
                self.say(Parallel::Doubtful, format!("{n} of {n_texts} {name} texts {what}"));
            }
        }
        let n_missing = prompts.len() - n_texts;
        if n_missing as f64 > DOUBT * prompts.len() as f64 {
            let n = prompts.len();
            self.say(Parallel::Doubtful, format!("{n_missing} of {n} prompts have no {name} text"));
        }
        self.languages.push(LanguageCheck {
            language: language.clone(),
            n_texts,
            n_missing,
            same_numbers,
            lengths,
        });
    }
}

/// Share of the pairs with numbers on both sides that have one in common.
fn same_numbers(both: &[(&str, &str)]) -> Option<f64> {
    let (mut n, mut n_same) = (0usize, 0usize);
    for (anchor, own) in both {
        let (anchor, own) = (numbers_of(anchor), numbers_of(own));
        if !anchor.is_empty() && !own.is_empty() {
            n += 1;
            n_same += usize::from(!anchor.is_disjoint(&own));
        }
    }
    (n >= MIN_PROMPTS).then(|| n_same as f64 / n as f64)
}

/// Pearson's correlation of the logarithms of lengths in characters, -1 to 1.
fn correlation(both: &[(&str, &str)]) -> Option<f64> {
    if both.len() < MIN_LENGTHS {
        return None;
    }
    let length = |text: &str| (text.trim().chars().count() as f64 + 1.0).ln();
    let points: Vec<(f64, f64)> = both.iter().map(|(anchor, own)| (length(anchor), length(own))).collect();
    let n = points.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for point in &points {
        let (dx, dy) = (point.0 - x, point.1 - y);
        (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
    }
    // Lengths that hardly differ say nothing.
    (xx > 0.05 * n && yy > 0.05 * n).then(|| xy / (xx * yy).sqrt())
}
