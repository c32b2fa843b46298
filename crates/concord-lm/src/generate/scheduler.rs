//! Continuous batching: which rows are in the next batch, which slots they hold, when they end.
//!
//! The caller adds jobs and calls [`Scheduler::run`]. Each step begins as many calls as the model takes at once (some
//! prompt tokens, some decode steps) and waits for the first of them; after each, a hook takes the events and may pause,
//! cancel or add jobs. More rows are let in than decode at once, so that one that ends is followed by the next within the
//! call. A row is let in only with slots for its longest response, so slots never run out. Random numbers depend only
//! on (seed, stream, step), and models are batch-invariant, so responses do not depend on the batch, the
//! order or other jobs.

use std::collections::{BTreeMap, VecDeque};

use super::call::{Call, Sampled};
use super::job::{Job, Progress, RowEvent, RowId, SampleKey, StopHook};
use super::model::{LanguageModel, MAX_STEPS, ModelError, ModelShape};
use super::prefix::{Prefix, PrefixTree};
use super::room::Room;
use super::slots::FreeList;

/// Runs jobs on a model. Bound to one model: its slots and cached prefixes are that model's.
#[derive(Debug)]
pub struct Scheduler {
    pub(super) shape: ModelShape,
    /// Sizes that the pool may have.
    pub(super) room: Room,
    /// Jobs were added while nothing was left to do: the pool may become smaller for them.
    pub(super) is_new_work: bool,
    /// The pool has room for the beginnings that later prompts wait for.
    pub(super) keeps_beginnings: bool,
    /// How much of the prompt of each pending job a later one begins with, by the job's id; empty where jobs came since.
    pub(super) later: BTreeMap<u32, u32>,
    pub(super) steps_per_call: u32,
    most_steps: u32,
    n_steps_done: u64,
    pub(super) tokens_per_call: u32,
    n_prompt_tokens_done: u64,
    pub(super) slots: FreeList,
    pub(super) table_rows: FreeList,
    pub(super) prefixes: PrefixTree,
    /// Jobs not begun.
    pub(super) pending: VecDeque<Job>,
    /// Jobs begun: prompt evaluated or about to be, some responses open.
    pub(super) open: BTreeMap<u32, OpenJob>,
    /// Open jobs whose first tokens are not all drawn, in the order of the draws.
    pub(super) planned: VecDeque<Planned>,
    /// Calls of their prompts that have not begun.
    pub(super) calls: VecDeque<Call>,
    /// Responses with a first token but no room yet, of open jobs.
    pub(super) waiting: VecDeque<Waiting>,
    /// Responses that were let into the model, by their table rows.
    pub(super) live: BTreeMap<u32, Row>,
    /// Calls under way.
    pub(super) begun: VecDeque<Begun>,
    pub(super) n_begun: u64,
    /// What the model still does is not wanted any more.
    pub(super) is_cancelled: bool,
    /// Of it, prompts that were taken for evaluated.
    pub(super) has_unevaluated: bool,
    pub(super) events: Vec<RowEvent>,
    pub(super) n_tokens: u64,
    pub(super) n_finished: u64,
}

/// A call under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) n_tokens: u32,
    pub(super) n_steps: u32,
}

/// A job whose prompt holds slots.
#[derive(Debug)]
pub(super) struct OpenJob {
    pub(super) job: Job,
    pub(super) prefix: Prefix,
    pub(super) n_open: u32,
}

/// An open job whose first tokens are being drawn: its prompt has slots, and its first samples, at least one, have places.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) job: u32,
    pub(super) samples: Vec<SampleKey>,
    pub(super) places: Vec<Place>,
    pub(super) firsts: Vec<Sampled>,
}

impl Planned {
    /// Its responses.
    pub(super) fn rows(&self) -> impl Iterator<Item = RowId> {
        self.samples.iter().map(|sample| RowId { job: self.job, sample: sample.sample })
    }

    /// All its samples have places.
    pub(super) fn is_whole(&self) -> bool {
        self.places.len() == self.samples.len()
    }
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: RowId,
    pub(super) stream: u32,
    pub(super) first: Sampled,
}

/// A place in the batch, held from before the first token is drawn.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) table_row: u32,
    /// Slots of the response's tokens, the last one excepted.
    pub(super) own_slots: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: RowId,
    pub(super) place: Place,
    /// Tokens of the response so far.
    pub(super) n_tokens: u32,
    /// Tokens of the response at most.
    pub(super) n_most: u32,
    /// Calls begun before it was let in.
    pub(super) n_before: u64,
}

impl Scheduler {
    /// A scheduler for a model of this shape. `steps_per_call` decode steps go into one call, at most [`MAX_STEPS`]: more
    /// save round trips to a GPU, but news of a row comes only after the call; on the CPU take 1.
    pub fn new(shape: ModelShape, steps_per_call: u32) -> Self {
        Self {
            shape,
            room: Room::fixed(shape.n_slots),
            is_new_work: false,
            keeps_beginnings: false,
            later: BTreeMap::new(),
            steps_per_call: steps_per_call.clamp(1, MAX_STEPS),
            most_steps: steps_per_call.clamp(1, MAX_STEPS),
            n_steps_done: 0,
            tokens_per_call: shape.max_batch_tokens,
            n_prompt_tokens_done: 0,
            slots: FreeList::new(shape.n_slots),
            table_rows: FreeList::new(n_let_in(&shape)),
            prefixes: PrefixTree::default(),
            pending: VecDeque::new(),
            open: BTreeMap::new(),
            planned: VecDeque::new(),
            calls: VecDeque::new(),
            waiting: VecDeque::new(),
            live: BTreeMap::new(),
            begun: VecDeque::new(),
            n_begun: 0,
            is_cancelled: false,
            has_unevaluated: false,
            events: Vec::new(),
            n_tokens: 0,
            n_finished: 0,
        }
    }

    /// Puts so many decode steps into the calls that begin from now on: at least one, at most as many as the scheduler was
    /// made with.
    pub fn set_steps_per_call(&mut self, n_steps: u32) {
        self.steps_per_call = n_steps.clamp(1, self.most_steps);
    }

    /// Decode steps of the calls that have ended since the scheduler was made.
    pub fn n_steps_done(&self) -> u64 {
        self.n_steps_done
    }

    /// Puts at most so many tokens of prompts, or of short texts, into the calls that begin from now on; the model's limit
    /// until it is set.
    pub fn set_tokens_per_call(&mut self, n_tokens: u32) {
        self.tokens_per_call = n_tokens.clamp(1, self.shape.max_batch_tokens.max(1));
    }

    /// Tokens of prompts in the calls that have ended since the scheduler was made.
    pub fn n_prompt_tokens_done(&self) -> u64 {
        self.n_prompt_tokens_done
    }

    /// Queues a job. A job that cannot be done only gives a [`RowEvent::Failed`].
    pub fn add(&mut self, job: Job) {
        match job.check(&self.roomiest()) {
            Ok(()) if job.samples.is_empty() => {}
            Ok(()) => {
                self.is_new_work |= self.is_idle();
                self.later.clear();
                self.pending.push_back(job);
            }
            Err(error) => self.events.push(RowEvent::Failed { job: job.id, error }),
        }
    }

    /// Nothing is left to do.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.planned.is_empty() && self.waiting.is_empty() && self.live.is_empty()
    }

    /// How far the work is.
    pub fn progress(&self) -> Progress {
        let n_pending: usize = self.pending.iter().map(|job| job.samples.len()).sum();
        let n_planned: usize = self.planned.iter().map(|planned| planned.samples.len()).sum();
        let n_in = self.live.len() as u32;
        let n_live = n_in.min(self.shape.max_rows);
        Progress {
            n_tokens: self.n_tokens,
            n_live,
            n_waiting: (n_pending + n_planned + self.waiting.len()) as u32 + n_in - n_live,
            n_finished: self.n_finished,
        }
    }

    /// Slots that no prompt or response uses; cached prefixes count as free.
    pub fn n_free_slots(&self) -> u32 {
        self.slots.n_free() + self.prefixes.n_unused()
    }

    /// Works until nothing is left to do. After each step `on_step` gets the scheduler and what happened, in order.
    /// It may pause to let others run, [`cancel`](Scheduler::cancel) what is left, or add jobs.
    ///
    /// `stop` can end a response by its text; `&mut |_, _| false` ends none.
    ///
    /// # Errors
    /// When the model fails. Everything unfinished is then cancelled, and `on_step` has heard of it.
    pub async fn run<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
        mut on_step: impl AsyncFnMut(&mut Self, Vec<RowEvent>),
    ) -> Result<(), ModelError> {
        loop {
            // Idle from the start, or cancelled by the hook: there are only events to tell.
            let done = if self.is_idle() { Ok(()) } else { self.step(model, stop).await };
            self.settle(model);
            let events = std::mem::take(&mut self.events);
            on_step(self, events).await;
            done?;
            if self.is_idle() && self.events.is_empty() {
                return Ok(());
            }
        }
    }

    /// The next piece of work: lets rows in, begins calls, takes what the first of them gives.
    pub(super) async fn step<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
    ) -> Result<(), ModelError> {
        self.settle(model);
        let done = self.try_step(model, stop).await;
        if done.is_err() {
            self.give_up();
            self.settle(model);
        }
        done
    }

    /// Makes the model forget what is not wanted any more.
    pub(super) fn settle<M: LanguageModel>(&mut self, model: &mut M) {
        let is_left = !self.begun.is_empty() && self.is_idle();
        if self.is_cancelled || is_left {
            model.abandon();
            self.begun.clear();
            self.is_cancelled = false;
        }
        if std::mem::take(&mut self.has_unevaluated) {
            self.empty();
        }
    }

    /// Ends everything after a failure. What an interrupted call left in the slots is unknown: all are free, nothing is cached.
    pub(super) fn give_up(&mut self) {
        self.cancel();
        self.open.clear();
        self.empty();
    }

    async fn try_step<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
    ) -> Result<(), ModelError> {
        self.make_room_for_pending(model).await?;
        self.let_in_waiting(model)?;
        while self.begun.len() < model.n_calls_at_once().max(1) {
            if self.may_plan() {
                self.plan(model)?;
            }
            let Some(call) = self.next_call() else { break };
            let begun = Begun { n_tokens: call.tokens.len() as u32, n_steps: call.n_steps };
            model.begin(call)?;
            self.begun.push_back(begun);
            self.n_begun += 1;
        }
        match self.begun.pop_front() {
            Some(begun) => {
                let done = model.finish().await?;
                model.counters_mut().prompt_tokens_evaluated += begun.n_tokens;
                self.n_steps_done += u64::from(begun.n_steps);
                self.n_prompt_tokens_done += u64::from(begun.n_tokens);
                self.take(model, stop, done)
            }
            None => Ok(()),
        }
    }

    /// Takes a table row and slots for the longest response; `None` when there is no room now.
    pub(super) fn reserve(&mut self, job: &Job) -> Option<Place> {
        let n_own = self.n_own_slots(job);
        if self.table_rows.n_free() == 0 || n_own + self.n_kept(self.prefixes.n_kept()) > self.n_free_slots()
        {
            return None;
        }
        self.prefixes.evict(n_own.saturating_sub(self.slots.n_free()), &mut self.slots);
        let own_slots = self.slots.take(n_own)?;
        let table_row = self.table_rows.take_one()?;
        Some(Place { table_row, own_slots })
    }

    /// Slots of the longest response; its last token is never evaluated.
    pub(super) fn n_own_slots(&self, job: &Job) -> u32 {
        job.n_max_tokens(&self.shape) - 1
    }

    /// Rows that are let in at once: those that decode, and some that take the places of those that end within a call.
    pub(super) fn n_let_in(&self) -> u32 {
        n_let_in(&self.shape)
    }

    /// Lists prompt and response slots of a place in its table row.
    pub(super) fn list_slots<M: LanguageModel>(
        model: &mut M,
        place: &Place,
        prefix: &Prefix,
    ) -> Result<(), ModelError> {
        let slots = [&prefix.slots[..], &place.own_slots].concat();
        model.set_slots(place.table_row, 0, &slots)
    }

    /// Gives a place back.
    pub(super) fn vacate(&mut self, place: &Place) {
        self.slots.give_back(&place.own_slots);
        self.table_rows.give_back(&[place.table_row]);
    }

    /// Registers a job whose prompt is about to be evaluated.
    pub(super) fn open_job(&mut self, job: Job, prefix: Prefix) {
        let n_open = job.samples.len() as u32;
        self.open.insert(job.id, OpenJob { job, prefix, n_open });
    }
}

fn n_let_in(shape: &ModelShape) -> u32 {
    shape.n_table_rows.min(shape.max_rows + shape.max_rows.div_ceil(2))
}
