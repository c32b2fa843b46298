//! How good a pair set is, judged by gold answers (methods §6). Only prompts with a gold answer count.
//!
//! A response is right if its answer is the same exact value as the gold answer; one without an answer is wrong. Every
//! rate is a share in 0..=1, `None` where nothing was counted. Gold answers that cannot be read are listed, never
//! silently dropped. Intervals come from resampled prompts ([`Bootstrap`]); a page does that a few at a time.

mod bootstrap;
mod gold;
mod rate;

use serde::{Deserialize, Serialize};

use super::bands::{band_of, equal_count_bands};
use super::{Material, PromptIndex};
use crate::data::{Language, Measurements, Pair, Prompt, Reference, Response, Session, SessionConfig};

pub use bootstrap::Bootstrap;
pub(super) use bootstrap::percentile;
pub(super) use gold::{Gold, Rights};
pub use gold::{UnreadGold, Verdict};
pub use rate::{Interval, Rate};

/// Margin bands of an evaluation.
const N_BANDS: usize = 10;

/// How good the pairs of a group of rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairQuality {
    /// Pairs whose chosen response is right.
    pub chosen_right: Rate,
    /// Pairs whose rejected response is wrong.
    pub rejected_wrong: Rate,
    /// Pairs with both.
    pub right_over_wrong: Rate,
    /// Rows (prompt and language; the anchor only with anchor pairs) that have a pair.
    pub coverage: Rate,
}

impl PairQuality {
    /// Rates of a group.
    pub(super) const N_RATES: usize = 4;

    /// From its rates in the order of the fields.
    pub(super) fn from_rates(rates: &[Rate]) -> Self {
        let at = |i: usize| rates.get(i).copied().unwrap_or_default();
        Self { chosen_right: at(0), rejected_wrong: at(1), right_over_wrong: at(2), coverage: at(3) }
    }

    /// Adds a row to the part and whole of its rates.
    pub(super) fn count(counts: &mut [[u32; 2]], verdict: Option<Verdict>) {
        let mut add = |i: usize, is_so: bool| {
            counts[i][0] += u32::from(is_so);
            counts[i][1] += 1;
        };
        add(3, verdict.is_some());
        if let Some(Verdict { chosen_right, rejected_wrong }) = verdict {
            add(0, chosen_right);
            add(1, rejected_wrong);
            add(2, chosen_right && rejected_wrong);
        }
    }
}

/// The judgement of one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LanguageQuality {
    /// Which.
    pub language: Language,
    /// Responses that are right, over all samples; with one greedy response a prompt, the greedy accuracy.
    pub accuracy: Rate,
    /// Its pairs.
    pub pairs: PairQuality,
}

/// The judgement of the pairs of a margin band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BandQuality {
    /// Lowest margin, included.
    pub low: f32,
    /// Highest margin, included.
    pub high: f32,
    /// Its pairs; a band holds nothing but pairs, so its coverage is 1.
    pub pairs: PairQuality,
}

/// The judgement of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Prompts with a gold answer that is a number.
    pub n_prompts: u32,
    /// In the order of the settings.
    pub languages: Vec<LanguageQuality>,
    /// All pairs.
    pub pairs: PairQuality,
    /// Pairs by margin, lowest first, in bands of equal counts.
    pub bands: Vec<BandQuality>,
    /// Non-anchor rows whose samples hold both right and wrong responses.
    pub mixed_rows: Rate,
    /// References with the right answer.
    pub reference_right: Rate,
    /// Anchor responses that are right: what a single random sample would reach as the reference.
    pub single_right: Rate,
    /// Gold answers that are no number, so that their prompts were not judged.
    pub unread_gold: Vec<UnreadGold>,
}

/// Judges a session as the method left it.
pub fn evaluate(session: &Session) -> Evaluation {
    evaluate_parts(&session.prompts, &session.responses, &session.references, &session.pairs, &session.config)
}

/// Judges what a method picked from these responses.
pub fn evaluate_parts(
    prompts: &[Prompt],
    responses: &[Response],
    references: &[Reference],
    pairs: &[Pair],
    config: &SessionConfig,
) -> Evaluation {
    Evaluating::new(prompts, responses, references, pairs, config, 0).finish()
}

/// A judgement whose intervals come resample by resample: made once, [`Evaluating::resample`] as often as one likes
/// (1,000 times is usual), then finished.
#[derive(Clone, Debug)]
pub struct Evaluating {
    layout: Layout,
    n_prompts: u32,
    unread_gold: Vec<UnreadGold>,
    bootstrap: Bootstrap,
}

impl Evaluating {
    /// Counts everything; the seed decides which prompts the resamples draw.
    pub fn new(
        prompts: &[Prompt],
        responses: &[Response],
        references: &[Reference],
        pairs: &[Pair],
        config: &SessionConfig,
        seed: u32,
    ) -> Self {
        let measurements = Measurements::default();
        let index =
            PromptIndex::new(Material { prompts, responses, similarities: &[], measurements: &measurements });
        let gold = Gold::new(prompts, &config.anchor);
        let asked = |p: &&Pair| config.anchor_pairs || p.language != config.anchor;
        let mut parts: Vec<(Option<Rights<'_>>, Vec<&Reference>, Vec<&Pair>)> = prompts
            .iter()
            .map(|prompt| (gold.judge(&prompt.id, &index.of(prompt).responses), Vec::new(), Vec::new()))
            .collect();
        let place = |id: &str| index.place(id);
        for reference in references {
            place(&reference.prompt_id).into_iter().for_each(|i| parts[i].1.push(reference));
        }
        for pair in pairs.iter().filter(asked) {
            place(&pair.prompt_id).into_iter().for_each(|i| parts[i].2.push(pair));
        }
        parts.retain(|(rights, ..)| rights.is_some());
        let picked = parts.iter().flat_map(|(.., pairs)| pairs).filter(|p| p.chosen.is_some());
        let layout = Layout {
            anchor: config.anchor.clone(),
            languages: config.languages.clone(),
            bands: equal_count_bands(picked.filter_map(|p| p.margin).collect(), N_BANDS),
        };
        let mut bootstrap = Bootstrap::new(layout.n_rates(), seed);
        for (rights, references, pairs) in &parts {
            let counted = rights.iter().map(|rights| layout.count(rights, references, pairs));
            counted.for_each(|counts| bootstrap.add_prompt(&counts));
        }
        Self { layout, n_prompts: parts.len() as u32, unread_gold: gold.unread, bootstrap }
    }

    /// One more resample, for the intervals.
    pub fn resample(&mut self) {
        self.bootstrap.resample();
    }

    /// The judgement.
    pub fn finish(self) -> Evaluation {
        let rates = self.bootstrap.rates();
        let layout = self.layout;
        let group = |i: usize| PairQuality::from_rates(&rates[i * PairQuality::N_RATES..]);
        let (n_languages, first_other) = (layout.languages.len(), layout.first_other());
        let bands = layout.bands.iter().enumerate();
        let bands =
            bands.map(|(i, &(low, high))| BandQuality { low, high, pairs: group(1 + n_languages + i) });
        Evaluation {
            n_prompts: self.n_prompts,
            pairs: group(0),
            bands: bands.collect(),
            mixed_rows: rates[first_other],
            reference_right: rates[first_other + 1],
            single_right: rates[first_other + 2],
            languages: (layout.languages.into_iter().enumerate())
                .map(|(i, language)| LanguageQuality {
                    language,
                    accuracy: rates[first_other + 3 + i],
                    pairs: group(1 + i),
                })
                .collect(),
            unread_gold: self.unread_gold,
        }
    }
}

/// Which rate stands where: the groups of pairs (all, by language, by band), then mixed rows, references, single
/// samples, then the accuracy of each language.
#[derive(Clone, Debug)]
struct Layout {
    anchor: Language,
    languages: Vec<Language>,
    bands: Vec<(f32, f32)>,
}

impl Layout {
    fn first_other(&self) -> usize {
        (1 + self.languages.len() + self.bands.len()) * PairQuality::N_RATES
    }

    fn n_rates(&self) -> usize {
        self.first_other() + 3 + self.languages.len()
    }

    fn place(&self, language: &Language) -> Option<usize> {
        self.languages.iter().position(|l| l == language)
    }

    /// Part and whole of every rate in one prompt.
    fn count(&self, rights: &Rights<'_>, references: &[&Reference], pairs: &[&Pair]) -> Vec<[u32; 2]> {
        let mut counts = vec![[0; 2]; self.n_rates()];
        let mut add = |place: usize, is_so: bool| {
            counts[place][0] += u32::from(is_so);
            counts[place][1] += 1;
        };
        let other = self.first_other();
        let mut seen: Vec<(&Language, [bool; 2])> = Vec::new();
        for &(language, is_right) in &rights.candidates {
            self.place(language).into_iter().for_each(|i| add(other + 3 + i, is_right));
            if *language == self.anchor {
                add(other + 2, is_right);
            } else {
                let row = seen.iter().position(|(l, _)| *l == language).unwrap_or_else(|| {
                    seen.push((language, [false; 2]));
                    seen.len() - 1
                });
                seen[row].1[usize::from(is_right)] = true;
            }
        }
        seen.iter().for_each(|(_, [wrong, right])| add(other, *wrong && *right));
        for reference in references {
            let sample = reference.sample.into_iter();
            sample.for_each(|s| add(other + 1, rights.is_right(&reference.language, s)));
        }
        for pair in pairs {
            let verdict = rights.verdict(pair);
            let language = self.place(&pair.language).map(|i| 1 + i);
            let band = pair.margin.filter(|_| verdict.is_some()).and_then(|m| band_of(&self.bands, m));
            let band = band.map(|i| 1 + self.languages.len() + i);
            for group in [Some(0), language, band].into_iter().flatten() {
                PairQuality::count(&mut counts[group * PairQuality::N_RATES..], verdict);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests;
