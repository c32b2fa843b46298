//! The prefill half of the scheduler: which prompts are evaluated next, in which calls, with which draws.

use std::collections::BTreeMap;

use super::job::{Job, RowId, StopHook};
use super::model::{Draw, LanguageModel, ModelError, ModelShape, Sampled, TokenInput, check_sampled};
use super::prefix::{NodeId, Prefix};
use super::sampling::DrawKey;
use super::scheduler::{Place, Scheduler};

/// A job about to be evaluated: its prompt has slots, and its first samples, at least one, have places.
#[derive(Debug)]
struct Planned {
    job: Job,
    prefix: Prefix,
    places: Vec<Place>,
}

impl Scheduler {
    /// Evaluates the prompts of the next jobs for which there is room, each shared token once, and draws
    /// the first token of all their samples from the same logits.
    pub(super) async fn prefill<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
    ) -> Result<(), ModelError> {
        let round = self.plan_round();
        let firsts = match self.evaluate(model, &round).await {
            Ok(firsts) => firsts,
            Err(error) => {
                round.into_iter().rev().for_each(|planned| self.pending.push_front(planned.job));
                return Err(error);
            }
        };
        let mut firsts = firsts.into_iter();
        for Planned { job, prefix, places } in round {
            let (id, samples) = (job.id, job.samples.clone());
            self.open_job(job, prefix);
            let places = places.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
            for ((sample, place), first) in samples.into_iter().zip(places).zip(&mut firsts) {
                let row = RowId { job: id, sample: sample.sample };
                self.begin(model, stop, (row, sample.stream), first, place)?;
            }
        }
        Ok(())
    }

    /// Takes jobs off the queue until places, slots or the tokens of one call run out.
    fn plan_round(&mut self) -> Vec<Planned> {
        let mut round: Vec<Planned> = Vec::new();
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
            round.push(Planned { job, prefix, places });
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

    /// Runs the calls of a round. The result has one token per sample, in the order of jobs and samples.
    async fn evaluate<M: LanguageModel>(
        &self,
        model: &mut M,
        round: &[Planned],
    ) -> Result<Vec<Sampled>, ModelError> {
        let mut calls = Calls::new(self.shape);
        for planned in round {
            let Planned { job, prefix, places } = planned;
            for place in places {
                Self::list_slots(model, place, prefix)?;
            }
            let Some(Place { table_row, .. }) = places.first() else { continue };
            if job.settings.repetition_penalty != 1.0 {
                model.set_seen(*table_row, &job.prompt)?;
            }
            calls.add(job, prefix, *table_row);
        }
        let mut sampled = Vec::new();
        for call in calls.calls {
            sampled.extend(model.prefill(&call.tokens, &call.draws).await?);
            model.counters_mut().prompt_tokens_evaluated += call.tokens.len() as u32;
        }
        check_sampled(&sampled)?;
        Ok(sampled)
    }
}

#[derive(Debug, Default)]
struct Call {
    tokens: Vec<TokenInput>,
    draws: Vec<Draw>,
    /// Index of the last token of each prompt that ends in this call.
    ends: BTreeMap<NodeId, u32>,
}

/// Cuts tokens and draws into calls that the model takes.
#[derive(Debug)]
struct Calls {
    shape: ModelShape,
    calls: Vec<Call>,
    /// The call being filled.
    call: usize,
}

impl Calls {
    fn new(shape: ModelShape) -> Self {
        Self { shape, calls: vec![Call::default()], call: 0 }
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
            if self.calls[self.call].draws.len() as u32 == self.shape.max_rows {
                self.begin_call();
            }
            // A prompt that was in the pool, or whose draws go on in another call, needs its last token
            // again for the logits; it stores the same bits.
            let token_idx = match self.calls[self.call].ends.get(&prefix.last) {
                Some(&token_idx) => token_idx,
                None => {
                    let token_idx = self.push_token(token(last));
                    self.calls[self.call].ends.insert(prefix.last, token_idx);
                    token_idx
                }
            };
            let key = DrawKey { seed: job.seed, stream: sample.stream, step: 0 };
            let draw = Draw { token_idx, table_row, key, settings: job.settings };
            self.calls[self.call].draws.push(draw);
        }
    }

    fn push_token(&mut self, token: TokenInput) -> u32 {
        if self.calls[self.call].tokens.len() as u32 == self.shape.max_batch_tokens {
            self.begin_call();
        }
        let tokens = &mut self.calls[self.call].tokens;
        tokens.push(token);
        tokens.len() as u32 - 1
    }

    fn begin_call(&mut self) {
        self.calls.push(Call::default());
        self.call += 1;
    }
}
