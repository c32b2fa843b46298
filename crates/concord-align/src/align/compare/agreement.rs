//! How far two methods pick the same: Cohen's kappa over candidates, and the overlap of their pairs.

use serde::{Deserialize, Serialize};

use crate::align::PromptMaterial;
use crate::align::evaluate::Rate;
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
    /// `kappa = (p_o - p_e) / (1 - p_e)`; 1 is full agreement, 0 what chance would give, below 0 less than that.
    /// `None` where nothing was labelled, or where chance alone would agree on everything.
    pub kappa: Option<f64>,
    /// Candidates labelled.
    pub n_candidates: u32,
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
            kappa: kappa(&self.labels),
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

/// Cohen's kappa of a table of labels.
fn kappa(labels: &[[u32; 3]; 3]) -> Option<f64> {
    let n = f64::from(labels.iter().flatten().sum::<u32>());
    let row = |i: usize| f64::from(labels[i].iter().sum::<u32>());
    let column = |i: usize| f64::from(labels.iter().map(|row| row[i]).sum::<u32>());
    let observed: f64 = (0..3).map(|i| f64::from(labels[i][i])).sum::<f64>() * n;
    let expected: f64 = (0..3).map(|i| row(i) * column(i)).sum();
    // Whole numbers below 2^53, so the comparison is exact.
    (n * n > expected).then(|| (observed - expected) / (n * n - expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_by_hand() {
        for (labels, wanted) in [
            ([[0; 3]; 3], None),
            ([[4, 0, 0], [0, 0, 0], [0, 0, 0]], None),
            ([[2, 0, 0], [0, 1, 0], [0, 0, 1]], Some(1.0)),
            // The textbook case of two labels: 20 + 15 of 50 agree, chance is 0.5.
            ([[20, 5, 0], [10, 15, 0], [0, 0, 0]], Some(0.4)),
            ([[0, 1, 1], [1, 0, 0], [1, 0, 0]], Some(-0.6)),
        ] {
            match (kappa(&labels), wanted) {
                (Some(got), Some(wanted)) => assert!((got - wanted).abs() < 1e-12, "{labels:?}: {got}"),
                (got, wanted) => assert_eq!(got, wanted, "{labels:?}"),
            }
        }
    }
}
