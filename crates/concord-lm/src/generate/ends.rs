//! How rows end (stop tokens, the stop hook, limits, cancelling), and what they give back.

use super::job::{RowEnd, RowEvent, RowId, SampleKey, StopHook};
use super::model::{Counters, Sampled};
use super::scheduler::Scheduler;

/// How a response ended, and the stop token if one was drawn.
pub(super) type End = (RowEnd, Option<Sampled>);

impl Scheduler {
    /// Takes a sampled token into a response of `n_before` tokens; says whether that ends it.
    pub(super) fn accept(
        &mut self,
        id: RowId,
        n_before: u32,
        sampled: Sampled,
        stop: &mut StopHook<'_>,
        tokens: &mut Vec<Sampled>,
        counters: &mut Counters,
    ) -> Option<End> {
        let job = &self.open.get(&id.job)?.job;
        counters.tokens_generated += 1;
        if job.stop_tokens.contains(&sampled.id) {
            return Some((RowEnd::Stop, Some(sampled)));
        }
        tokens.push(sampled);
        self.n_tokens += 1;
        if stop(id, sampled.id) {
            return Some((RowEnd::Stop, None));
        }
        (n_before + 1 == job.n_max_tokens(&self.shape)).then_some((RowEnd::Length, None))
    }

    pub(super) fn give_out(&mut self, row: RowId, tokens: Vec<Sampled>) {
        if !tokens.is_empty() {
            self.events.push(RowEvent::Tokens { row, tokens });
        }
    }

    /// A response of an open job ended; with the last one the prompt is released.
    pub(super) fn finish(&mut self, row: RowId, (end, stop_token): End) {
        self.events.push(RowEvent::Finished { row, end, stop_token });
        self.n_finished += 1;
        let Some(open) = self.open.get_mut(&row.job) else { return };
        open.n_open -= 1;
        if open.n_open == 0
            && let Some(open) = self.open.remove(&row.job)
        {
            self.prefixes.release(open.prefix.last);
        }
    }

    pub(super) fn cancel_where(&mut self, is_chosen: impl Fn(u32) -> bool) {
        for row in std::mem::take(&mut self.live) {
            if is_chosen(row.id.job) {
                self.vacate(&row.place);
                self.finish(row.id, (RowEnd::Cancelled, None));
            } else {
                self.live.push(row);
            }
        }
        for waiting in std::mem::take(&mut self.waiting) {
            if is_chosen(waiting.id.job) {
                self.finish(waiting.id, (RowEnd::Cancelled, None));
            } else {
                self.waiting.push_back(waiting);
            }
        }
        for job in std::mem::take(&mut self.pending) {
            if is_chosen(job.id) {
                for SampleKey { sample, .. } in job.samples {
                    self.finish(RowId { job: job.id, sample }, (RowEnd::Cancelled, None));
                }
            } else {
                self.pending.push_back(job);
            }
        }
    }
}
