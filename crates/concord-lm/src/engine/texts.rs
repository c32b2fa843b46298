//! Texts as vectors: states pooled over groups of tokens, read back or held for their cosines.

use super::buffers::Buffer;
use super::cosines::Held;
use super::error::EngineError;
use super::kv_cache::bad_request;
use super::model::GpuModel;
use super::recording::{MAX_GROUPS, Recording};
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

    /// Where `n` vectors from `first` on are held.
    fn places(&self, first: u32, n: usize) -> Result<(Buffer, u64), ModelError> {
        let at = u64::from(first) * self.vector_bytes();
        let end = at + n as u64 * self.vector_bytes();
        match self.cosines.held() {
            Some(held) if end <= held.vectors.size() => Ok((held.vectors.clone(), at)),
            _ => Err(bad_request(format!("no room for vector {first} and {n} from there on"))),
        }
    }

    pub(super) fn write_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        let (vectors, at) = self.places(place, 1)?;
        if vector.len() as u64 * 4 != self.vector_bytes() {
            return Err(bad_request(format!("a vector of {} numbers", vector.len())));
        }
        self.uploads.write(&self.gpu, &vectors, at, vector);
        Ok(())
    }

    /// Records the states of texts, pooled, and where they go from the buffer of pooled states: `[place in bytes, bytes]`.
    pub(super) fn record_states(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        (layer, pooling): (u32, Pooling),
        first: u32,
    ) -> Result<(Recording, Buffer, [u64; 2]), ModelError> {
        let (vectors, at) = self.places(first, groups.len())?;
        let (mut recording, n_tokens) = self.begin_texts(tokens, groups, &[layer])?;
        self.forward.layers(&mut recording, n_tokens, 0..layer);
        self.forward.pool(&mut recording, (n_tokens, groups.len() as u32), layer, pooling);
        Ok((recording, vectors, [at, groups.len() as u64 * self.vector_bytes()]))
    }

    /// Records the cosines of the first vectors.
    pub(super) fn record_cosines(&mut self, n_vectors: u32) -> Result<(Recording, Held), ModelError> {
        self.places(0, n_vectors as usize)?;
        let held = self.cosines.held().cloned();
        let held = held.ok_or_else(|| bad_request("no vectors are held".to_owned()))?;
        let mut recording = Recording::new();
        let dim = self.weights.hyperparameters.dim;
        self.forward.cosine.encode(&mut recording, &held.bindings, n_vectors, dim);
        Ok((recording, held))
    }
}
