//! Continuous batching: which rows are in the next batch, which slots they hold, when they end.
//!
//! The caller adds jobs and calls [`Scheduler::run`]. Each step is one round of prefill (when there is
//! room) and one decode call; after each, a hook takes the events and may pause, cancel or add jobs. A row
//! is let in only with slots for its longest response, so slots never run out. Random numbers depend only
//! on (seed, stream, step), and models are batch-invariant, so responses do not depend on the batch, the
//! order or other jobs.

use std::collections::{BTreeMap, VecDeque};

use super::job::{Job, Progress, RowEvent, RowId, StopHook};
use super::model::{DecodeRow, LanguageModel, ModelError, ModelShape, Sampled, TokenInput, check_sampled};
use super::prefix::{Prefix, PrefixTree};
use super::room::Room;
use super::sampling::DrawKey;
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
    steps_per_call: u32,
    pub(super) slots: FreeList,
    pub(super) table_rows: FreeList,
    pub(super) prefixes: PrefixTree,
    /// Jobs not begun.
    pub(super) pending: VecDeque<Job>,
    /// Jobs begun: prompt evaluated, some responses open.
    pub(super) open: BTreeMap<u32, OpenJob>,
    /// Responses with a first token but no room yet, of open jobs.
    pub(super) waiting: VecDeque<Waiting>,
    /// Responses in the decode batch.
    pub(super) live: Vec<Row>,
    pub(super) events: Vec<RowEvent>,
    pub(super) n_tokens: u64,
    pub(super) n_finished: u64,
}

/// A job whose prompt holds slots.
#[derive(Debug)]
pub(super) struct OpenJob {
    pub(super) job: Job,
    pub(super) prefix: Prefix,
    pub(super) n_open: u32,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: RowId,
    stream: u32,
    first: Sampled,
}

/// A place in the batch, held from before the first token is drawn.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) table_row: u32,
    /// Slots of the response's tokens, the last one excepted, and of steps run past its end.
    own_slots: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: RowId,
    stream: u32,
    pub(super) place: Place,
    last: u32,
    /// Tokens of the response so far.
    n_tokens: u32,
}

impl Scheduler {
    /// A scheduler for a model of this shape. `steps_per_call` decode steps go into one call: more save
    /// round trips to a GPU, but a row that ends within a call idles for the rest of it; on the CPU take 1.
    pub fn new(shape: ModelShape, steps_per_call: u32) -> Self {
        Self {
            shape,
            room: Room::fixed(shape.n_slots),
            is_new_work: false,
            keeps_beginnings: false,
            later: BTreeMap::new(),
            steps_per_call: steps_per_call.max(1),
            slots: FreeList::new(shape.n_slots),
            table_rows: FreeList::new(shape.n_table_rows.min(shape.max_rows)),
            prefixes: PrefixTree::default(),
            pending: VecDeque::new(),
            open: BTreeMap::new(),
            waiting: VecDeque::new(),
            live: Vec::new(),
            events: Vec::new(),
            n_tokens: 0,
            n_finished: 0,
        }
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
        self.pending.is_empty() && self.waiting.is_empty() && self.live.is_empty()
    }

    /// How far the work is.
    pub fn progress(&self) -> Progress {
        let n_pending: usize = self.pending.iter().map(|job| job.samples.len()).sum();
        Progress {
            n_tokens: self.n_tokens,
            n_live: self.live.len() as u32,
            n_waiting: (n_pending + self.waiting.len()) as u32,
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
            let done = self.step(model, stop).await;
            let events = std::mem::take(&mut self.events);
            on_step(self, events).await;
            done?;
            // A hook that cancels leaves events behind.
            if self.is_idle() && self.events.is_empty() {
                return Ok(());
            }
        }
    }

    /// The next piece of work: lets rows in, evaluates prompts, runs one decode call.
    pub(super) async fn step<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
    ) -> Result<(), ModelError> {
        let done = self.try_step(model, stop).await;
        if done.is_err() {
            self.give_up();
        }
        done
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
        if self.waiting.is_empty() {
            self.prefill(model, stop).await?;
        }
        if self.live.is_empty() { Ok(()) } else { self.decode(model, stop).await }
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

    /// Slots of the longest response. Its last token is never evaluated; steps past its end are run when
    /// other rows of a call go on, and need slots too, as far as context and pool have them.
    pub(super) fn n_own_slots(&self, job: &Job) -> u32 {
        let n_most = self.shape.n_slots.saturating_sub(job.prompt.len() as u32);
        self.most_own_slots(job).min(n_most)
    }

    /// The same in a pool that has all of them.
    pub(super) fn most_own_slots(&self, job: &Job) -> u32 {
        let n_most = self.shape.seq_len - job.prompt.len() as u32;
        (job.n_max_tokens(&self.shape) - 1 + self.steps_per_call - 1).min(n_most)
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
            (None, Some(place)) => self.go_live(model, Waiting { id, stream, first }, place)?,
            (None, None) => self.waiting.push_back(Waiting { id, stream, first }),
        }
        Ok(())
    }

    fn let_in_waiting<M: LanguageModel>(&mut self, model: &mut M) -> Result<(), ModelError> {
        while let Some(waiting) = self.waiting.pop_front() {
            let Some(open) = self.open.get(&waiting.id.job) else { continue };
            let (job, prefix) = (open.job.clone(), open.prefix.clone());
            let Some(place) = self.reserve(&job) else {
                self.waiting.push_front(waiting);
                return Ok(());
            };
            Self::list_slots(model, &place, &prefix)?;
            self.go_live(model, waiting, place)?;
        }
        Ok(())
    }

    /// Puts a row into the decode batch; its slots are listed.
    fn go_live<M: LanguageModel>(
        &mut self,
        model: &mut M,
        waiting: Waiting,
        place: Place,
    ) -> Result<(), ModelError> {
        let Waiting { id, stream, first } = waiting;
        if let Some(open) = self.open.get(&id.job)
            && open.job.settings.repetition_penalty != 1.0
        {
            let seen = [&open.job.prompt[..], &[first.id]].concat();
            model.set_seen(place.table_row, &seen)?;
        }
        self.live.push(Row { id, stream, place, last: first.id, n_tokens: 1 });
        Ok(())
    }

    async fn decode<M: LanguageModel>(
        &mut self,
        model: &mut M,
        stop: &mut StopHook<'_>,
    ) -> Result<(), ModelError> {
        let rows: Vec<DecodeRow> = self.live.iter().filter_map(|row| self.decode_row(row)).collect();
        let room = self.live.iter().map(|row| row.place.own_slots.len() as u32 + 1 - row.n_tokens).min();
        let n_steps = room.unwrap_or(1).min(self.steps_per_call);
        let steps = model.decode(&rows, n_steps).await?;
        check_sampled(steps.iter().flatten())?;
        for (row_idx, mut row) in std::mem::take(&mut self.live).into_iter().enumerate() {
            let mut tokens = Vec::new();
            let mut end = None;
            for step in &steps {
                let sampled = step[row_idx];
                end = self.accept(row.id, row.n_tokens, sampled, stop, &mut tokens, model.counters_mut());
                row.last = sampled.id;
                row.n_tokens += 1;
                if end.is_some() {
                    break;
                }
            }
            self.give_out(row.id, tokens);
            match end {
                Some(end) => {
                    self.vacate(&row.place);
                    self.finish(row.id, end);
                }
                None => self.live.push(row),
            }
        }
        Ok(())
    }

    fn decode_row(&self, row: &Row) -> Option<DecodeRow> {
        let job = &self.open.get(&row.id.job)?.job;
        let position = job.prompt.len() as u32 + row.n_tokens - 1;
        Some(DecodeRow {
            input: TokenInput { id: row.last, position, table_row: row.place.table_row },
            key: DrawKey { seed: job.seed, stream: row.stream, step: row.n_tokens },
            settings: job.settings,
        })
    }
}
