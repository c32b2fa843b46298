//! What has come of a run on a server and is not told yet.

use std::collections::BTreeSet;

use super::answer::push_line;
use crate::{
    data::{Language, Response},
    protocol::TokenUpdate,
    server::{Growth, work::Order},
};

/// What has come and is not told yet, and what there is to say at the end.
#[derive(Default)]
pub(super) struct Came {
    /// Responses, a line of JSON each.
    pub(super) lines: Vec<u8>,
    /// The samples that have begun and not ended. They are few: a list is smaller than a map.
    growing: Vec<Sample>,
    /// Names under which other models than the asked one answered.
    pub(super) others: BTreeSet<String>,
}

/// A sample that grows.
struct Sample {
    row: usize,
    /// What is new since the page was told.
    update: TokenUpdate,
    is_new: bool,
}

impl Came {
    /// More of a sample that has not ended.
    pub(super) fn grow(&mut self, order: Order, growth: &Growth, row: (&str, &Language)) {
        let sample = order.first + growth.index;
        let known = self.growing.iter().position(|known| known.is_of(order.row, sample));
        let at = known.unwrap_or_else(|| {
            self.growing.push(Sample { row: order.row, update: nothing_yet(row, sample), is_new: false });
            self.growing.len() - 1
        });
        let Sample { update, is_new, .. } = &mut self.growing[at];
        update.text.push_str(&growth.text);
        update.reasoning.push_str(&growth.reasoning);
        (update.n_tokens, *is_new) = (growth.n_tokens, true);
    }

    /// A sample has ended, one way or another.
    pub(super) fn end(&mut self, row: usize, sample: u32) {
        self.growing.retain(|known| !known.is_of(row, sample));
    }

    /// A request has failed: what had begun of its samples is of no use.
    pub(super) fn begin_anew(&mut self, order: Order, row: (&str, &Language)) {
        for known in &mut self.growing {
            let sample = known.update.sample;
            if known.row == order.row && (order.first..order.first + order.count).contains(&sample) {
                (known.update, known.is_new) = (nothing_yet(row, sample), true);
            }
        }
    }

    /// What the page is not told yet.
    pub(super) fn take_updates(&mut self) -> Vec<TokenUpdate> {
        let new = self.growing.iter_mut().filter(|sample| sample.is_new);
        new.map(|Sample { update, is_new, .. }| {
            *is_new = false;
            let (text, reasoning) = (std::mem::take(&mut update.text), std::mem::take(&mut update.reasoning));
            TokenUpdate { text, reasoning, ..update.clone() }
        })
        .collect()
    }

    /// A response.
    pub(super) fn take(&mut self, response: &Response) {
        self.others.extend(response.model.clone());
        push_line(&mut self.lines, response);
    }
}

impl Sample {
    fn is_of(&self, row: usize, sample: u32) -> bool {
        (self.row, self.update.sample) == (row, sample)
    }
}

/// A sample of which there is no text.
fn nothing_yet((prompt_id, language): (&str, &Language), sample: u32) -> TokenUpdate {
    TokenUpdate {
        prompt_id: prompt_id.to_owned(),
        language: language.clone(),
        sample,
        text: String::new(),
        reasoning: String::new(),
        n_tokens: 0,
    }
}
