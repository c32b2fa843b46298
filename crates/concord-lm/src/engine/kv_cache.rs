//! The KV pool, the table that says which slot holds each position of each sequence, and the sets of
//! seen tokens that the repetition penalty reads.

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::uploads::Uploads;
use crate::generate::{Capacity, ModelError};
use crate::weights::Hyperparameters;

/// Device memory of all sequences.
#[derive(Debug)]
pub(crate) struct KvCache {
    /// Keys and values of each layer, `[n_slots, kv_dim]` f16 each, two to a word.
    pub(crate) pools: Vec<[Buffer; 2]>,
    /// Slots, `[n_table_rows, seq_len]`.
    pub(crate) table: Buffer,
    /// Bit sets, `[n_table_rows, seen_words]`.
    pub(crate) seen: Buffer,
    /// Width of a table row: no sequence is longer than the pool or the context.
    pub(crate) seq_len: u32,
    /// Words of a set of seen tokens.
    pub(crate) seen_words: u32,
    n_slots: u32,
    vocab_size: u32,
    /// Positions of each table row that have slots.
    lengths: Vec<u32>,
}

impl KvCache {
    /// An empty pool.
    ///
    /// # Errors
    /// No memory.
    pub(crate) async fn new(gpu: &Gpu, h: &Hyperparameters, capacity: Capacity) -> Result<Self, EngineError> {
        let mut made = Vec::new();
        let cache = Self::made(gpu, h, capacity, &mut made).await;
        if cache.is_err() {
            // In a browser buffers without an owner stay until they are collected.
            made.iter().for_each(Buffer::destroy);
        }
        cache
    }

    /// Keeps what it makes in `made` too.
    async fn made(
        gpu: &Gpu,
        h: &Hyperparameters,
        capacity: Capacity,
        made: &mut Vec<Buffer>,
    ) -> Result<Self, EngineError> {
        let Capacity { n_slots, n_table_rows, .. } = capacity;
        let pool_bytes = 2 * u64::from(n_slots) * u64::from(h.kv_dim());
        let mut pools = Vec::new();
        for _ in 0..h.n_layers {
            let keys = gpu.storage("keys", pool_bytes).await?;
            made.push(keys.clone());
            let values = gpu.storage("values", pool_bytes).await?;
            made.push(values.clone());
            pools.push([keys, values]);
        }
        let seq_len = h.seq_len.min(n_slots);
        let seen_words = h.vocab_size.div_ceil(32);
        let per_row = |width: u32| 4 * u64::from(n_table_rows) * u64::from(width);
        Ok(Self {
            pools,
            table: gpu.storage("slot table", per_row(seq_len)).await?,
            seen: gpu.storage("seen tokens", per_row(seen_words)).await?,
            seq_len,
            seen_words,
            n_slots,
            vocab_size: h.vocab_size,
            lengths: vec![0; n_table_rows as usize],
        })
    }

    /// Gives the memory back at once, whatever still names the buffers.
    pub(crate) fn destroy(&self) {
        self.pools.iter().flatten().chain([&self.table, &self.seen]).for_each(Buffer::destroy);
    }

    pub(crate) fn set_slots(
        &mut self,
        (gpu, uploads): (&Gpu, &mut Uploads),
        table_row: u32,
        first_position: u32,
        slots: &[u32],
    ) -> Result<(), ModelError> {
        self.check_table_row(table_row)?;
        if let Some(slot) = slots.iter().find(|&&slot| slot >= self.n_slots) {
            return Err(bad_request(format!("slot {slot} of {}", self.n_slots)));
        }
        let end = u64::from(first_position) + slots.len() as u64;
        if end > u64::from(self.seq_len) {
            return Err(bad_request(format!("position {end} is past the context")));
        }
        let place = u64::from(table_row) * u64::from(self.seq_len) + u64::from(first_position);
        uploads.write(gpu, &self.table, 4 * place, slots);
        let length = &mut self.lengths[table_row as usize];
        *length = (*length).max(end as u32);
        Ok(())
    }

    pub(crate) fn set_seen(
        &self,
        (gpu, uploads): (&Gpu, &mut Uploads),
        table_row: u32,
        tokens: &[u32],
    ) -> Result<(), ModelError> {
        self.check_table_row(table_row)?;
        let mut words = vec![0u32; self.seen_words as usize];
        for &token in tokens {
            self.check_token(token)?;
            words[token as usize / 32] |= 1 << (token % 32);
        }
        uploads.write(gpu, &self.seen, 4 * u64::from(table_row) * u64::from(self.seen_words), &words);
        Ok(())
    }

    /// Refuses a token whose id is unknown or for which some position up to `last` has no slot.
    pub(crate) fn check(&self, id: u32, table_row: u32, last: u32) -> Result<(), ModelError> {
        self.check_token(id)?;
        self.check_table_row(table_row)?;
        if last >= self.lengths[table_row as usize] {
            return Err(bad_request(format!("no slot is set for position {last} of table row {table_row}")));
        }
        Ok(())
    }

    pub(crate) fn check_table_row(&self, table_row: u32) -> Result<(), ModelError> {
        let n_rows = self.lengths.len();
        if table_row as usize >= n_rows {
            return Err(bad_request(format!("table row {table_row} of {n_rows}")));
        }
        Ok(())
    }

    fn check_token(&self, id: u32) -> Result<(), ModelError> {
        if id >= self.vocab_size {
            return Err(bad_request(format!("token {id} of a vocabulary of {}", self.vocab_size)));
        }
        Ok(())
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        let pools: u64 = self.pools.iter().flatten().map(Buffer::size).sum();
        pools + self.table.size() + self.seen.size()
    }
}

pub(crate) fn bad_request(reason: String) -> ModelError {
    ModelError::BadRequest { reason }
}
