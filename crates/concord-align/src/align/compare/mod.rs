//! Several methods on the same responses: how good their pairs are, and how far they agree.
//!
//! A [`Comparison`] is done in steps, each short (one prompt for all methods, then one resample for all intervals), so
//! that a page never waits; [`Comparison::finish`] gives a plain table.

mod agreement;

use serde::{Deserialize, Serialize};

use super::evaluate::{Bootstrap, Gold, PairQuality, Rate, Rights, UnreadGold, Verdict};
use super::metrics::{AnswerAgreement, AnswerTally, average, non_anchor_gap, variance};
use super::{PromptIndex, Selection, Selector};
use crate::data::{InOrder, Language, Method, Pair, SessionConfig, SkipReason};

pub use agreement::{DifferingRow, MethodAgreement};

/// How many times the prompts are resampled for the intervals, where there is gold.
const N_RESAMPLES: u32 = 1000;

/// Methods by languages, and how far the methods agree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonTable {
    /// The columns: every language of the settings, in their order.
    pub languages: Vec<Language>,
    /// Prompts with a gold answer that is a number.
    pub n_gold: u32,
    /// Gold answers that are no number, so that their prompts were not judged.
    pub unread_gold: Vec<UnreadGold>,
    /// The rows, in the order of the settings.
    pub methods: Vec<MethodRow>,
    /// Every two methods, each pair once.
    pub agreements: Vec<MethodAgreement>,
    /// What does not depend on the method.
    pub responses: ResponseQuality,
}

/// What one method picked and how good that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodRow {
    /// Which.
    pub method: Method,
    /// Over all languages.
    pub all: ComparisonCell,
    /// In the order of the table's languages.
    pub languages: Vec<ComparisonCell>,
    /// References with the right answer, where the method has references.
    pub reference_right: Rate,
    /// What was picked. Its pairs are in the order of the prompts, then of the languages.
    pub selection: Selection,
    /// What gold answers say of each pair of `selection`; `None` without a pair or a gold answer.
    pub verdicts: Vec<Option<Verdict>>,
}

/// One method in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonCell {
    /// By gold answers; its own coverage is of the prompts with gold.
    pub quality: PairQuality,
    /// Rows with a pair, of all rows asked (the anchor only with anchor pairs).
    pub coverage: Rate,
    /// Mean margin of the pairs. Each method has its own scale, so only the columns of one row compare.
    pub mean_margin: Option<f64>,
    /// Rows without a pair by reason, the most frequent first, rows of the anchor language among them.
    pub skips: Vec<(SkipReason, u32)>,
}

/// What gold answers and the languages among themselves say of the responses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseQuality {
    /// Right samples by language.
    pub accuracy: Vec<Rate>,
    /// Anchor samples that are right: what a single random sample would reach as the reference.
    pub single_right: Rate,
    /// Avg of the papers: mean of the languages' accuracy.
    pub average: Option<f64>,
    /// Var of the papers: population variance of the languages' accuracy, times 100.
    pub variance: Option<f64>,
    /// The anchor's accuracy minus the mean of the others, in points.
    pub non_anchor_gap: Option<f64>,
    /// PAG and RankC, for which no gold answer is needed.
    pub agreement: AnswerAgreement,
}

/// A comparison under way.
#[derive(Debug)]
pub struct Comparison<'a> {
    index: &'a PromptIndex<'a>,
    configs: &'a [SessionConfig],
    selectors: Vec<Selector<'a>>,
    gold: Gold<'a>,
    languages: Vec<Language>,
    tallies: Vec<MethodTally>,
    answers: AnswerTally,
    agreements: Vec<agreement::Tally>,
    bootstrap: Bootstrap,
    n_done: usize,
}

/// What one method has picked so far.
#[derive(Debug, Default)]
struct MethodTally {
    selection: Selection,
    verdicts: Vec<Option<Verdict>>,
    /// `[1 + n_languages]`: all, then each language.
    cells: Vec<CellTally>,
}

#[derive(Clone, Debug, Default)]
struct CellTally {
    coverage: Rate,
    margin_sum: f64,
    n_margins: u32,
    skips: Vec<(SkipReason, u32)>,
}

impl<'a> Comparison<'a> {
    /// One method per entry of `configs`, on the same responses. The anchor, and the seed of the intervals, are those of
    /// the first; the columns are the languages of all.
    pub fn new(index: &'a PromptIndex<'a>, configs: &'a [SessionConfig]) -> Self {
        let mut languages: Vec<Language> = Vec::new();
        for language in configs.iter().flat_map(|config| &config.languages) {
            if !languages.contains(language) {
                languages.push(language.clone());
            }
        }
        let default = SessionConfig::default();
        let first = configs.first().unwrap_or(&default);
        let n = configs.len();
        let tally = || MethodTally {
            cells: vec![CellTally::default(); 1 + languages.len()],
            ..MethodTally::default()
        };
        let n_rates = n * n_method_rates(languages.len()) + 1 + languages.len();
        Self {
            index,
            configs,
            selectors: configs.iter().map(|config| Selector::new(index, config)).collect(),
            gold: Gold::new(index.material.prompts, &first.anchor),
            tallies: configs.iter().map(|_| tally()).collect(),
            answers: AnswerTally::new(&languages),
            agreements: (0..n).flat_map(|i| (i + 1..n).map(move |j| agreement::Tally::new(i, j))).collect(),
            bootstrap: Bootstrap::new(n_rates, first.seed),
            languages,
            n_done: 0,
        }
    }

    /// Steps from beginning to end.
    pub fn n_steps(&self) -> usize {
        let has_gold = self.gold.n_prompts() > 0 && !self.configs.is_empty();
        self.index.material.prompts.len() + if has_gold { N_RESAMPLES as usize } else { 0 }
    }

    /// Steps done.
    pub fn n_done(&self) -> usize {
        self.n_done
    }

    /// Does one step; false when none is left.
    pub fn step(&mut self) -> bool {
        if self.n_done < self.index.material.prompts.len() {
            self.add_prompt(self.n_done);
        } else if self.n_done < self.n_steps() {
            self.bootstrap.resample();
        } else {
            return false;
        }
        self.n_done += 1;
        self.n_done < self.n_steps()
    }

    /// The table of what was done so far; all of it once [`Self::step`] has said false.
    pub fn finish(self) -> ComparisonTable {
        let rates = self.bootstrap.rates();
        let n_languages = self.languages.len();
        let per_method = n_method_rates(n_languages);
        let row = |(m, tally): (usize, MethodTally)| {
            let rates = &rates[m * per_method..];
            let mut cells = (tally.cells.into_iter().enumerate())
                .map(|(i, cell)| cell.finish(PairQuality::from_rates(&rates[i * PairQuality::N_RATES..])));
            MethodRow {
                method: self.configs[m].method,
                all: cells.next().unwrap_or_default(),
                languages: cells.collect(),
                reference_right: rates[per_method - 1],
                selection: tally.selection,
                verdicts: tally.verdicts,
            }
        };
        let methods = self.tallies.into_iter().enumerate().map(row).collect();
        let of_responses = &rates[self.configs.len() * per_method..];
        let anchor = self.configs.first().map(|config| &config.anchor);
        ComparisonTable {
            n_gold: self.gold.n_prompts() as u32,
            unread_gold: self.gold.unread,
            methods,
            agreements: self.agreements.into_iter().map(agreement::Tally::finish).collect(),
            responses: response_quality(of_responses, &self.languages, anchor, self.answers),
            languages: self.languages,
        }
    }

    fn add_prompt(&mut self, prompt_idx: usize) {
        let material = self.index.of(&self.index.material.prompts[prompt_idx]);
        let rights = self.gold.judge(&self.index.material.prompts[prompt_idx].id, &material.responses);
        self.answers.add(material);
        let mut counts = Vec::new();
        let mut picked: Vec<Vec<Pair>> = Vec::new();
        for (m, selector) in self.selectors.iter().enumerate() {
            let (reference, pairs) = selector.pick(prompt_idx);
            let tally = &mut self.tallies[m];
            let verdict = |pair: &Pair| rights.as_ref().and_then(|rights| rights.verdict(pair));
            let verdicts: Vec<Option<Verdict>> = pairs.iter().map(verdict).collect();
            let mut of_method = vec![[0; 2]; n_method_rates(self.languages.len())];
            for (pair, verdict) in pairs.iter().zip(&verdicts) {
                let is_asked = self.configs[m].anchor_pairs || pair.language != self.configs[m].anchor;
                let language = self.languages.iter().position(|l| *l == pair.language).map(|i| 1 + i);
                for group in [Some(0), language].into_iter().flatten() {
                    tally.cells[group].add(pair, is_asked);
                    if is_asked {
                        PairQuality::count(&mut of_method[group * PairQuality::N_RATES..], *verdict);
                    }
                }
            }
            if let (Some(sample), Some(rights), Some(last)) =
                (reference.sample, &rights, of_method.last_mut())
            {
                *last = [u32::from(rights.is_right(&reference.language, sample)), 1];
            }
            counts.extend(of_method);
            tally.verdicts.extend(verdicts);
            tally.selection.references.push(reference);
            picked.push(pairs.clone());
            tally.selection.pairs.extend(pairs);
        }
        for agreement in &mut self.agreements {
            agreement.add(prompt_idx, &picked, material, &self.languages);
        }
        if let Some(rights) = rights {
            counts.extend(self.count_responses(&rights));
            self.bootstrap.add_prompt(&counts);
        }
    }

    /// Right samples: of the anchor, then of each language.
    fn count_responses(&self, rights: &Rights<'_>) -> Vec<[u32; 2]> {
        let mut counts = vec![[0; 2]; 1 + self.languages.len()];
        for (language, is_right) in &rights.candidates {
            let is_anchor = self.configs.first().is_some_and(|config| config.anchor == **language);
            let place = self.languages.iter().position(|l| l == *language).map(|i| 1 + i);
            for place in [is_anchor.then_some(0), place].into_iter().flatten() {
                counts[place][0] += u32::from(*is_right);
                counts[place][1] += 1;
            }
        }
        counts
    }
}

/// All and each language, then the references.
fn n_method_rates(n_languages: usize) -> usize {
    (1 + n_languages) * PairQuality::N_RATES + 1
}

fn response_quality(
    rates: &[Rate],
    languages: &[Language],
    anchor: Option<&Language>,
    answers: AnswerTally,
) -> ResponseQuality {
    let accuracy: Vec<Rate> = rates.iter().skip(1).copied().collect();
    let by_language: Vec<(Language, Option<f64>)> =
        languages.iter().cloned().zip(accuracy.iter().map(|rate| rate.share)).collect();
    let shares: Vec<f64> = by_language.iter().filter_map(|(_, share)| *share).collect();
    ResponseQuality {
        single_right: rates.first().copied().unwrap_or_default(),
        average: average(&shares),
        variance: variance(&shares),
        non_anchor_gap: anchor.and_then(|anchor| non_anchor_gap(&by_language, anchor)),
        agreement: answers.finish(),
        accuracy,
    }
}

impl ComparisonCell {
    /// Whether it has no pair because the method asks for what was never measured: its numbers would say nothing.
    pub fn is_unmeasured(&self) -> bool {
        self.coverage.part == 0 && self.skips.iter().any(|(skip, _)| is_unmeasured(*skip))
    }
}

/// Whether a row has no pair for want of what a model was to say of it.
fn is_unmeasured(skip: SkipReason) -> bool {
    matches!(skip, SkipReason::NotMeasured | SkipReason::NoTranslation | SkipReason::NotEmbedded)
}

impl CellTally {
    fn add(&mut self, pair: &Pair, is_asked: bool) {
        if is_asked {
            self.coverage.count(pair.skip.is_none());
        }
        match pair.skip {
            Some(skip) => match self.skips.iter_mut().find(|(known, _)| *known == skip) {
                Some((_, n)) => *n += 1,
                None => self.skips.push((skip, 1)),
            },
            None => {
                if let Some(margin) = pair.margin {
                    self.margin_sum += f64::from(margin);
                    self.n_margins += 1;
                }
            }
        }
    }

    fn finish(mut self, quality: PairQuality) -> ComparisonCell {
        self.skips.order_by_key(|(_, n)| std::cmp::Reverse(*n));
        ComparisonCell {
            quality,
            coverage: self.coverage,
            mean_margin: (self.n_margins > 0).then(|| self.margin_sum / f64::from(self.n_margins)),
            skips: self.skips,
        }
    }
}

#[cfg(test)]
mod tests;
