//! The pool of keys and values follows the work: as many slots as it needs, as far as the device gives them.
//!
//! The pool is replaced by an empty one only while no row is open; a device that refuses is asked for half. With fewer slots
//! fewer rows run at once; what they say does not change.

use super::beginnings::beginnings;
use super::job::{InputError, Job, RowEvent};
use super::model::{LanguageModel, ModelError, ModelShape};
use super::prefix::PrefixTree;
use super::room::{Need, Room};
use super::scheduler::Scheduler;
use super::slots::FreeList;

impl Scheduler {
    /// Lets the pool follow the work between the sizes of `room`; without it the pool stays as it is.
    #[must_use]
    pub fn with_room(mut self, room: Room) -> Self {
        self.room = room;
        self
    }

    /// Slots that the pool has now.
    pub fn n_slots(&self) -> u32 {
        self.shape.n_slots
    }

    /// The shape with the largest pool there can be: what tokens are checked against, and lengths are planned by.
    pub fn roomiest(&self) -> ModelShape {
        ModelShape { n_slots: self.room.most.max(self.shape.n_slots), ..self.shape }
    }

    /// Rows that run at once, at most.
    pub fn n_rows(&self) -> u32 {
        self.shape.n_table_rows.min(self.shape.max_rows)
    }

    /// After a device had no memory in the middle of its work: from now on half as many rows run at once, in a pool of half
    /// the size, which is made before the next work. `false` where there was one row only. Call it while nothing is under way,
    /// as it is after [`Scheduler::run`] has failed.
    pub fn run_fewer(&mut self) -> bool {
        let n_rows = self.n_rows() / 2;
        if n_rows == 0 || !self.is_idle() {
            return false;
        }
        self.shape.max_rows = n_rows;
        // What one row may have at most stays: responses must not become shorter.
        self.room.usual = (self.shape.n_slots / 2).max(1);
        self.room.least = self.room.least.min(self.room.usual);
        self.shape.n_slots = 0;
        self.empty();
        true
    }

    /// Makes room for the jobs that are queued, while none is open. What cannot have room then fails.
    pub(super) async fn make_room_for_pending<M: LanguageModel>(
        &mut self,
        model: &mut M,
    ) -> Result<(), ModelError> {
        if !self.open.is_empty() || self.pending.is_empty() {
            return Ok(());
        }
        if !self.begun.is_empty() {
            // Nothing is wanted of what is under way, and the pool may go.
            model.abandon();
            self.begun.clear();
        }
        let may_shrink = std::mem::take(&mut self.is_new_work);
        if may_shrink {
            // What cancelled jobs waited for is not waited for any more.
            self.prefixes.await_nothing();
        }
        let need = Need::of_jobs(&self.pending, self.table_rows.n_free(), |job| self.n_own_slots(job));
        self.make_room(model, need, may_shrink).await?;
        self.keeps_beginnings = self.shape.n_slots >= need.wanted;
        for job in std::mem::take(&mut self.pending) {
            match job.check(&self.shape) {
                Ok(()) => self.pending.push_back(job),
                Err(error) => self.events.push(RowEvent::Failed { job: job.id, error }),
            }
        }
        Ok(())
    }

    /// Makes room for texts of which the first has `n_first` tokens, and for as many more as a call or two take.
    pub(super) async fn make_room_for_texts<M: LanguageModel>(
        &mut self,
        model: &mut M,
        n_first: usize,
    ) -> Result<(), ModelError> {
        self.settle(model);
        let least = u32::try_from(n_first).unwrap_or(u32::MAX);
        let wanted = least.saturating_add(2 * self.shape.max_batch_tokens);
        self.make_room(model, Need { least, wanted }, false).await
    }

    /// Slots of the beginnings that later prompts wait for, where the pool was made for them too and rows that run will give
    /// back others; else what is at hand comes first.
    pub(super) fn n_kept(&self, n_kept: u32) -> u32 {
        let has_rows = self.table_rows.n_free() < self.n_let_in();
        if self.keeps_beginnings && has_rows { n_kept } else { 0 }
    }

    /// How much of a job's prompt a pending one begins with too.
    pub(super) fn n_later(&mut self, job: &Job) -> u32 {
        if self.later.is_empty() {
            let prompts: Vec<&[u32]> = self.pending.iter().map(|job| &job.prompt[..]).collect();
            let of_jobs = self.pending.iter().zip(beginnings(&prompts));
            self.later = of_jobs.map(|(job, beginning)| (job.id, beginning.n_later)).collect();
        }
        self.later.get(&job.id).copied().unwrap_or(0)
    }

    /// A refusal of one row that the pool has no room for.
    pub(super) fn no_room(&self, n_needed: usize) -> InputError {
        InputError::NoRoom { n_needed: n_needed as u32, n_slots: self.n_free_slots() }
    }

    /// Makes the pool as large as work needs. What it held is gone, so nothing happens while a row is open.
    async fn make_room<M: LanguageModel>(
        &mut self,
        model: &mut M,
        need: Need,
        may_shrink: bool,
    ) -> Result<(), ModelError> {
        let (goal, held) = (self.room.goal(need), self.shape.n_slots);
        let is_right = held >= goal && !(may_shrink && held / 2 > goal);
        if is_right || !self.open.is_empty() {
            return Ok(());
        }
        let mut tried = goal;
        let made = loop {
            match model.make_pool(tried).await {
                Err(ModelError::OutOfMemory { .. }) if tried > self.room.least => {
                    // Not asked for again: the next piece of work would be refused as well.
                    self.room.most = tried - 1;
                    let half = if tried > need.least { (tried / 2).max(need.least) } else { tried / 2 };
                    tried = half.max(self.room.least);
                    self.room.usual = self.room.usual.min(tried);
                }
                made => break made,
            }
        };
        self.shape.n_slots = model.shape().n_slots;
        self.empty();
        made
    }

    /// All slots and table rows are free, nothing is cached.
    pub(super) fn empty(&mut self) {
        self.slots = FreeList::new(self.shape.n_slots);
        self.table_rows = FreeList::new(self.n_let_in());
        self.prefixes = PrefixTree::default();
    }
}
