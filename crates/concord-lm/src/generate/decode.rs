//! The decode half of the scheduler: rows are let in, calls begin, and what they give is taken.

use super::call::{Call, DecodeRow, Decoded, Done, Ends, Sampled, TokenInput};
use super::job::{RowId, StopHook};
use super::model::{LanguageModel, ModelError, check_sampled};
use super::sampling::DrawKey;
use super::scheduler::{Place, Row, Scheduler, Waiting};

impl Scheduler {
    /// Takes the first token of a response, with its place if it has one.
    pub(super) fn begin<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
        (id, stream): (RowId, u32),
        first: Sampled,
        place: Option<Place>,
    ) -> Result<(), ModelError> {
        let mut tokens = Vec::new();
        let end = self.accept(id, 0, first, stop, &mut tokens, model.counters_mut());
        self.give_out(id, tokens);
        match (end, place) {
            (Some(end), place) => {
                place.into_iter().for_each(|place| self.vacate(&place));
                self.finish(id, end);
            }
            (None, Some(place)) => self.go_live(model, &Waiting { id, stream, first }, place)?,
            (None, None) => self.waiting.push_back(Waiting { id, stream, first }),
        }
        Ok(())
    }

    pub(super) fn let_in_waiting<M: LanguageModel>(&mut self, model: &mut M) -> Result<(), ModelError> {
        while let Some(waiting) = self.waiting.pop_front() {
            let Some(open) = self.open.get(&waiting.id.job) else { continue };
            let (job, prefix) = (open.job.clone(), open.prefix.clone());
            let Some(place) = self.reserve(&job) else {
                self.waiting.push_front(waiting);
                return Ok(());
            };
            Self::list_slots(model, &place, &prefix)?;
            self.go_live(model, &waiting, place)?;
        }
        Ok(())
    }

    /// Lets a row into the model; its slots are listed.
    fn go_live<M: LanguageModel>(
        &mut self,
        model: &mut M,
        &Waiting { id, stream, first }: &Waiting,
        place: Place,
    ) -> Result<(), ModelError> {
        let Some(open) = self.open.get(&id.job) else { return Ok(()) };
        let (job, table_row) = (&open.job, place.table_row);
        if job.settings.repetition_penalty != 1.0 {
            let seen = [&job.prompt[..], &[first.id]].concat();
            model.set_seen(table_row, &seen)?;
        }
        let n_most = job.n_max_tokens(&self.shape);
        let row = DecodeRow {
            input: TokenInput { id: first.id, position: job.prompt.len() as u32, table_row },
            key: DrawKey { seed: job.seed, stream, step: 1 },
            settings: job.settings,
        };
        model.admit(row, Ends::new(n_most - 1, &job.stop_tokens))?;
        self.live.insert(table_row, Row { id, place, n_tokens: 1, n_most, n_before: self.n_begun });
        Ok(())
    }

    /// The next call: prompt tokens if some are left, and decode steps if a row may go on; `None` if there is neither.
    pub(super) fn next_call(&mut self) -> Option<Call> {
        let mut call = self.calls.pop_front().unwrap_or_default();
        let has_tokens = !call.tokens.is_empty();
        // Where places are free, prompts come first: the rows that follow them make each step worth more.
        let is_filling = has_tokens && (self.live.len() as u32) < self.shape.max_rows;
        let n_steps = if is_filling { (self.steps_per_call / 4).max(1) } else { self.steps_per_call };
        call.n_steps = n_steps.min(self.n_steps_left());
        call.sampled_logprobs = self.open.values().any(|open| open.job.sampled_logprobs);
        (has_tokens || call.n_steps > 0).then_some(call)
    }

    /// Steps after which all rows that are in have certainly ended, beyond those under way.
    fn n_steps_left(&self) -> u32 {
        if self.live.len() as u32 > self.shape.max_rows {
            return u32::MAX;
        }
        let first = self.n_begun - self.begun.len() as u64;
        let left = self.live.values().map(|row| {
            let with_row = (first..).zip(&self.begun).filter(|(idx, _)| *idx >= row.n_before);
            let n_under_way: u32 = with_row.map(|(_, begun)| begun.n_steps).sum();
            (row.n_most - row.n_tokens).saturating_sub(n_under_way)
        });
        left.max().unwrap_or(0)
    }

    /// Takes what a call gave.
    pub(super) fn take<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
        Done { drawn, decoded }: Done,
    ) -> Result<(), ModelError> {
        check_sampled(drawn.iter().chain(decoded.iter().map(|decoded| &decoded.sampled)))?;
        let mut fresh: Vec<(u32, Vec<Sampled>)> = Vec::new();
        for Decoded { table_row, sampled, is_last } in decoded {
            // Not of a row that the stop hook ended within this call.
            let Some(row) = self.live.get_mut(&table_row) else { continue };
            let (id, n_before) = (row.id, row.n_tokens);
            row.n_tokens += 1;
            let known = fresh.iter().position(|(of, _)| *of == table_row);
            let at = known.unwrap_or_else(|| {
                fresh.push((table_row, Vec::new()));
                fresh.len() - 1
            });
            let end = self.accept(id, n_before, sampled, stop, &mut fresh[at].1, model.counters_mut());
            let Some(end) = end else { continue };
            let (_, tokens) = fresh.swap_remove(at);
            self.give_out(id, tokens);
            if !is_last {
                model.expel(table_row);
            }
            if let Some(row) = self.live.remove(&table_row) {
                self.vacate(&row.place);
            }
            self.finish(id, end);
        }
        for (table_row, tokens) in fresh {
            let row = self.live.get(&table_row).map(|row| row.id);
            row.into_iter().for_each(|id| self.give_out(id, tokens.clone()));
        }
        for first in drawn {
            self.take_first(model, stop, first)?;
        }
        Ok(())
    }
}
