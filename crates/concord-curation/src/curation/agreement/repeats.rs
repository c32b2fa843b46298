//! How far people agree with themselves: rows that came up a second time with their sides swapped.

use serde::{Deserialize, Serialize};

use super::super::{Curation, Repeated};
use crate::align::Rate;
use crate::align::raters::wilson;
use crate::data::{RowState, RowStatus};

/// One person's decisions about rows that came up twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAgreement {
    /// Who.
    pub actor: String,
    /// Repeats that were decided just as the first time: the same pair and the same verdict. The interval is Wilson's.
    pub same: Rate,
    /// Of the times that a side was preferred, those in which it was the side shown first. Every row counts twice, with its
    /// sides swapped between, so somebody who looks at nothing but the texts comes to one half. The interval is Wilson's.
    pub first_shown: Rate,
}

/// Everybody who decided a row twice, in the order in which they first did.
pub fn self_agreement(curation: &Curation) -> Vec<SelfAgreement> {
    let mut people: Vec<SelfAgreement> = Vec::new();
    for repeat in curation.repeats() {
        let place = people.iter().position(|person| person.actor == repeat.actor).unwrap_or_else(|| {
            people.push(SelfAgreement { actor: repeat.actor.clone(), ..SelfAgreement::default() });
            people.len() - 1
        });
        people[place].count(repeat);
    }
    for rate in people.iter_mut().flat_map(|person| [&mut person.same, &mut person.first_shown]) {
        rate.interval = wilson(rate.part, rate.whole);
    }
    people
}

impl SelfAgreement {
    fn count(&mut self, repeat: &Repeated) {
        let said = |state: RowState| (state.chosen, state.rejected, state.status);
        self.same.count(said(repeat.original) == said(repeat.repeated));
        let Some(order) = &repeat.shown_order else { return };
        // Where the first order was not recorded it was the other way round.
        let swapped = || order.iter().rev().copied().collect();
        let original_order = repeat.original_order.clone().unwrap_or_else(swapped);
        let sides = [prefers_first(repeat.original, &original_order), prefers_first(repeat.repeated, order)];
        // A preference that was stated only once would count for the side that happened to be first then.
        if let [Some(first), Some(second)] = sides {
            self.first_shown.count(first);
            self.first_shown.count(second);
        }
    }
}

/// Whether the preferred response was shown before the other; `None` where none was preferred or one was not shown.
fn prefers_first(state: RowState, order: &[u32]) -> Option<bool> {
    let place = |sample: Option<u32>| order.iter().position(|shown| Some(*shown) == sample);
    let places = (place(state.chosen)?, place(state.rejected)?);
    (state.status == RowStatus::Accepted).then_some(places.0 < places.1)
}
