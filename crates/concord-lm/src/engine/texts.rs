//! Texts as vectors: states pooled over groups of tokens, read back or held for their cosines.

use super::cosines::Held;
use super::error::EngineError;
use super::kv_cache::bad_request;
use super::model::GpuModel;
use super::recording::{BufferCopy, MAX_GROUPS, Recording};
use super::uploads::Stage;
use crate::generate::{ModelError, Pooling, TokenInput, check_groups, check_layers, positions_seen};

impl GpuModel {
    /// Checks the tokens and their groups, writes them to the device and records the embedding of the tokens.
    fn begin_texts(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
    ) -> Result<(Recording, u32), ModelError> {
        check_layers(layers, self.weights.hyperparameters.n_layers)?;
        check_groups(tokens, groups)?;
        if groups.len() > self.scratch.max_groups as usize {
            let (n_groups, most) = (groups.len(), self.scratch.max_groups);
            return Err(bad_request(format!("{n_groups} groups of at most {most}")));
        }
        let n_tokens = self.write_batch(tokens)?;
        if !self.weights.hyperparameters.causal {
            let seen = positions_seen(tokens, groups, false);
            let batch: Vec<[u32; 4]> = tokens
                .iter()
                .zip(seen)
                .map(|(token, n_seen)| [token.id, token.position, token.table_row, n_seen])
                .collect();
            self.uploads.write(&self.gpu, &self.scratch.batch, 0, &batch);
        }
        let ends = groups.iter().scan(0, |end, &count| {
            *end += count;
            Some([*end - count, count])
        });
        self.uploads.write(&self.gpu, &self.scratch.groups, 0, &ends.collect::<Vec<[u32; 2]>>());
        let mut recording = Recording::new();
        self.forward.embedding(&mut recording, n_tokens);
        Ok((recording, n_tokens))
    }

    pub(super) async fn states_of(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        let (mut recording, n_tokens) = self.begin_texts(tokens, groups, layers)?;
        let (dim, pooled) = (self.weights.hyperparameters.dim as usize, self.scratch.pooled.clone());
        let mut n_done = 0;
        let mut of_layers = Vec::with_capacity(layers.len());
        for &layer in layers {
            self.forward.layers(&mut recording, n_tokens, n_done..layer);
            self.forward.pool(&mut recording, (n_tokens, groups.len() as u32), layer, pooling);
            let values: Vec<f32> = self.read(&recording, &pooled, groups.len() * dim).await?;
            of_layers.push(values.chunks_exact(dim).map(<[f32]>::to_vec).collect());
            // The states stay on the device: the next part of the pass goes on from them.
            recording = Recording::new();
            n_done = layer;
        }
        Ok(of_layers)
    }

    fn vector_bytes(&self) -> u64 {
        4 * u64::from(self.weights.hyperparameters.dim)
    }

    pub(super) async fn room_for_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        if n_vectors > MAX_GROUPS {
            return Err(bad_request(format!("{n_vectors} vectors, at most {MAX_GROUPS} are allowed")));
        }
        let (n_vectors, kernel) = (u64::from(n_vectors), &self.forward.cosine);
        let cosine_bytes = 2 * n_vectors * n_vectors.saturating_sub(1);
        let held = self.cosines.hold((&self.gpu, kernel), n_vectors * self.vector_bytes(), cosine_bytes);
        let memory = |error: EngineError| ModelError::OutOfMemory { reason: error.to_string() };
        held.await.map_err(memory)
    }

    /// The buffers, if there is room for so many vectors.
    fn held(&self, n_vectors: u32) -> Result<Held, ModelError> {
        let n_bytes = u64::from(n_vectors) * self.vector_bytes();
        let held = self.cosines.held().filter(|held| n_bytes <= held.vectors.size());
        held.cloned().ok_or_else(|| bad_request(format!("no room for {n_vectors} vectors")))
    }

    pub(super) fn write_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        let vectors = self.held(place.saturating_add(1))?.vectors;
        let at = u64::from(place) * self.vector_bytes();
        if vector.len() as u64 * 4 != self.vector_bytes() {
            return Err(bad_request(format!("a vector of {} numbers", vector.len())));
        }
        self.uploads.write(&self.gpu, &vectors, at, vector);
        Ok(())
    }

    /// Holds the states of texts, pooled, and compares the first `n_compared` vectors then.
    pub(super) async fn hold_and_compare(
        &mut self,
        (tokens, groups): (&[TokenInput], &[u32]),
        (layer, pooling): (u32, Pooling),
        places: &[u32],
        n_compared: u32,
    ) -> Result<Vec<f32>, ModelError> {
        if places.len() != groups.len() {
            return Err(bad_request(format!("{} places for {} groups", places.len(), groups.len())));
        }
        let n_held = places.iter().max().map_or(0, |place| place.saturating_add(1));
        let held = self.held(n_held.max(n_compared))?;
        let (mut recording, n_tokens) = self.begin_texts(tokens, groups, &[layer])?;
        self.forward.layers(&mut recording, n_tokens, 0..layer);
        self.forward.pool(&mut recording, (n_tokens, groups.len() as u32), layer, pooling);
        let (pooled, n_bytes) = (self.scratch.pooled.clone(), self.vector_bytes());
        let copies = (0..).zip(places).map(|(group, &place): (u64, _)| BufferCopy {
            from: (&pooled, group * n_bytes),
            to: (&held.vectors, u64::from(place) * n_bytes),
            n_bytes,
        });
        let copies: Vec<BufferCopy<'_>> = copies.collect();
        let before = Some(Stage { recordings: &[&recording], copies: &copies });
        let compared = self.record_cosines(&held, n_compared);
        let cosines = (&held.cosines, &held.staging);
        // One number comes back in any case, to say when this is done: calls are not to pile up where nobody can cancel them.
        let n_cosines = n_pairs(n_compared);
        let mut values = self.run(before, &compared, cosines, n_cosines.max(1)).await?;
        values.truncate(n_cosines);
        Ok(values)
    }

    pub(super) async fn compare_held(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        let held = self.held(n_vectors)?;
        let recording = self.record_cosines(&held, n_vectors);
        self.run(None, &recording, (&held.cosines, &held.staging), n_pairs(n_vectors)).await
    }

    fn record_cosines(&self, held: &Held, n_vectors: u32) -> Recording {
        let mut recording = Recording::new();
        let dim = self.weights.hyperparameters.dim;
        self.forward.cosine.encode(&mut recording, &held.bindings, n_vectors, dim);
        recording
    }
}

fn n_pairs(n_vectors: u32) -> usize {
    n_vectors as usize * (n_vectors as usize).saturating_sub(1) / 2
}
