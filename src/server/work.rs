//! A run on a server as a machine without a clock: which request is to be sent now, and what follows from what came of it.
//!
//! A row is a prompt in a language. Its samples keep their seeds, whatever request brings them, so what is missing can be asked
//! for again in any grouping.

use std::collections::{BTreeMap, VecDeque};

use super::{
    pace::{Gate, Stopped, TRIES, Ticket, Watch, wait_secs},
    requests::runs,
};

/// Most different messages that are kept.
const MOST_MESSAGES: usize = 20;

/// A request to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number, unique in a run.
    pub id: u32,
    /// Of which row.
    pub row: usize,
    /// The first sample.
    pub first: u32,
    /// How many samples.
    pub count: u32,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Send this, and ask again.
    Send(Order),
    /// Wait until a request has ended, or this time has come.
    Wait {
        /// In milliseconds, on the clock of [`Work::next`].
        until_ms: Option<f64>,
    },
    /// Every sample is here or given up.
    Done,
    /// The run has stopped by itself; requests under way are to be given up.
    Stopped(Stopped),
}

/// What came of a request. What a server says is already cleaned for showing.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An answer, to its end.
    Answered,
    /// Nothing, or half an answer; a later try may bring one.
    Failed {
        /// Why.
        message: String,
        /// The server has too much to do.
        is_busy: bool,
        /// Seconds that it asks to wait.
        retry_after: Option<f64>,
    },
    /// The server will never answer it.
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        message: String,
    },
    /// It will answer no request before a person changes something.
    TurnedAway {
        /// Why.
        message: String,
    },
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Samples that were missing at its beginning.
    pub n_samples: usize,
    /// Of them, those that came.
    pub n_done: usize,
    /// Of them, those that were given up.
    pub n_given_up: usize,
    /// Requests under way.
    pub n_under_way: usize,
    /// Requests that may be.
    pub limit: usize,
    /// Times that a request was sent again.
    pub n_retries: usize,
}

#[derive(Debug)]
struct Row {
    missing: Vec<u32>,
    n_came: usize,
    text: Option<String>,
    are_equal: bool,
}

#[derive(Clone, Copy, Debug)]
struct Task {
    row: usize,
    first: u32,
    count: u32,
    n_tries: u32,
    /// One of the samples of a request that was refused: shows whether that was for their number.
    tests_number: bool,
}

/// A run.
#[derive(Debug)]
pub struct Work {
    rows: Vec<Row>,
    is_sampled: bool,
    queue: VecDeque<Task>,
    /// Each with its time in milliseconds.
    later: Vec<(f64, Task)>,
    under_way: BTreeMap<u32, (Task, Ticket)>,
    last_id: u32,
    gate: Gate,
    watch: Watch,
    is_one_at_a_time: bool,
    stopped: Option<Stopped>,
    counts: Counts,
    messages: BTreeMap<String, usize>,
}

impl Work {
    /// For the missing samples of each row, at most `per_request` of them in a request. `is_sampled` says that the temperature
    /// is above 0, so that samples are to differ.
    pub fn new(rows: Vec<Vec<u32>>, per_request: u32, is_sampled: bool) -> Self {
        let mut queue = VecDeque::new();
        for (row, missing) in rows.iter().enumerate() {
            let task = |(first, count)| Task { row, first, count, n_tries: 0, tests_number: false };
            queue.extend(runs(missing, per_request).into_iter().map(task));
        }
        let counts = Counts { n_samples: rows.iter().map(Vec::len).sum(), ..Counts::default() };
        let row = |missing| Row { missing, n_came: 0, text: None, are_equal: true };
        Self {
            rows: rows.into_iter().map(row).collect(),
            is_sampled,
            queue,
            later: Vec::new(),
            under_way: BTreeMap::new(),
            last_id: 0,
            gate: Gate::default(),
            watch: Watch::default(),
            is_one_at_a_time: false,
            stopped: None,
            counts,
            messages: BTreeMap::new(),
        }
    }

    /// What to do at a time.
    pub fn next(&mut self, now_ms: f64) -> Next {
        if let Some(stopped) = &self.stopped {
            return Next::Stopped(stopped.clone());
        }
        let is_due = |(due_ms, _): &(f64, Task)| *due_ms <= now_ms;
        while let Some(at) = self.later.iter().position(is_due) {
            let (_, task) = self.later.swap_remove(at);
            self.queue.push_front(task);
        }
        let until_ms = self.later.iter().map(|(due_ms, _)| *due_ms).reduce(f64::min);
        let Some(mut task) = self.queue.pop_front() else {
            let is_done = until_ms.is_none() && self.under_way.is_empty();
            return if is_done { Next::Done } else { Next::Wait { until_ms } };
        };
        // One that waits for another try holds its place, so that a server that is off is not asked for every row.
        let is_crowded = task.n_tries == 0 && self.under_way.len() + self.later.len() >= self.gate.limit();
        let Some(ticket) = (!is_crowded).then(|| self.gate.enter()).flatten() else {
            self.queue.push_front(task);
            return Next::Wait { until_ms };
        };
        if self.is_one_at_a_time && task.count > 1 {
            self.queue.push_front(Task { first: task.first + 1, count: task.count - 1, ..task });
            task.count = 1;
        }
        self.last_id += 1;
        let Task { row, first, count, .. } = task;
        self.under_way.insert(self.last_id, (task, ticket));
        Next::Send(Order { id: self.last_id, row, first, count })
    }

    /// A sample of a request has ended, and is a response. Says which sample of its row that is, where it was still missing.
    pub fn sample(&mut self, id: u32, index: u32, text: &str) -> Option<(usize, u32)> {
        let (row, sample) = self.take(id, index)?;
        self.counts.n_done += 1;
        let of = &mut self.rows[row];
        of.n_came += 1;
        match &of.text {
            Some(first) => of.are_equal &= first == text,
            None => of.text = Some(text.to_owned()),
        }
        if of.missing.is_empty() {
            of.text = None;
            let is_watched = self.is_sampled.then(|| self.watch.row(of.n_came, of.are_equal)).flatten();
            self.stop(is_watched);
        }
        Some((row, sample))
    }

    /// A sample of a request has ended, and is no response: it is given up, since its seed would bring it again.
    pub fn spoiled(&mut self, id: u32, index: u32, why: String) {
        if self.take(id, index).is_some() {
            self.counts.n_given_up += 1;
            self.note(why);
        }
    }

    /// A request has ended. `uniform` is from 0 to below 1.
    pub fn ended(&mut self, id: u32, outcome: Outcome, now_ms: f64, uniform: f64) {
        let Some((task, ticket)) = self.under_way.remove(&id) else { return };
        let missing = self.missing_of(task);
        let is_whole = missing.is_empty();
        let is_busy = matches!(outcome, Outcome::Failed { is_busy: true, .. });
        let is_answered = outcome == Outcome::Answered;
        self.gate.leave(ticket, is_answered, is_busy);
        if is_answered || is_whole {
            self.watch.answered();
        }
        match outcome {
            Outcome::TurnedAway { message } => self.stop(Some(Stopped::TurnedAway(message))),
            _ if is_whole => self.is_one_at_a_time |= task.tests_number,
            Outcome::Answered if task.count > 1 => {
                self.is_one_at_a_time = true;
                self.again(task, &missing, 1, false);
            }
            Outcome::Answered => {
                let message = "the answer holds no sample".to_owned();
                self.try_again(task, &missing, message, wait_secs(task.n_tries, uniform, None), now_ms);
            }
            Outcome::Failed { message, retry_after, .. } => {
                let wait = wait_secs(task.n_tries, uniform, retry_after);
                self.try_again(task, &missing, message, wait, now_ms);
            }
            Outcome::Refused { status: 400 | 422, .. } if task.count > 1 => {
                self.again(task, &missing, 1, true);
            }
            Outcome::Refused { status, message } => {
                let message = format!("refused ({status}): {message}");
                let stopped = self.watch.refused(&message);
                self.stop(stopped);
                self.give_up(task, &missing, message);
            }
        }
    }

    /// How far it is.
    pub fn counts(&self) -> Counts {
        Counts { n_under_way: self.gate.n_under_way(), limit: self.gate.limit(), ..self.counts }
    }

    /// Whether the server turned out to give one sample a request.
    pub fn is_one_at_a_time(&self) -> bool {
        self.is_one_at_a_time
    }

    /// What servers said of the samples that were given up, and how often.
    pub fn messages(&self) -> impl Iterator<Item = (&str, usize)> {
        self.messages.iter().map(|(message, n)| (message.as_str(), *n))
    }

    /// Takes a sample of a request from what is missing.
    fn take(&mut self, id: u32, index: u32) -> Option<(usize, u32)> {
        let (task, _) = self.under_way.get(&id)?;
        let sample = task.first + index;
        let missing = &mut self.rows.get_mut(task.row)?.missing;
        let at = missing.iter().position(|missing| *missing == sample).filter(|_| index < task.count)?;
        missing.remove(at);
        Some((task.row, sample))
    }

    fn missing_of(&self, task: Task) -> Vec<u32> {
        let of_task = task.first..task.first + task.count;
        let missing = self.rows.get(task.row).map_or(&[][..], |row| row.missing.as_slice());
        missing.iter().copied().filter(|sample| of_task.contains(sample)).collect()
    }

    fn again(&mut self, task: Task, missing: &[u32], per_request: u32, tests_number: bool) {
        for (first, count) in runs(missing, per_request).into_iter().rev() {
            self.queue.push_front(Task { first, count, n_tries: 0, tests_number, ..task });
        }
    }

    fn try_again(&mut self, task: Task, missing: &[u32], message: String, wait_secs: f64, now_ms: f64) {
        let n_tries = task.n_tries + 1;
        if n_tries >= TRIES {
            let stopped = self.watch.failed(&message);
            self.stop(stopped);
            return self.give_up(task, missing, message);
        }
        self.counts.n_retries += 1;
        let due_ms = now_ms + wait_secs * 1_000.0;
        for (first, count) in runs(missing, task.count) {
            self.later.push((due_ms, Task { first, count, n_tries, ..task }));
        }
    }

    fn give_up(&mut self, task: Task, missing: &[u32], message: String) {
        self.counts.n_given_up += missing.len();
        if let Some(row) = self.rows.get_mut(task.row) {
            row.missing.retain(|sample| !missing.contains(sample));
        }
        self.note(message);
    }

    fn note(&mut self, message: String) {
        if self.messages.len() < MOST_MESSAGES || self.messages.contains_key(&message) {
            *self.messages.entry(message).or_default() += 1;
        }
    }

    fn stop(&mut self, stopped: Option<Stopped>) {
        self.stopped = self.stopped.take().or(stopped);
    }
}
