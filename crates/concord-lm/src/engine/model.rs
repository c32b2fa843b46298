//! [`LanguageModel`] on the GPU: checks requests, records the forward pass, reads back a few bytes.

use std::rc::Rc;

use bytemuck::Pod;

use super::buffers::Buffer;
use super::calls::{Calls, MOST_UNDER_WAY, Parts, check_results};
use super::cosines::Cosines;
use super::device::Gpu;
use super::error::EngineError;
use super::forward::Forward;
use super::kernels::rms_norm::Rows;
use super::kernels::sample::{DrawEntry, result_words};
use super::kv_cache::{KvCache, bad_request};
use super::model_weights::ModelWeights;
use super::recording::{BufferCopy, Recording};
use super::scratch::Scratch;
use super::uploads::{Stage, Uploads};
use crate::generate::{
    Call, Capacity, Counters, DecodeRow, Done, Draw, Ends, LanguageModel, LiveRows, MAX_STEPS, ModelError,
    ModelShape, Pooling, Sampled, TokenInput,
};
use crate::weights::Head;

/// Vectors that there is room for from the start: the responses to a prompt in eight languages, eight of each.
const N_VECTORS: u32 = 64;

/// A model on the GPU.
#[derive(Debug)]
pub struct GpuModel {
    pub(super) gpu: Gpu,
    pub(super) weights: Rc<ModelWeights>,
    capacity: Capacity,
    kv: KvCache,
    pub(super) scratch: Scratch,
    pub(super) forward: Forward,
    pub(super) uploads: Uploads,
    calls: Calls,
    pub(super) cosines: Cosines,
    /// Bind groups and pipelines that are counted.
    n_made: u32,
    counters: Counters,
}

impl GpuModel {
    /// A model with an empty KV pool; the weights are shared.
    ///
    /// # Errors
    /// No memory, or a kernel that the device refuses.
    pub async fn new(gpu: &Gpu, weights: Rc<ModelWeights>, capacity: Capacity) -> Result<Self, EngineError> {
        let h = weights.hyperparameters;
        check_results(h.vocab_size, capacity.n_table_rows)?;
        let kv = KvCache::new(gpu, &h, capacity).await?;
        let scratch = Scratch::new(gpu, &h, &weights.rope_divisors, capacity, kv.seq_len).await?;
        let forward = Forward::new(gpu, &weights, &kv, &scratch).await?;
        let uploads = Uploads::new(gpu).await?;
        let calls = Calls::new(gpu, &scratch, capacity.n_table_rows).await?;
        gpu.drain().await?;
        let (cosines, counters, gpu) = (Cosines::default(), Counters::default(), gpu.clone());
        let mut model = Self {
            gpu,
            weights,
            capacity,
            kv,
            scratch,
            forward,
            uploads,
            calls,
            cosines,
            n_made: 0,
            counters,
        };
        model.room_for_vectors(N_VECTORS).await?;
        model.n_made = model.gpu.n_made();
        Ok(model)
    }

    /// Another pool, and all that is bound to it.
    async fn remake(&mut self, capacity: Capacity) -> Result<(), EngineError> {
        let Self { gpu, weights, scratch, .. } = self;
        let h = weights.hyperparameters;
        self.calls.forget_recordings();
        self.kv = KvCache::new(gpu, &h, capacity).await?;
        let bound = match scratch.reach(gpu, &h, &weights.rope_divisors, self.kv.seq_len).await {
            Ok(()) => self.forward.rebind(gpu, weights, &self.kv, scratch),
            Err(error) => Err(error),
        };
        self.forward = bound.inspect_err(|_| self.kv.destroy())?;
        Ok(self.gpu.drain().await?)
    }

    /// Runs a recording, and what comes before it, and reads the start of a buffer through a staging buffer; counts all.
    pub(super) async fn run<T: Pod>(
        &mut self,
        before: Option<Stage<'_>>,
        recording: &Recording,
        (from, staging): (&Buffer, &Buffer),
        n_values: usize,
    ) -> Result<Vec<T>, ModelError> {
        let n_bytes = (n_values * size_of::<T>()) as u64;
        let copy = BufferCopy { from: (from, 0), to: (staging, 0), n_bytes };
        let last = Stage { recordings: &[recording], copies: &[copy] };
        let stages: Vec<Stage<'_>> = before.into_iter().chain([last]).collect();
        let after = self.uploads.submit_stages(&self.gpu, &stages)?;
        let recordings = stages.iter().flat_map(|stage| stage.recordings);
        self.counters.dispatches += recordings.map(|recording| recording.n_dispatches()).sum::<u32>();
        self.counters.bytes_read_back += n_bytes;
        self.count();
        self.gpu.begin_read(staging, n_bytes, after).values(&self.gpu).await
    }

    /// The same through the staging buffer of all but tokens.
    pub(super) async fn read<T: Pod>(
        &mut self,
        recording: &Recording,
        from: &Buffer,
        n_values: usize,
    ) -> Result<Vec<T>, ModelError> {
        let staging = self.scratch.staging.clone();
        self.run(None, recording, (from, &staging), n_values).await
    }

    /// Adds what was submitted, written and made since the last time.
    fn count(&mut self) {
        let (n_submits, n_writes) = self.uploads.counted();
        self.counters.submits += n_submits;
        self.counters.writes += n_writes;
        let n_made = self.gpu.n_made();
        self.counters.objects_made += n_made - self.n_made;
        self.n_made = n_made;
    }

    /// What calls work with, and the calls.
    fn parts(&mut self) -> (Parts<'_>, &mut Calls) {
        let Self { gpu, forward, scratch, uploads, counters, calls, .. } = self;
        (Parts { gpu, forward, scratch, uploads, counters }, calls)
    }

    /// Checks the tokens of a batch and writes them to the device.
    pub(super) fn write_batch(&mut self, tokens: &[TokenInput]) -> Result<u32, ModelError> {
        let limit = self.capacity.max_batch_tokens;
        if tokens.len() > limit as usize {
            return Err(bad_request(format!(
                "{} tokens in a batch, at most {limit} are allowed",
                tokens.len()
            )));
        }
        tokens.iter().try_for_each(|token| self.kv.check(token.id, token.table_row, token.position))?;
        let batch: Vec<[u32; 4]> = tokens.iter().map(entry).collect();
        self.uploads.write(&self.gpu, &self.scratch.batch, 0, &batch);
        Ok(tokens.len() as u32)
    }

    fn check_head(&self) -> Result<(), ModelError> {
        match self.weights.hyperparameters.head {
            Head::None => Err(bad_request("an encoder has no logits".to_owned())),
            Head::Tied | Head::Own => Ok(()),
        }
    }

    fn check_rows(&self, n_rows: usize) -> Result<(), ModelError> {
        let limit = self.capacity.max_rows;
        if n_rows > limit as usize {
            return Err(bad_request(format!("{n_rows} rows or draws, at most {limit} are allowed")));
        }
        Ok(())
    }

    /// A prefill and its draws, recorded.
    fn record_prefill(
        &mut self,
        tokens: &[TokenInput],
        draws: &[Draw],
        n_words: u32,
    ) -> Result<Recording, ModelError> {
        self.check_rows(draws.len())?;
        if !draws.is_empty() {
            self.check_head()?;
        }
        draws.iter().try_for_each(|draw| self.kv.check_table_row(draw.table_row))?;
        if let Some(draw) = draws.iter().find(|draw| draw.token_idx as usize >= tokens.len()) {
            return Err(bad_request(format!("a draw after token {} of {}", draw.token_idx, tokens.len())));
        }
        let mut recording = Recording::new();
        if tokens.is_empty() {
            return Ok(recording);
        }
        let n_tokens = self.write_batch(tokens)?;
        self.forward.all_layers(&mut recording, n_tokens);
        // Draws after the same token share its logits.
        let mut token_idxs: Vec<u32> = draws.iter().map(|draw| draw.token_idx).collect();
        token_idxs.sort_unstable();
        token_idxs.dedup();
        let entries: Vec<DrawEntry> = draws
            .iter()
            .map(|draw| {
                let logits_row = token_idxs.partition_point(|&idx| idx < draw.token_idx) as u32;
                DrawEntry::new(logits_row, draw.table_row, draw.key, draw.settings)
            })
            .collect();
        self.uploads.write(&self.gpu, &self.scratch.indices, 0, &token_idxs);
        self.uploads.write(&self.gpu, &self.scratch.draws, 0, &entries);
        self.forward.head(&mut recording, Rows::Indexed, token_idxs.len() as u32);
        self.forward.sample(&mut recording, draws.len() as u32, n_words, None);
        Ok(recording)
    }
}

impl LanguageModel for GpuModel {
    fn shape(&self) -> ModelShape {
        ModelShape::new(&self.weights.hyperparameters, self.capacity)
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        self.kv.set_slots((&self.gpu, &mut self.uploads), table_row, first_position, slots)
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        // The old pool goes first: the device need not hold both.
        self.kv.destroy();
        self.capacity.n_slots = 0;
        let capacity = Capacity { n_slots, ..self.capacity };
        self.remake(capacity).await.map_err(|error| match error {
            EngineError::Model(error) => error,
            EngineError::OutOfMemory { .. } | EngineError::TooLarge { .. } => {
                ModelError::OutOfMemory { reason: error.to_string() }
            }
            error => bad_request(error.to_string()),
        })?;
        self.capacity = capacity;
        Ok(())
    }

    fn set_seen(&mut self, table_row: u32, tokens: &[u32]) -> Result<(), ModelError> {
        self.kv.set_seen((&self.gpu, &mut self.uploads), table_row, tokens)
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        self.calls.check_idle()?;
        let (tokens, draws) = (tokens.to_vec(), draws.to_vec());
        self.begin(Call { tokens, draws, n_steps: 0, sampled_logprobs: true })?;
        Ok(self.finish().await?.drawn)
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        self.check_rows(rows.len())?;
        self.calls.check_idle()?;
        let mut steps = vec![Vec::new(); n_steps as usize];
        if rows.is_empty() || n_steps == 0 {
            return Ok(steps);
        }
        let admitted = rows.iter().try_for_each(|row| self.admit(*row, Ends::new(n_steps, &[])));
        admitted.inspect_err(|_| self.abandon())?;
        for steps in steps.chunks_mut(MAX_STEPS as usize) {
            self.begin(Call { n_steps: steps.len() as u32, sampled_logprobs: true, ..Call::default() })?;
            let decoded = self.finish().await?.decoded;
            for (step, decoded) in steps.iter_mut().zip(decoded.chunks(rows.len())) {
                let of = |row: &DecodeRow| decoded.iter().find(|d| d.table_row == row.input.table_row);
                step.extend(rows.iter().filter_map(of).map(|decoded| decoded.sampled));
            }
        }
        Ok(steps)
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        self.calls.rows_mut()
    }

    fn n_calls_at_once(&self) -> usize {
        MOST_UNDER_WAY
    }

    fn admit(&mut self, row: DecodeRow, ends: Ends) -> Result<(), ModelError> {
        self.check_head()?;
        let last = row.input.position.saturating_add(ends.n_most.saturating_sub(1));
        self.kv.check(row.input.id, row.input.table_row, last)?;
        if ends.n_most == 0 {
            return Err(bad_request("a row that may draw nothing".to_owned()));
        }
        let (mut parts, calls) = self.parts();
        calls.admit(&mut parts, row, ends)
    }

    fn expel(&mut self, table_row: u32) {
        let (mut parts, calls) = self.parts();
        calls.expel(&mut parts, table_row);
    }

    fn abandon(&mut self) {
        let (mut parts, calls) = self.parts();
        calls.abandon(&mut parts);
    }

    fn begin(&mut self, Call { tokens, draws, n_steps, sampled_logprobs }: Call) -> Result<(), ModelError> {
        if n_steps > MAX_STEPS {
            return Err(bad_request(format!("{n_steps} steps, at most {MAX_STEPS} are allowed")));
        }
        let n_words = result_words(sampled_logprobs);
        let prefill = self.record_prefill(&tokens, &draws, n_words)?;
        let (mut parts, calls) = self.parts();
        calls.begin(&mut parts, &prefill, (draws.len() as u32, n_steps), n_words)?;
        self.count();
        Ok(())
    }

    async fn finish(&mut self) -> Result<Done, ModelError> {
        self.calls.finish(&self.gpu).await
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.check_head()?;
        let vocab_size = self.weights.hyperparameters.vocab_size;
        if targets.len() != tokens.len() || targets.iter().any(|&target| target >= vocab_size) {
            return Err(bad_request(format!("{} targets below {vocab_size} are needed", tokens.len())));
        }
        let n_tokens = self.write_batch(tokens)?;
        self.uploads.write(&self.gpu, &self.scratch.targets, 0, targets);
        let mut recording = Recording::new();
        self.forward.all_layers(&mut recording, n_tokens);
        for first in (0..n_tokens).step_by(self.scratch.logits_rows as usize) {
            let n_rows = self.scratch.logits_rows.min(n_tokens - first);
            self.forward.head(&mut recording, Rows::From(first), n_rows);
            self.forward.log_prob(&mut recording, first, n_rows);
        }
        let scores = self.scratch.scores.clone();
        self.read(&recording, &scores, tokens.len()).await
    }

    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        self.states_of(tokens, groups, layers, pooling).await
    }

    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        self.room_for_vectors(n_vectors).await
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        self.write_vector(place, vector)
    }

    async fn hold_states(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        states: (u32, Pooling),
        places: &[u32],
        n_compared: u32,
    ) -> Result<Vec<f32>, ModelError> {
        self.hold_and_compare((tokens, groups), states, places, n_compared).await
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        self.compare_held(n_vectors).await
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        self.check_head()?;
        let n_tokens = self.write_batch(tokens)?;
        let Some(last) = n_tokens.checked_sub(1) else {
            return Err(bad_request("no token to give the logits of".to_owned()));
        };
        let mut recording = Recording::new();
        self.forward.all_layers(&mut recording, n_tokens);
        self.forward.head(&mut recording, Rows::From(last), 1);
        let logits = self.scratch.logits.clone();
        self.read(&recording, &logits, self.weights.hyperparameters.vocab_size as usize).await
    }

    fn counters(&self) -> Counters {
        let held =
            self.kv.n_bytes() + self.scratch.n_bytes() + self.uploads.n_bytes() + self.cosines.n_bytes();
        let gpu_bytes = self.weights.n_bytes() + held;
        Counters { gpu_bytes, ..self.counters }
    }

    fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }
}

/// A token as the kernels read it.
fn entry(token: &TokenInput) -> [u32; 4] {
    [token.id, token.position, token.table_row, 0]
}
