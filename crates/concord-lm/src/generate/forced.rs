//! Forced scores: how likely the model finds given completions, many in a call.
//!
//! Prompts go through the prefix tree, so what several begin with is evaluated once, and so is the prompt of several
//! completions. The tokens of many completions then share one call that scores.

use super::job::{GenerateError, InputError, check_tokens};
use super::model::{LanguageModel, ModelError, check_finite};
use super::prefix::Prefix;
use super::scheduler::Scheduler;
use super::texts::{count, inputs};

/// A completion to be scored after a prompt, as if the model had chosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forced<'a> {
    /// Token ids, at least one.
    pub prompt: &'a [u32],
    /// Token ids in the model's vocabulary.
    pub completion: &'a [u32],
}

impl Forced<'_> {
    /// The prompt without its last token: what is evaluated and gets no score.
    fn context(&self) -> &[u32] {
        &self.prompt[..self.prompt.len() - 1]
    }

    /// The tokens after which there is a score: the prompt's last and all of the completion but its last.
    fn scored(&self) -> Vec<u32> {
        let before = &self.completion[..self.completion.len() - 1];
        [&self.prompt[self.prompt.len() - 1..], before].concat()
    }
}

/// What a completion holds while a round runs.
#[derive(Debug)]
struct Seat {
    /// Slots of the context; `None` for a prompt of one token.
    prefix: Option<Prefix>,
    own_slots: Vec<u32>,
    table_row: u32,
}

impl Scheduler {
    /// Log-probs, in nats under the raw model, of the tokens of `completion` after `prompt`.
    /// `[completion.len()]`
    ///
    /// # Errors
    /// Tokens that do not fit the model, or a failure of the model.
    pub async fn score<M: LanguageModel>(
        &mut self,
        model: &mut M,
        prompt: &[u32],
        completion: &[u32],
    ) -> Result<Vec<f32>, GenerateError> {
        let mut scores = self.score_next(model, &[Forced { prompt, completion }]).await?;
        Ok(scores.pop().unwrap_or_default())
    }

    /// The log-probs of the first of the completions, at least one and as many as one round takes.
    /// `[taken][completion.len()]`. What a completion gets does not depend on the others.
    ///
    /// # Errors
    /// The first completion does not fit the model, or the model fails; all rows are then cancelled.
    pub async fn score_next<M: LanguageModel>(
        &mut self,
        model: &mut M,
        forced: &[Forced<'_>],
    ) -> Result<Vec<Vec<f32>>, GenerateError> {
        let Some(first) = forced.first() else { return Ok(Vec::new()) };
        self.check_forced(first)?;
        let n_first = first.prompt.len() + first.completion.len();
        self.make_room_for_texts(model, n_first).await?;
        let seats = self.plan_forced(forced);
        if seats.is_empty() {
            return Err(self.no_room(n_first).into());
        }
        let result = self.score_round(model, &forced[..seats.len()], &seats).await;
        for Seat { prefix, own_slots, table_row } in seats.into_iter().flatten() {
            prefix.into_iter().for_each(|prefix| self.prefixes.release(prefix.last));
            self.slots.give_back(&own_slots);
            self.table_rows.give_back(&[table_row]);
        }
        if result.is_err() {
            self.give_up();
        }
        Ok(result?)
    }

    /// Whether a completion can be scored at all.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_forced(&self, forced: &Forced<'_>) -> Result<(), InputError> {
        if forced.prompt.is_empty() {
            return Err(InputError::EmptyPrompt);
        }
        check_tokens(&[forced.prompt, forced.completion].concat(), &self.roomiest())
    }

    /// Seats for the next completions until table rows, slots or the tokens of one call run out; an empty completion
    /// needs none.
    fn plan_forced(&mut self, forced: &[Forced<'_>]) -> Vec<Option<Seat>> {
        let mut seats: Vec<Option<Seat>> = Vec::new();
        let (mut n_context, mut n_scored) = (0, 0);
        for forced in forced {
            if !seats.is_empty() && self.check_forced(forced).is_err() {
                break;
            }
            if forced.completion.is_empty() {
                seats.push(None);
                continue;
            }
            n_scored += forced.completion.len();
            if n_scored > self.batch_len() && seats.iter().any(Option::is_some) {
                break;
            }
            let Some(seat) = self.seat(forced) else { break };
            n_context += forced.context().len() - seat.prefix.as_ref().map_or(0, |prefix| prefix.n_shared);
            seats.push(Some(seat));
            if n_context >= self.batch_len() {
                break;
            }
        }
        seats
    }

    /// Takes what a completion needs, or nothing: slots of a context once taken count as evaluated.
    fn seat(&mut self, forced: &Forced<'_>) -> Option<Seat> {
        let (context, n_own) = (forced.context(), forced.completion.len() as u32);
        let n_needed = self.prefixes.n_slots_needed(context) + n_own;
        if self.table_rows.n_free() == 0 || n_needed > self.n_free_slots() {
            return None;
        }
        let prefix = match context {
            [] => None,
            context => Some(self.prefixes.acquire(context, &mut self.slots)?),
        };
        self.prefixes.evict(n_own.saturating_sub(self.slots.n_free()), &mut self.slots);
        let own_slots = self.slots.take(n_own)?;
        Some(Seat { prefix, own_slots, table_row: self.table_rows.take_one()? })
    }

    async fn score_round<M: LanguageModel>(
        &self,
        model: &mut M,
        forced: &[Forced<'_>],
        seats: &[Option<Seat>],
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let (mut context, mut scored, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for (forced, seat) in forced.iter().zip(seats) {
            let Some(Seat { prefix, own_slots, table_row }) = seat else { continue };
            let (slots, n_shared) = prefix.as_ref().map_or((&[][..], 0), |p| (&p.slots[..], p.n_shared));
            model.set_slots(*table_row, 0, &[slots, own_slots].concat())?;
            context.extend(inputs(&forced.context()[n_shared..], n_shared, *table_row));
            scored.extend(inputs(&forced.scored(), forced.context().len(), *table_row));
            targets.extend(forced.completion);
        }
        for chunk in context.chunks(self.batch_len()) {
            model.prefill(chunk, &[]).await?;
        }
        let mut log_probs = Vec::with_capacity(targets.len());
        for (chunk, targets) in scored.chunks(self.batch_len()).zip(targets.chunks(self.batch_len())) {
            log_probs.extend(model.score(chunk, targets).await?);
        }
        check_finite("the log-probs of given tokens", log_probs.iter().copied())?;
        count(model, context.len() + scored.len());
        let mut rest = &log_probs[..];
        let of_completion = |forced: &Forced<'_>| {
            let (of_this, after) = rest.split_at(forced.completion.len().min(rest.len()));
            rest = after;
            of_this.to_vec()
        };
        Ok(forced.iter().map(of_completion).collect())
    }
}
