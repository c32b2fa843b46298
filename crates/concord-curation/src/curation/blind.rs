//! Judging without knowing: the order in which responses are shown, and which rows to show a second time.

use std::collections::HashSet;

use super::{Candidate, Cell, Desk, Row};
use crate::align::random::{SplitMix64, draw};
use crate::data::{InOrder, Language};

/// One decided row in so many is shown again.
const REPEAT_ONE_IN: usize = 10;

/// From how many shuffles one is drawn: a number that WebAssembly can count to as well.
const N_ORDERS: usize = 1 << 31;

/// The order in which the samples of a row are shown, whatever their score: the same on every machine, and for the same
/// samples in whatever order they are given: ascending, then shuffled by SplitMix64 from a seed below 2^31 that is drawn
/// ([`draw`]) for the seed, `blind`, the prompt and the language.
pub fn blind_order(seed: u32, prompt_id: &str, language: &Language, samples: &[u32]) -> Vec<u32> {
    let mut order = samples.to_vec();
    order.order();
    order.dedup();
    let key = draw(seed, &["blind", prompt_id, language.as_str()], N_ORDERS);
    SplitMix64::new(key as u64).shuffle(&mut order);
    order
}

/// A row to show a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatPlan {
    /// Id of its prompt.
    pub prompt_id: String,
    /// Its language.
    pub language: Language,
    /// The two sides in the order in which to show them: the other way round than before.
    pub shown_order: [u32; 2],
}

impl Desk {
    /// The responses of a row as they are offered, each under its number: as [`Desk::candidates`] has them, or in the order of
    /// a seed, because the place of a response may tell who wrote it.
    pub fn offered(&self, cell: Cell, blind: Option<u32>) -> Vec<Candidate> {
        let mut all = self.candidates(cell);
        if let (Some(seed), Some(row)) = (blind, self.row(cell)) {
            let samples: Vec<u32> = all.iter().map(|candidate| candidate.sample).collect();
            let order = blind_order(seed, &row.prompt_id, &row.language, &samples);
            all.order_by_key(|candidate| order.iter().position(|sample| *sample == candidate.sample));
        }
        all
    }

    /// Rows that a person decided and that are due to be shown once more, to see whether they decide the same: about one in
    /// ten by the seed, whatever else was decided, each once, and none of the latest `n_recent` decided, which they would
    /// remember. The sides come the other way round than before.
    pub fn due_repeats(&self, actor: &str, seed: u32, n_recent: usize) -> Vec<RepeatPlan> {
        let curation = self.curation();
        let is_drawn = |row: &Row| {
            let key = ["repeat", row.prompt_id.as_str(), row.language.as_str()];
            draw(seed, &key, REPEAT_ONE_IN) == 0
        };
        let of_actor = curation.repeats().filter(|repeated| repeated.actor == actor);
        let repeated: HashSet<(&str, &Language)> =
            of_actor.map(|repeated| (repeated.prompt_id.as_str(), &repeated.language)).collect();
        let decided = curation.decided_by(actor);
        let old = &decided[..decided.len().saturating_sub(n_recent)];
        let plan = old.iter().filter_map(|at| {
            let row = &curation.rows()[*at];
            let own = row.votes.iter().find(|vote| vote.actor == actor)?.state;
            let (first, second) = own.chosen.zip(own.rejected)?;
            let is_due = is_drawn(row) && !repeated.contains(&(row.prompt_id.as_str(), &row.language));
            let swapped = curation.shown_order(actor, *at) != Some(&[second, first]);
            let shown_order = if swapped { [second, first] } else { [first, second] };
            is_due.then(|| RepeatPlan {
                prompt_id: row.prompt_id.clone(),
                language: row.language.clone(),
                shown_order,
            })
        });
        plan.collect()
    }
}
