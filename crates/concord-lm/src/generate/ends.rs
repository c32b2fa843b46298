//! How rows end (stop tokens, the stop hook, limits, cancelling), and what they give back.

use super::call::Sampled;
use super::job::{RowEnd, RowEvent, RowId, StopHook};
use super::model::Counters;
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

    /// Ends everything that is not finished; tokens given out so far stand.
    pub fn cancel(&mut self) {
        self.is_cancelled = true;
        self.has_unevaluated |= !self.planned.is_empty();
        self.calls.clear();
        let mut unfinished = Vec::new();
        for row in std::mem::take(&mut self.live).into_values() {
            self.vacate(&row.place);
            unfinished.push(row.id);
        }
        for planned in std::mem::take(&mut self.planned) {
            planned.places.iter().for_each(|place| self.vacate(place));
            unfinished.extend(planned.rows());
        }
        unfinished.extend(std::mem::take(&mut self.waiting).iter().map(|waiting| waiting.id));
        for job in std::mem::take(&mut self.pending) {
            unfinished.extend(job.samples.iter().map(|key| RowId { job: job.id, sample: key.sample }));
        }
        unfinished.into_iter().for_each(|row| self.finish(row, (RowEnd::Cancelled, None)));
    }
}
