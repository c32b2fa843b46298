//! Calls under way and the rows that were let in: the host's account of a decode that the device runs by itself.
//!
//! A row is let in by an entry of the draws, under its table row, and a place in the queue. The device seats it, ends it and
//! seats the next one in its place (`kernels/seat.wgsl`, `kernels/sample.wgsl`); results say whose they are. Copies to the
//! device are ordered with the calls, so what is written for the next call is not seen by those under way.

use std::collections::VecDeque;

use super::buffers::{Buffer, Reading};
use super::device::Gpu;
use super::error::EngineError;
use super::forward::Forward;
use super::kernel::Bindings;
use super::kernels::rms_norm::Rows;
use super::kernels::sample::{DrawEntry, MOST_TABLE_ROWS, MOST_TOKENS, NOBODY, decoded, sampled};
use super::kernels::seat::{self, QUEUE_HEAD_WORDS, Seat};
use super::kv_cache::bad_request;
use super::recording::{BufferCopy, Recording};
use super::scratch::Scratch;
use super::self_test;
use super::uploads::Uploads;
use crate::generate::{
    Counters, DecodeRow, Done, Ends, LiveRows, ModelError, TokenInput, nothing_begun, taken,
};

/// Calls under way at most: each has a staging buffer.
pub(crate) const MOST_UNDER_WAY: usize = 2;
/// Recordings of decode steps that are kept: a job runs few shapes.
const N_KEPT: usize = 8;

/// Rows and calls.
#[derive(Debug)]
pub(crate) struct Calls {
    seat: Seat,
    seats: Bindings,
    rows: LiveRows,
    /// Of each table row: calls begun before its row was let in.
    since: Vec<u64>,
    /// Table rows whose rows the device has not yet been told to end.
    expelled: Vec<bool>,
    under_way: VecDeque<UnderWay>,
    n_begun: u64,
    /// Rows that were ever let in.
    n_queued: u32,
    /// Of how many rows and steps and words of a result, and their dispatches.
    kept: VecDeque<([u32; 3], Recording)>,
}

#[derive(Debug)]
struct UnderWay {
    nth: u64,
    n_draws: u32,
    /// Of a result.
    n_words: u32,
    reading: Reading,
}

/// What calls work with.
pub(crate) struct Parts<'a> {
    pub(crate) gpu: &'a Gpu,
    pub(crate) forward: &'a Forward,
    pub(crate) scratch: &'a Scratch,
    pub(crate) uploads: &'a mut Uploads,
    pub(crate) counters: &'a mut Counters,
}

impl Calls {
    /// No row is in.
    ///
    /// # Errors
    /// The device refuses the kernel.
    pub(crate) async fn new(gpu: &Gpu, s: &Scratch, n_table_rows: u32) -> Result<Self, EngineError> {
        let seat = Seat::new(gpu).await?;
        self_test::seat(gpu, &seat).await?;
        let buffers = seat::Buffers { draws: &s.draws, batch: &s.batch, places: &s.places, queue: &s.queue };
        gpu.write(&s.places, 0, &vec![[0, 0, NOBODY, 0]; s.max_rows as usize]);
        Ok(Self {
            seats: seat.bind(gpu, buffers),
            seat,
            rows: LiveRows::default(),
            since: vec![0; n_table_rows as usize],
            expelled: vec![false; n_table_rows as usize],
            under_way: VecDeque::new(),
            n_begun: 0,
            n_queued: 0,
            kept: VecDeque::new(),
        })
    }

    /// What was recorded is bound to buffers that are gone.
    pub(crate) fn forget_recordings(&mut self) {
        self.kept.clear();
    }

    pub(crate) fn rows_mut(&mut self) -> &mut LiveRows {
        &mut self.rows
    }

    /// Refuses work that goes on by itself beside rows that are in, or calls under way.
    pub(crate) fn check_idle(&self) -> Result<(), ModelError> {
        match self.rows.n_rows() == 0 && self.under_way.is_empty() {
            true => Ok(()),
            false => Err(bad_request("rows decode already".to_owned())),
        }
    }

    /// Lets a row in, whose table row and slots were checked.
    pub(crate) fn admit(
        &mut self,
        parts: &mut Parts<'_>,
        row: DecodeRow,
        ends: Ends,
    ) -> Result<(), ModelError> {
        let TokenInput { id, position, table_row } = row.input;
        if self.expelled[table_row as usize] {
            // The row before must have left its place: there it would go on as this one.
            self.seat_alone(parts)?;
        }
        if !self.rows.admit(row, ends) {
            return Err(taken(table_row));
        }
        self.since[table_row as usize] = self.n_begun;
        self.write_entry(parts, table_row, DrawEntry::of_row(&row, &ends));
        let at = 4 * u64::from(QUEUE_HEAD_WORDS + 4 * (self.n_queued % parts.scratch.queue_len));
        parts.uploads.write(parts.gpu, &parts.scratch.queue, at, &[[id, position, table_row, 0]]);
        self.n_queued += 1;
        Ok(())
    }

    /// Ends a row.
    pub(crate) fn expel(&mut self, parts: &mut Parts<'_>, table_row: u32) {
        if self.rows.expel(table_row) {
            self.expelled[table_row as usize] = true;
            self.write_entry(parts, table_row, DrawEntry::default());
        }
    }

    /// Ends all rows, and drops what calls under way give.
    pub(crate) fn abandon(&mut self, parts: &mut Parts<'_>) {
        for table_row in self.rows.table_rows() {
            self.expel(parts, table_row);
        }
        self.under_way.clear();
    }

    /// Submits a recorded prefill with `n_draws` draws, then decode steps; results have `n_words` words.
    pub(crate) fn begin(
        &mut self,
        parts: &mut Parts<'_>,
        prefill: &Recording,
        (n_draws, n_steps): (u32, u32),
        n_words: u32,
    ) -> Result<(), ModelError> {
        if self.under_way.len() == MOST_UNDER_WAY {
            return Err(bad_request(format!("{MOST_UNDER_WAY} calls are under way")));
        }
        let s = parts.scratch;
        let n_rows = (self.rows.n_rows() as u32).min(s.max_rows);
        let n_steps = if n_rows == 0 { 0 } else { n_steps };
        let decode = match n_steps {
            0 => Recording::new(),
            _ => {
                self.tell_queue(parts);
                self.decode_steps(parts, n_rows, n_steps, n_words)
            }
        };
        let result_bytes = |n_results: u32| 4 * u64::from(n_results * n_words);
        let (drawn_bytes, decoded_bytes) = (result_bytes(n_draws), result_bytes(n_steps * n_rows));
        let staging = &s.token_staging[self.n_begun as usize % MOST_UNDER_WAY];
        let read = |from, at, n_bytes| BufferCopy { from: (&s.results, from), to: (staging, at), n_bytes };
        let copies = [
            read(0, 0, drawn_bytes),
            read(result_bytes(s.max_rows), drawn_bytes, decoded_bytes),
            stay(s, n_steps > 0),
        ];
        let after = parts.uploads.submit(parts.gpu, &[prefill, &decode], &copies)?;
        let n_bytes = drawn_bytes + decoded_bytes;
        let reading = parts.gpu.begin_read(staging, n_bytes, after);
        let counters = &mut *parts.counters;
        counters.steps += n_steps;
        counters.decode_dispatches += decode.n_dispatches();
        counters.dispatches += prefill.n_dispatches() + decode.n_dispatches();
        counters.bytes_read_back += n_bytes;
        self.under_way.push_back(UnderWay { nth: self.n_begun, n_draws, n_words, reading });
        self.n_begun += 1;
        Ok(())
    }

    /// Waits for the call that was begun first.
    pub(crate) async fn finish(&mut self, gpu: &Gpu) -> Result<Done, ModelError> {
        let Some(UnderWay { nth, n_draws, n_words, reading }) = self.under_way.pop_front() else {
            return Err(nothing_begun());
        };
        let words: Vec<u32> = reading.values(gpu).await?;
        let (drawn, steps) = words.split_at((n_draws * n_words) as usize);
        let mut done = Done { drawn: sampled(drawn, n_words), decoded: Vec::new() };
        for (table_row, sampled) in decoded(steps, n_words).flatten() {
            // Not of a row that was expelled, whoever has its table row now.
            if self.since.get(table_row as usize).is_some_and(|&since| since <= nth) {
                done.decoded.extend(self.rows.take(table_row, sampled));
            }
        }
        Ok(done)
    }

    /// Where rows end and nobody follows, decode steps go on for nobody; what is kept is the same for all calls of a shape.
    fn decode_steps(&mut self, parts: &Parts<'_>, n_rows: u32, n_steps: u32, n_words: u32) -> Recording {
        let shape = [n_rows, n_steps, n_words];
        if let Some((_, recording)) = self.kept.iter().find(|(kept, _)| *kept == shape) {
            return recording.clone();
        }
        let mut recording = Recording::new();
        self.seat(&mut recording, parts.scratch, n_rows);
        for step in 0..n_steps {
            parts.forward.all_layers(&mut recording, n_rows);
            parts.forward.head(&mut recording, Rows::From(0), n_rows);
            parts.forward.sample(&mut recording, n_rows, n_words, Some(step));
        }
        self.kept.truncate(N_KEPT - 1);
        self.kept.push_front((shape, recording.clone()));
        recording
    }

    fn seat(&self, recording: &mut Recording, s: &Scratch, n_rows: u32) {
        let params = seat::Params { first_row: s.max_rows, n_rows, max_rows: s.max_rows, pad0: 0 };
        self.seat.encode(recording, &self.seats, params);
    }

    /// Lets ended rows leave, and nobody in.
    fn seat_alone(&mut self, parts: &mut Parts<'_>) -> Result<(), ModelError> {
        self.tell_queue(parts);
        let mut recording = Recording::new();
        self.seat(&mut recording, parts.scratch, 0);
        parts.uploads.submit(parts.gpu, &[&recording], &[stay(parts.scratch, true)])?;
        parts.counters.dispatches += recording.n_dispatches();
        Ok(())
    }

    /// The next call sees who was let in and who was expelled.
    fn tell_queue(&mut self, parts: &mut Parts<'_>) {
        parts.uploads.write(parts.gpu, &parts.scratch.queue, 4, &[self.n_queued]);
        self.expelled.fill(false);
    }

    fn write_entry(&self, parts: &mut Parts<'_>, table_row: u32, entry: DrawEntry) {
        let place = u64::from(parts.scratch.max_rows + table_row) * size_of::<DrawEntry>() as u64;
        parts.uploads.write(parts.gpu, &parts.scratch.draws, place, &[entry]);
    }
}

/// Rows keep their places from one decode to the next, whatever the batch holds between them.
fn stay(s: &Scratch, has_decoded: bool) -> BufferCopy<'_> {
    let (batch, places): (&Buffer, &Buffer) = (&s.batch, &s.places);
    let n_bytes = if has_decoded { 16 * u64::from(s.max_rows) } else { 0 };
    BufferCopy { from: (batch, 0), to: (places, 0), n_bytes }
}

/// Refuses what a result has no bits for.
pub(crate) fn check_results(vocab_size: u32, n_table_rows: u32) -> Result<(), EngineError> {
    let limits = [("vocabulary", vocab_size, MOST_TOKENS), ("rows", n_table_rows, MOST_TABLE_ROWS)];
    match limits.into_iter().find(|(_, value, most)| value > most) {
        Some((what, value, most)) => {
            Err(bad_request(format!("a {what} of {value}, at most {most} are possible on the GPU")).into())
        }
        None => Ok(()),
    }
}
