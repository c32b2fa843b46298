//! How far two methods pick the same: Cohen's kappa over candidates, and the overlap of their pairs.

use serde::{Deserialize, Serialize};

use super::is_unmeasured;
use crate::align::PromptMaterial;
use crate::align::evaluate::Rate;
use crate::align::raters::{PairTable, Weights};
use crate::data::{FinishReason, Language, Pair};

/// A row that two methods treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferingRow {
    /// Place of the prompt in the set.
    pub prompt: u32,
    /// Place of the language in the table.
    pub language: u32,
}

/// How far two methods pick the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodAgreement {
    /// Place of the one in the table.
    pub first: u32,
    /// Place of the other.
    pub second: u32,
    /// Cohen's kappa (**ours**: what is labelled): in each row where at least one of the two has a pair, both label every
    /// candidate chosen, rejected or neither; a translation that one of them picked is a candidate there too.
    /// 1 is full agreement, 0 what chance would give, below 0 less than that. `None` where nothing was labelled, or where
    /// chance alone would agree on everything ([`PairTable::kappa`]).
    pub kappa: Option<f64>,
    /// Candidates labelled.
    pub n_candidates: u32,
    /// Rows that one method has a pair for and the other could not judge, because it was not measured there. They count
    /// nowhere else here.
    #[serde(default)]
    pub n_unmeasured: u32,
    /// Of the rows where both have a pair: the same response is chosen.
    pub same_chosen: Rate,
    /// The same response is rejected.
    pub same_rejected: Rate,
    /// Both are the same.
    pub same_pair: Rate,
    /// Jaccard overlap of the two sets of pairs over the same rows: `same / (2 n - same)`.
    pub jaccard: Option<f64>,
    /// Rows where the picks differ, one of them having no pair included.
    pub differing: Vec<DifferingRow>,
}

/// Adds up an agreement prompt by prompt.
#[derive(Debug)]
pub(super) struct Tally {
    first: usize,
    second: usize,
    /// `[label of the first][label of the second]`: neither, chosen, rejected.
    labels: [[u32; 3]; 3],
    n_unmeasured: u32,
    same_chosen: Rate,
    same_rejected: Rate,
    same_pair: Rate,
    differing: Vec<DifferingRow>,
}

impl Tally {
    pub(super) fn new(first: usize, second: usize) -> Self {
        let (same_chosen, same_rejected, same_pair) = Default::default();
        Self {
            first,
            second,
            labels: [[0; 3]; 3],
            n_unmeasured: 0,
            same_chosen,
            same_rejected,
            same_pair,
            differing: Vec::new(),
        }
    }

    /// Adds the rows of a prompt; `picked` are the pairs of all methods.
    pub(super) fn add(
        &mut self,
        prompt_idx: usize,
        picked: &[Vec<Pair>],
        material: &PromptMaterial<'_>,
        languages: &[Language],
    ) {
        for a in &picked[self.first] {
            let Some(b) = picked[self.second].iter().find(|b| b.language == a.language) else { continue };
            let (pick_a, pick_b) = (a.chosen.zip(a.rejected), b.chosen.zip(b.rejected));
            if pick_a.is_none() && pick_b.is_none() {
                continue;
            }
            if a.skip.or(b.skip).is_some_and(is_unmeasured) {
                self.n_unmeasured += 1;
                continue;
            }
            for r in &material.responses {
                let is_picked = [pick_a, pick_b]
                    .iter()
                    .flatten()
                    .any(|(chosen, rejected)| r.sample == *chosen || r.sample == *rejected);
                let is_candidate = r.is_candidate() || is_picked;
                if r.language == a.language && is_candidate && r.finish_reason != FinishReason::Cancelled {
                    self.labels[label(pick_a, r.sample)][label(pick_b, r.sample)] += 1;
                }
            }
            if let (Some(a), Some(b)) = (pick_a, pick_b) {
                self.same_chosen.count(a.0 == b.0);
                self.same_rejected.count(a.1 == b.1);
                self.same_pair.count(a == b);
            }
            if let Some(language) =
                languages.iter().position(|l| *l == a.language).filter(|_| pick_a != pick_b)
            {
                self.differing.push(DifferingRow { prompt: prompt_idx as u32, language: language as u32 });
            }
        }
    }

    pub(super) fn finish(self) -> MethodAgreement {
        let (same, n) = (f64::from(self.same_pair.part), f64::from(self.same_pair.whole));
        MethodAgreement {
            first: self.first as u32,
            second: self.second as u32,
            kappa: PairTable::of(&self.labels).kappa(Weights::Equal),
            n_unmeasured: self.n_unmeasured,
            n_candidates: self.labels.iter().flatten().sum(),
            same_chosen: self.same_chosen,
            same_rejected: self.same_rejected,
            same_pair: self.same_pair,
            jaccard: (n > 0.0).then(|| same / (2.0 * n - same)),
            differing: self.differing,
        }
    }
}

fn label(pick: Option<(u32, u32)>, sample: u32) -> usize {
    match pick {
        Some((chosen, _)) if chosen == sample => 1,
        Some((_, rejected)) if rejected == sample => 2,
        _ => 0,
    }
}
