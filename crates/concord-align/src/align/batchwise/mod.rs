//! Batch-wise alignment (arXiv 2509.23659): training batches that hold the same prompts in several languages.
//!
//! No new loss: a **group** is the pairs of one prompt in all its languages, a batch is whole groups, and so one
//! optimiser step sees an item in every language, the anchor among them. Over a whole epoch the objective is that of
//! ordinary multilingual training; only which gradients meet in one step changes. The paper's baselines are groups
//! without the anchor, and batches at random.

mod statistics;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::random::SplitMix64;
use crate::data::{BatchPlan, BatchedRow, ExportRow, InOrder, Language, Response, Session, TextFinder};

pub use statistics::{BatchCounts, BatchStatistics};

/// What a batch is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Composition {
    /// Whole groups with the anchor in each ("English-included").
    #[default]
    AnchorIncluded,
    /// Whole groups of the other languages ("English-excluded"): a baseline.
    AnchorExcluded,
    /// Rows in random order, groups split: a baseline.
    Random,
}

impl Composition {
    /// Every composition, the default first.
    pub const ALL: [Self; 3] = [Self::AnchorIncluded, Self::AnchorExcluded, Self::Random];

    /// Its name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnchorIncluded => "anchor-included",
            Self::AnchorExcluded => "anchor-excluded",
            Self::Random => "random",
        }
    }

    /// What it is, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AnchorIncluded => {
                "Whole groups, the anchor's pair in each (\"English-included\" in the paper)."
            }
            Self::AnchorExcluded => {
                "Whole groups of the other languages (\"English-excluded\" in the paper): a baseline."
            }
            Self::Random => "Rows in random order, groups split: a baseline.",
        }
    }
}

/// How batches are composed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BatchSettings {
    /// What a batch is made of.
    pub composition: Composition,
    /// `G`, groups in a batch, at least 1; a random batch holds as many rows as `G` complete groups.
    pub groups_per_batch: u32,
    /// Batches whose gradients are added before the optimiser steps, at least 1.
    pub batches_per_step: u32,
    /// Epochs written out, each in its own order, at least 1.
    pub n_epochs: u32,
    /// Seed of the shuffles.
    pub seed: u32,
    /// Leave groups without all languages in the remainder, so that every full batch has the same number of rows and a
    /// trainer that knows only a batch size keeps the groups whole (**ours**).
    pub complete_groups_only: bool,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self {
            composition: Composition::AnchorIncluded,
            groups_per_batch: 2,
            batches_per_step: 1,
            n_epochs: 1,
            seed: 1,
            complete_groups_only: false,
        }
    }
}

/// A pair to be put in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItem {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// Its language, by the canonical tag.
    pub language: Language,
    /// Tokens of the chosen and the rejected response together; those of the prompt are not counted.
    pub n_tokens: u32,
}

impl BatchItem {
    /// Items of rows that curation lets through, in their order.
    pub fn of_rows(session: &Session, rows: &[ExportRow]) -> Vec<Self> {
        let finder = TextFinder::new(session);
        let n_tokens = |response: Option<&Response>| response.map_or(0, |found| found.tokens.len() as u32);
        let item = |row: &ExportRow| {
            let side = |sample| n_tokens(finder.response(row, sample));
            Self {
                prompt_id: row.prompt_id.clone(),
                language: row.language.clone(),
                n_tokens: side(row.chosen) + side(row.rejected),
            }
        };
        rows.iter().map(item).collect()
    }
}

/// Why a pair is in no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemainderReason {
    /// Its prompt has no pair in the anchor language; anchor pairs are a setting of the run.
    NoAnchorPair,
    /// Its prompt has a pair in no other language.
    OneLanguage,
    /// It is the anchor's own, and the composition excludes the anchor.
    AnchorExcluded,
    /// Its group has not all languages, and only complete groups were asked for.
    Incomplete,
}

/// A pair that is in no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemainderItem {
    /// Place in the items.
    pub item: u32,
    /// Why.
    pub reason: RemainderReason,
}

/// One batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Epoch, from 0.
    pub epoch: u32,
    /// Optimiser step it belongs to, from 0, counted on through the epochs.
    pub step: u32,
    /// Places in the items, group by group and in a group by language tag.
    pub items: Vec<u32>,
}

/// The batches of all epochs in training order, and what is in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batches {
    /// How they were composed.
    pub settings: BatchSettings,
    /// Languages of the batched pairs, by tag.
    pub languages: Vec<Language>,
    /// `B`, rows of a full batch of complete groups: `G` times the number of languages.
    pub batch_size: u32,
    /// In training order.
    pub batches: Vec<Batch>,
    /// Place of each item's prompt among all prompts, by id: the group it belongs to.
    pub group_of: Vec<u32>,
    /// Items that are in no batch, each with its reason, in their order.
    pub remainder: Vec<RemainderItem>,
}

/// Composes batches. The order of `items` changes nothing but the places by which they are named.
///
/// Groups that have at least two languages (and, with the anchor included, the anchor) are kept though incomplete;
/// others go to the remainder. No group is split over two batches; the last batch of an epoch may hold fewer. Every
/// epoch is shuffled again, all by one generator.
pub fn compose(items: &[BatchItem], anchor: &Language, settings: &BatchSettings) -> Batches {
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        groups.entry(&item.prompt_id).or_default().push(place as u32);
    }
    let mut group_of = vec![0; items.len()];
    for (group, members) in groups.values_mut().enumerate() {
        members.order_by_key(|&item| (&items[item as usize].language, item));
        members.iter().for_each(|&item| group_of[item as usize] = group as u32);
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    let remainder = set_aside(&mut groups, items, anchor, settings);
    let batched: BTreeSet<&Language> =
        groups.iter().flatten().map(|&item| &items[item as usize].language).collect();
    let languages: Vec<Language> = batched.into_iter().cloned().collect();
    let batch_size = settings.groups_per_batch.max(1).saturating_mul(languages.len() as u32);
    let units = match settings.composition {
        Composition::Random => groups.into_iter().flatten().map(|item| vec![item]).collect(),
        _ => groups,
    };
    let units_per_batch = match settings.composition {
        Composition::Random => batch_size,
        _ => settings.groups_per_batch,
    };
    let batches = epochs(units, units_per_batch.max(1) as usize, settings);
    Batches { settings: settings.clone(), languages, batch_size, batches, group_of, remainder }
}

/// Takes out of the groups what belongs in no batch.
fn set_aside(
    groups: &mut Vec<Vec<u32>>,
    items: &[BatchItem],
    anchor: &Language,
    settings: &BatchSettings,
) -> Vec<RemainderItem> {
    let mut remainder: Vec<RemainderItem> = Vec::new();
    if settings.composition == Composition::Random {
        return remainder;
    }
    let language = |item: &u32| &items[*item as usize].language;
    let mut put = |item: u32, reason| remainder.push(RemainderItem { item, reason });
    if settings.composition == Composition::AnchorExcluded {
        for group in groups.iter_mut() {
            group
                .iter()
                .filter(|i| language(i) == anchor)
                .for_each(|&i| put(i, RemainderReason::AnchorExcluded));
            group.retain(|i| language(i) != anchor);
        }
    }
    let n_languages = |group: &[u32]| group.iter().map(language).collect::<BTreeSet<_>>().len();
    let needs_anchor = settings.composition == Composition::AnchorIncluded;
    groups.retain(|group| {
        let lacks_anchor = needs_anchor && !group.iter().any(|i| language(i) == anchor);
        let reason = match n_languages(group) {
            0 => return false,
            _ if lacks_anchor => RemainderReason::NoAnchorPair,
            1 => RemainderReason::OneLanguage,
            _ => return true,
        };
        group.iter().for_each(|&item| put(item, reason));
        false
    });
    if settings.complete_groups_only {
        let all = n_languages(&groups.concat());
        groups.retain(|group| {
            // A prompt that has two pairs in a language would make a batch too long.
            let is_complete = n_languages(group) == all && group.len() == all;
            if !is_complete {
                group.iter().for_each(|&item| put(item, RemainderReason::Incomplete));
            }
            is_complete
        });
    }
    remainder.order_by_key(|item| item.item);
    remainder
}

fn epochs(units: Vec<Vec<u32>>, units_per_batch: usize, settings: &BatchSettings) -> Vec<Batch> {
    let mut random = SplitMix64::new(u64::from(settings.seed));
    let mut batches = Vec::new();
    let mut first_step = 0;
    for epoch in 0..settings.n_epochs.max(1) {
        // Each epoch starts from the same order, so that an epoch is its place in the generator and nothing else.
        let mut shuffled = units.clone();
        random.shuffle(&mut shuffled);
        let steps =
            shuffled.chunks(units_per_batch.saturating_mul(settings.batches_per_step.max(1) as usize));
        for units in steps {
            let of_step = units.chunks(units_per_batch);
            batches.extend(of_step.map(|units| Batch { epoch, step: first_step, items: units.concat() }));
            first_step += 1;
        }
    }
    batches
}

impl Batches {
    /// What is to be said of them beside their rows.
    pub fn plan(&self) -> BatchPlan {
        BatchPlan {
            composition: self.settings.composition.sentence().to_owned(),
            batch_size: self.batch_size,
            batches_per_step: self.settings.batches_per_step,
            n_epochs: self.settings.n_epochs,
            seed: self.settings.seed,
            has_one_size: self.has_one_size(),
        }
    }

    /// The rows in training order, for the export: `rows` are those the items were made of.
    pub fn batched_rows(&self, rows: &[ExportRow]) -> Vec<BatchedRow> {
        let batches = self.batches.iter().enumerate();
        let rows = batches.flat_map(|(i, batch)| {
            batch.items.iter().filter_map(move |&item| {
                Some(BatchedRow {
                    row: rows.get(item as usize)?.clone(),
                    epoch: batch.epoch,
                    step: batch.step,
                    batch: i as u32,
                    group: self.group_of[item as usize],
                })
            })
        });
        rows.collect()
    }

    /// Whether every batch but the last of an epoch has [`Self::batch_size`] rows, so that a trainer that knows only a
    /// batch size cuts the file where the batches end.
    pub fn has_one_size(&self) -> bool {
        let size = self.batch_size as usize;
        let is_last =
            |i: usize| self.batches.get(i + 1).is_none_or(|next| next.epoch != self.batches[i].epoch);
        let n_epochs = self.batches.last().map_or(1, |batch| batch.epoch + 1);
        (self.batches.iter().enumerate()).all(|(i, batch)| {
            // In the middle of the file even the last batch of an epoch must be full.
            let may_be_short = is_last(i) && batch.epoch + 1 == n_epochs;
            batch.items.len() == size || (may_be_short && batch.items.len() < size)
        })
    }
}

#[cfg(test)]
mod tests;
