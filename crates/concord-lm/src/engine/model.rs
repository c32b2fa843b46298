//! [`LanguageModel`] on the GPU: checks requests, records the forward pass, reads back a few bytes.

use std::rc::Rc;

use bytemuck::Pod;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::forward::Forward;
use super::kernels::rms_norm::Rows;
use super::kernels::sample::{DrawEntry, RESULT_WORDS, sampled};
use super::kv_cache::{KvCache, bad_request};
use super::model_weights::ModelWeights;
use super::recording::{MAX_GROUPS, Recording};
use super::scratch::{MAX_STEPS, Scratch};
use crate::generate::{
    Capacity, Counters, DecodeRow, Draw, LanguageModel, ModelError, ModelShape, Pooling, Sampled, TokenInput,
    check_layers, positions_seen,
};
use crate::weights::Head;

/// A model on the GPU.
#[derive(Debug)]
pub struct GpuModel {
    gpu: Gpu,
    weights: Rc<ModelWeights>,
    capacity: Capacity,
    kv: KvCache,
    scratch: Scratch,
    forward: Forward,
    counters: Counters,
}

impl GpuModel {
    /// A model with an empty KV pool; the weights are shared.
    ///
    /// # Errors
    /// No memory, or a kernel that the device refuses.
    pub async fn new(gpu: &Gpu, weights: Rc<ModelWeights>, capacity: Capacity) -> Result<Self, EngineError> {
        let h = weights.hyperparameters;
        let kv = KvCache::new(gpu, &h, capacity).await?;
        let scratch = Scratch::new(gpu, &h, &weights.rope_divisors, capacity, kv.seq_len).await?;
        let forward = Forward::new(gpu, &weights, &kv, &scratch).await?;
        gpu.drain().await?;
        Ok(Self { gpu: gpu.clone(), weights, capacity, kv, scratch, forward, counters: Counters::default() })
    }

    /// Another pool, and all that is bound to it.
    async fn remake(&mut self, capacity: Capacity) -> Result<(), EngineError> {
        let Self { gpu, weights, scratch, .. } = self;
        let h = weights.hyperparameters;
        self.kv = KvCache::new(gpu, &h, capacity).await?;
        let bound = match scratch.reach(gpu, &h, &weights.rope_divisors, self.kv.seq_len).await {
            Ok(()) => self.forward.rebind(gpu, weights, &self.kv, scratch),
            Err(error) => Err(error),
        };
        self.forward = bound.inspect_err(|_| self.kv.destroy())?;
        Ok(self.gpu.drain().await?)
    }

    /// Runs a recording and reads the start of a buffer, counting both.
    async fn run<T: Pod>(
        &mut self,
        recording: &Recording,
        from: &Buffer,
        n_values: usize,
    ) -> Result<Vec<T>, ModelError> {
        self.counters.dispatches += recording.n_dispatches();
        self.counters.submits += 1;
        self.counters.bytes_read_back += (n_values * size_of::<T>()) as u64;
        self.gpu.run_and_read(recording, from, &self.scratch.staging, n_values).await
    }

    /// Checks the tokens of a batch and writes them to the device.
    fn write_batch(&self, tokens: &[TokenInput]) -> Result<u32, ModelError> {
        let limit = self.capacity.max_batch_tokens;
        if tokens.len() > limit as usize {
            return Err(bad_request(format!(
                "{} tokens in a batch, at most {limit} are allowed",
                tokens.len()
            )));
        }
        tokens.iter().try_for_each(|token| self.kv.check(token.id, token.table_row, token.position))?;
        let batch: Vec<[u32; 4]> = tokens.iter().map(entry).collect();
        self.gpu.write(&self.scratch.batch, 0, &batch);
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

    /// At most [`MAX_STEPS`] decode steps in one submit.
    async fn decode_submit(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Sampled>, ModelError> {
        let n_rows = rows.len() as u32;
        let batch: Vec<[u32; 4]> = rows.iter().map(|row| entry(&row.input)).collect();
        self.gpu.write(&self.scratch.batch, 0, &batch);
        let draws: Vec<DrawEntry> = (0..)
            .zip(rows)
            .map(|(idx, row)| DrawEntry::new(idx, row.input.table_row, row.key, row.settings))
            .collect();
        self.gpu.write(&self.scratch.draws, 0, &draws);
        let mut recording = Recording::new();
        for step in 0..n_steps {
            self.forward.all_layers(&mut recording, n_rows);
            self.forward.head(&mut recording, Rows::From(0), n_rows);
            self.forward.sample(&mut recording, n_rows, step, true);
        }
        self.counters.steps += n_steps;
        self.counters.decode_dispatches += recording.n_dispatches();
        let n_words = (n_steps * n_rows * RESULT_WORDS) as usize;
        let results = self.scratch.results.clone();
        Ok(sampled(&self.run(&recording, &results, n_words).await?))
    }
}

impl LanguageModel for GpuModel {
    fn shape(&self) -> ModelShape {
        ModelShape::new(&self.weights.hyperparameters, self.capacity)
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        self.kv.set_slots(&self.gpu, table_row, first_position, slots)
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
        self.kv.set_seen(&self.gpu, table_row, tokens)
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        self.check_rows(draws.len())?;
        if !draws.is_empty() {
            self.check_head()?;
        }
        draws.iter().try_for_each(|draw| self.kv.check_table_row(draw.table_row))?;
        if let Some(draw) = draws.iter().find(|draw| draw.token_idx as usize >= tokens.len()) {
            return Err(bad_request(format!("a draw after token {} of {}", draw.token_idx, tokens.len())));
        }
        let n_tokens = self.write_batch(tokens)?;
        let mut recording = Recording::new();
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
        self.gpu.write(&self.scratch.indices, 0, &token_idxs);
        self.gpu.write(&self.scratch.draws, 0, &entries);
        self.forward.head(&mut recording, Rows::Indexed, token_idxs.len() as u32);
        self.forward.sample(&mut recording, draws.len() as u32, 0, false);
        let results = self.scratch.results.clone();
        Ok(sampled(&self.run(&recording, &results, draws.len() * RESULT_WORDS as usize).await?))
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        self.check_rows(rows.len())?;
        self.check_head()?;
        for DecodeRow { input, .. } in rows {
            let last = input.position.saturating_add(n_steps.saturating_sub(1));
            self.kv.check(input.id, input.table_row, last)?;
        }
        let mut rows = rows.to_vec();
        let mut steps = Vec::with_capacity(n_steps as usize);
        let mut n_left = n_steps;
        while n_left > 0 && !rows.is_empty() {
            let n_now = n_left.min(MAX_STEPS);
            let sampled = self.decode_submit(&rows, n_now).await?;
            steps.extend(sampled.chunks_exact(rows.len()).map(<[Sampled]>::to_vec));
            for (row, last) in rows.iter_mut().zip(&sampled[sampled.len() - steps[0].len()..]) {
                row.input.id = last.id;
                row.input.position += n_now;
                row.key.step += n_now;
            }
            n_left -= n_now;
        }
        steps.resize(n_steps as usize, Vec::new());
        Ok(steps)
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.check_head()?;
        let vocab_size = self.weights.hyperparameters.vocab_size;
        if targets.len() != tokens.len() || targets.iter().any(|&target| target >= vocab_size) {
            return Err(bad_request(format!("{} targets below {vocab_size} are needed", tokens.len())));
        }
        let n_tokens = self.write_batch(tokens)?;
        self.gpu.write(&self.scratch.targets, 0, targets);
        let mut recording = Recording::new();
        self.forward.all_layers(&mut recording, n_tokens);
        for first in (0..n_tokens).step_by(self.scratch.logits_rows as usize) {
            let n_rows = self.scratch.logits_rows.min(n_tokens - first);
            self.forward.head(&mut recording, Rows::From(first), n_rows);
            self.forward.log_prob(&mut recording, first, n_rows);
        }
        let scores = self.scratch.scores.clone();
        self.run(&recording, &scores, tokens.len()).await
    }

    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        check_layers(layers, self.weights.hyperparameters.n_layers)?;
        if groups.iter().map(|&n_tokens| n_tokens as usize).sum::<usize>() != tokens.len() {
            return Err(bad_request(format!("groups that do not add up to {} tokens", tokens.len())));
        }
        if groups.len() > self.scratch.max_groups as usize {
            return Err(bad_request(format!(
                "{} groups of at most {}",
                groups.len(),
                self.scratch.max_groups
            )));
        }
        let n_tokens = self.write_batch(tokens)?;
        if !self.weights.hyperparameters.causal {
            let seen = positions_seen(tokens, groups, false);
            let batch: Vec<[u32; 4]> = tokens
                .iter()
                .zip(seen)
                .map(|(token, n_seen)| [token.id, token.position, token.table_row, n_seen])
                .collect();
            self.gpu.write(&self.scratch.batch, 0, &batch);
        }
        let ends = groups.iter().scan(0, |end, &count| {
            *end += count;
            Some([*end - count, count])
        });
        self.gpu.write(&self.scratch.groups, 0, &ends.collect::<Vec<[u32; 2]>>());
        let dim = self.weights.hyperparameters.dim as usize;
        let pooled = self.scratch.pooled.clone();
        let mut recording = Recording::new();
        self.forward.embedding(&mut recording, n_tokens);
        let mut n_done = 0;
        let mut of_layers = Vec::with_capacity(layers.len());
        for &layer in layers {
            self.forward.layers(&mut recording, n_tokens, n_done..layer);
            self.forward.pool(&mut recording, (n_tokens, groups.len() as u32), layer, pooling);
            let values: Vec<f32> = self.run(&recording, &pooled, groups.len() * dim).await?;
            of_layers.push(values.chunks_exact(dim).map(<[f32]>::to_vec).collect());
            // The states stay on the device: the next part of the pass goes on from them.
            recording = Recording::new();
            n_done = layer;
        }
        Ok(of_layers)
    }

    async fn cosine_matrix(&mut self, vectors: &[Vec<f32>]) -> Result<Vec<f32>, ModelError> {
        let dim = vectors.first().map_or(0, Vec::len);
        if vectors.iter().any(|vector| vector.len() != dim) {
            return Err(bad_request("vectors of different lengths".to_owned()));
        }
        if vectors.len() > MAX_GROUPS as usize {
            return Err(bad_request(format!("{} vectors, at most {MAX_GROUPS} are allowed", vectors.len())));
        }
        let n_cosines = vectors.len() * vectors.len();
        let memory = |error: EngineError| ModelError::OutOfMemory { reason: error.to_string() };
        let input = self.gpu.upload("vectors", &vectors.concat()).await.map_err(memory)?;
        let output = self.gpu.storage("cosines", 4 * n_cosines as u64).await.map_err(memory)?;
        let staging = self.gpu.staging("read back cosines", 4 * n_cosines as u64).await.map_err(memory)?;
        let mut recording = Recording::new();
        let bindings = self.forward.cosine.bind(&self.gpu, &input, &output);
        self.forward.cosine.encode(&mut recording, &bindings, vectors.len() as u32, dim as u32);
        self.counters.dispatches += recording.n_dispatches();
        self.counters.submits += 1;
        self.counters.bytes_read_back += 4 * n_cosines as u64;
        self.gpu.run_and_read(&recording, &output, &staging, n_cosines).await
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        self.check_head()?;
        let n_tokens = self.write_batch(tokens)?;
        let Some(last) = n_tokens.checked_sub(1) else {
            return Err(bad_request("no token to give the logits of".to_owned()));
        };
        let mut recording = Recording::new();
        let h = self.weights.hyperparameters;
        self.forward.all_layers(&mut recording, n_tokens);
        self.forward.head(&mut recording, Rows::From(last), 1);
        let logits = self.scratch.logits.clone();
        self.run(&recording, &logits, h.vocab_size as usize).await
    }

    fn counters(&self) -> Counters {
        let gpu_bytes = self.weights.n_bytes() + self.kv.n_bytes() + self.scratch.n_bytes();
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
