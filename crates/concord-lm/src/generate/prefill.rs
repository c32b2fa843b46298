//! The prefill half of the scheduler: which prompts are evaluated next, in which calls, with which draws.

use std::collections::BTreeMap;

use super::call::{Call, Draw, Sampled, TokenInput};
use super::job::{Job, RowId, StopHook};
use super::model::{LanguageModel, ModelError, ModelShape};
use super::prefix::{NodeId, Prefix};
use super::sampling::DrawKey;
use super::scheduler::{Place, Planned, Scheduler};

/// Most prompt tokens of a call while rows decode: rows go on without a long wait.
const SLICE_TOKENS: u32 = 64;

impl Scheduler {
    /// Whether the next prompts may be planned: those before have begun, and none waits for places.
    pub(super) fn may_plan(&self) -> bool {
        self.calls.is_empty() && self.waiting.is_empty() && self.planned.iter().all(Planned::is_whole)
    }

    /// Plans the calls that evaluate the prompts of the next jobs for which there is room, each shared token once, and draw
    /// the first token of all their samples from the same logits.
    pub(super) fn plan<M: LanguageModel>(&mut self, model: &mut M) -> Result<(), ModelError> {
        let n_tokens = match self.live.is_empty() {
            true => self.tokens_per_call,
            false => self.tokens_per_call.min(SLICE_TOKENS),
        };
        let mut calls = Calls::new(self.shape, n_tokens);
        for (job, prefix, places) in self.plan_round() {
            for place in &places {
                Self::list_slots(model, place, &prefix)?;
            }
            let Some(&Place { table_row, .. }) = places.first() else { continue };
            if job.settings.repetition_penalty != 1.0 {
                model.set_seen(table_row, &job.prompt)?;
            }
            calls.add(&job, &prefix, table_row);
            let samples = job.samples.clone();
            self.planned.push_back(Planned { job: job.id, samples, places, firsts: Vec::new() });
            self.open_job(job, prefix);
        }
        let calls = calls.calls.into_iter().map(|filling| filling.call);
        self.calls.extend(calls.filter(|call| !call.tokens.is_empty()));
        Ok(())
    }

    /// Takes the next first token. Its job's responses go on when all of them have theirs: until then what the repetition
    /// penalty sees is the prompt.
    pub(super) fn take_first<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
        first: Sampled,
    ) -> Result<(), ModelError> {
        let Some(planned) = self.planned.front_mut() else { return Ok(()) };
        planned.firsts.push(first);
        if planned.firsts.len() < planned.samples.len() {
            return Ok(());
        }
        let Some(Planned { job, samples, places, firsts }) = self.planned.pop_front() else { return Ok(()) };
        let places = places.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        for ((sample, place), first) in samples.into_iter().zip(places).zip(firsts) {
            let row = RowId { job, sample: sample.sample };
            self.begin(model, stop, (row, sample.stream), first, place)?;
        }
        Ok(())
    }

    /// Takes jobs off the queue until places, slots or the tokens of one call run out.
    fn plan_round(&mut self) -> Vec<(Job, Prefix, Vec<Place>)> {
        let mut round = Vec::new();
        let mut n_tokens = 0;
        while let Some(job) = self.pending.front() {
            n_tokens += job.prompt.len() as u32;
            if !round.is_empty() && n_tokens > self.shape.max_batch_tokens {
                break;
            }
            let Some((prefix, place)) = self.take_room(&job.clone()) else { break };
            let Some(job) = self.pending.pop_front() else { break };
            let mut places = vec![place];
            while places.len() < job.samples.len() {
                let Some(place) = self.reserve(&job) else { break };
                places.push(place);
            }
            let is_whole = places.len() == job.samples.len();
            round.push((job, prefix, places));
            if !is_whole {
                break;
            }
        }
        round
    }

    /// Takes slots for a prompt and one response, or nothing: prompt slots once taken count as evaluated.
    fn take_room(&mut self, job: &Job) -> Option<(Prefix, Place)> {
        let n_kept = self.n_kept(self.prefixes.n_kept_beside(&job.prompt));
        let n_needed = self.prefixes.n_slots_needed(&job.prompt) + self.n_own_slots(job) + n_kept;
        if self.table_rows.n_free() == 0 || n_needed > self.n_free_slots() {
            return None;
        }
        let n_later = self.n_later(job);
        let prefix = self.prefixes.acquire(&job.prompt, &mut self.slots)?;
        self.prefixes.await_beginning(&prefix, n_later);
        let place = self.reserve(job)?;
        Some((prefix, place))
    }
}

#[derive(Debug, Default)]
struct Filling {
    call: Call,
    /// Index of the last token of each prompt that ends in this call.
    ends: BTreeMap<NodeId, u32>,
}

/// Cuts tokens and draws into calls that the model takes.
#[derive(Debug)]
struct Calls {
    max_rows: u32,
    max_tokens: u32,
    calls: Vec<Filling>,
    /// The call being filled.
    filling: usize,
}

impl Calls {
    fn new(shape: ModelShape, max_tokens: u32) -> Self {
        let (max_rows, calls) = (shape.max_rows, vec![Filling::default()]);
        Self { max_rows, max_tokens, calls, filling: 0 }
    }

    /// Adds the tokens of a prompt that are not in the pool yet, and a draw for each sample.
    fn add(&mut self, job: &Job, prefix: &Prefix, table_row: u32) {
        let token =
            |position: usize| TokenInput { id: job.prompt[position], position: position as u32, table_row };
        let last = job.prompt.len() - 1;
        for position in prefix.n_shared..last {
            self.push_token(token(position));
        }
        for sample in &job.samples {
            if self.calls[self.filling].call.draws.len() as u32 == self.max_rows {
                self.begin_call();
            }
            // A prompt that was in the pool, or whose draws go on in another call, needs its last token
            // again for the logits; it stores the same bits.
            let token_idx = match self.calls[self.filling].ends.get(&prefix.last) {
                Some(&token_idx) => token_idx,
                None => {
                    let token_idx = self.push_token(token(last));
                    self.calls[self.filling].ends.insert(prefix.last, token_idx);
                    token_idx
                }
            };
            let key = DrawKey { seed: job.seed, stream: sample.stream, step: 0 };
            let draw = Draw { token_idx, table_row, key, settings: job.settings };
            self.calls[self.filling].call.draws.push(draw);
        }
    }

    fn push_token(&mut self, token: TokenInput) -> u32 {
        if self.calls[self.filling].call.tokens.len() as u32 == self.max_tokens {
            self.begin_call();
        }
        let tokens = &mut self.calls[self.filling].call.tokens;
        tokens.push(token);
        tokens.len() as u32 - 1
    }

    fn begin_call(&mut self) {
        self.calls.push(Filling::default());
        self.filling += 1;
    }
}
