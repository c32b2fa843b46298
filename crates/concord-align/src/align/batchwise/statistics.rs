//! What is in the batches: rows, groups, languages and tokens, by batch and by optimiser step.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{BatchItem, Batches};
use crate::data::Language;

/// What one batch, or one optimiser step, holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchCounts {
    /// Rows.
    pub n_rows: u32,
    /// Prompts of which it has at least one row.
    pub n_groups: u32,
    /// Prompts of which it has at least two languages: only those align anything within the step.
    pub n_aligned_groups: u32,
    /// Languages.
    pub n_languages: u32,
    /// Tokens of the responses.
    pub n_tokens: u32,
}

/// What all batches hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchStatistics {
    /// In the order of the batches.
    pub batches: Vec<BatchCounts>,
    /// In the order of the optimiser steps.
    pub steps: Vec<BatchCounts>,
    /// Rows of each language over all epochs, in the order of [`Batches::languages`].
    pub rows_by_language: Vec<(Language, u32)>,
    /// Optimiser steps that see every language.
    pub n_steps_with_all: u32,
    /// Mean number of languages in an optimiser step.
    pub mean_languages: Option<f64>,
    /// Groups whose rows lie in more than one optimiser step of an epoch, summed over the epochs; 0 unless random.
    pub n_split_groups: u32,
    /// Items in no batch.
    pub n_remainder: u32,
}

impl Batches {
    /// Counts them; `items` are those that were composed.
    pub fn statistics(&self, items: &[BatchItem]) -> BatchStatistics {
        let mut by_step: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut steps_of_group: BTreeMap<(u32, u32), BTreeSet<u32>> = BTreeMap::new();
        for batch in &self.batches {
            by_step.entry(batch.step).or_default().extend(&batch.items);
            for &item in &batch.items {
                let group = (batch.epoch, self.group_of[item as usize]);
                steps_of_group.entry(group).or_default().insert(batch.step);
            }
        }
        let steps: Vec<BatchCounts> = by_step.values().map(|members| self.count(members, items)).collect();
        let n_all = self.languages.len() as u32;
        let members = || self.batches.iter().flat_map(|batch| &batch.items);
        let rows_of = |language: &Language| {
            members().filter(|&&item| items[item as usize].language == *language).count() as u32
        };
        let languages_seen: u32 = steps.iter().map(|step| step.n_languages).sum();
        BatchStatistics {
            batches: self.batches.iter().map(|batch| self.count(&batch.items, items)).collect(),
            rows_by_language: self.languages.iter().map(|l| (l.clone(), rows_of(l))).collect(),
            n_steps_with_all: steps.iter().filter(|step| step.n_languages == n_all).count() as u32,
            mean_languages: (!steps.is_empty()).then(|| f64::from(languages_seen) / steps.len() as f64),
            n_split_groups: steps_of_group.values().filter(|steps| steps.len() > 1).count() as u32,
            n_remainder: self.remainder.len() as u32,
            steps,
        }
    }

    fn count(&self, members: &[u32], items: &[BatchItem]) -> BatchCounts {
        let mut groups: BTreeMap<u32, BTreeSet<&Language>> = BTreeMap::new();
        let mut n_tokens = 0_u32;
        for &member in members {
            let item = &items[member as usize];
            groups.entry(self.group_of[member as usize]).or_default().insert(&item.language);
            n_tokens = n_tokens.saturating_add(item.n_tokens);
        }
        BatchCounts {
            n_rows: members.len() as u32,
            n_groups: groups.len() as u32,
            n_aligned_groups: groups.values().filter(|languages| languages.len() > 1).count() as u32,
            n_languages: groups.values().flatten().collect::<BTreeSet<_>>().len() as u32,
            n_tokens,
        }
    }
}
