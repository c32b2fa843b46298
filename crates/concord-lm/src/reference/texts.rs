//! Texts as vectors: states pooled over groups of tokens, given back.

use std::sync::Arc;

use super::layer::norm_before;
use super::matmul::matmul;
use super::model::ReferenceModel;
use super::pool::pool;
use crate::generate::{ModelError, Pooling, TokenInput, check_groups, check_layers, positions_seen};

impl ReferenceModel {
    pub(super) async fn states_of(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        self.check_batch(tokens.len())?;
        let weights = Arc::clone(&self.weights);
        let h = &weights.hyperparameters;
        check_layers(layers, h.n_layers)?;
        check_groups(tokens, groups)?;
        let seen = positions_seen(tokens, groups, h.causal);
        let dim = self.dim();
        let mut of_layers = Vec::with_capacity(layers.len());
        let n_layers = layers.last().map_or(0, |&last| last as usize);
        self.forward(tokens, &seen, n_layers, |layer, states| {
            for _ in layers.iter().filter(|&&wanted| wanted == layer) {
                let pooled = if layer == h.n_layers {
                    let normed = norm_before(states, &weights.output_norm, h);
                    let pooled = pool(&normed, dim, groups, pooling);
                    let dense = if h.dense_dim > 0 { &weights.dense[..] } else { &[] };
                    dense.iter().fold(pooled, |vectors, matrix| matmul(&vectors, matrix))
                } else {
                    pool(states, dim, groups, pooling)
                };
                of_layers.push(pooled.chunks_exact(dim).map(<[f32]>::to_vec).collect());
            }
        })
        .await?;
        Ok(of_layers)
    }
}
