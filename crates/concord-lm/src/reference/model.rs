//! The model: weights, a KV pool, tables, and the forward pass as one list of kernels.

use std::pin::Pin;
use std::sync::Arc;

use super::attention::{HeadShape, attention};
use super::embed::embed;
use super::layer::{add, add_to_rows, feed_forward, norm_before, scale, seen_within, update};
use super::layer_norm::layer_norm;
use super::loader::Weights;
use super::log_prob::log_prob;
use super::matmul::matmul;
use super::pool::cosine;
use super::rms_norm::rms_norm;
use super::rope::{LayerKv, RopeAngles, rope};
use super::sample::sample;
use super::soft_cap::soft_cap;
use super::tables::{mark_seen, slots_of};
use crate::generate::{
    Capacity, Counters, DecodeRow, Draw, LanguageModel, LiveRows, ModelError, ModelShape, Pooling, Sampled,
    TokenInput,
};
use crate::weights::{Head, Positions};

/// Tokens whose logits are held at once, so that tokens x vocabulary never is.
const LOGIT_ROWS: usize = 16;

/// Lets others run for a moment: what shares the thread with the model.
pub type Pause = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// A model on the CPU.
#[derive(Debug)]
pub struct ReferenceModel {
    pub(super) weights: Arc<Weights>,
    capacity: Capacity,
    kv: Vec<LayerKv>,
    /// Slots of the positions of each table row.
    tables: Vec<Vec<u32>>,
    /// Bit set of the tokens that the repetition penalty of each table row sees.
    seen: Vec<Vec<u32>>,
    /// Held for their cosines.
    pub(super) vectors: Vec<Vec<f32>>,
    rows: LiveRows,
    counters: Counters,
    pause: Option<Pause>,
}

impl ReferenceModel {
    /// A model with an empty KV pool; the weights are shared.
    pub fn new(weights: Arc<Weights>, capacity: Capacity) -> Self {
        let h = &weights.hyperparameters;
        let layer_kv = || LayerKv::new(capacity.n_slots as usize, h.kv_dim() as usize);
        Self {
            kv: (0..h.n_layers).map(|_| layer_kv()).collect(),
            tables: vec![Vec::new(); capacity.n_table_rows as usize],
            seen: vec![Vec::new(); capacity.n_table_rows as usize],
            vectors: Vec::new(),
            rows: LiveRows::default(),
            counters: Counters::default(),
            pause: None,
            weights,
            capacity,
        }
    }

    /// From now on a call pauses between any two layers, and between any two parts of the logits. A call that is dropped in a
    /// pause may be begun anew.
    pub fn set_pause(&mut self, pause: Pause) {
        self.pause = Some(pause);
    }

    async fn take_pause(&self) {
        if let Some(pause) = self.pause {
            pause().await;
        }
    }

    /// States after `n_layers` layers, `[tokens.len(), dim]`; `visit` sees those after 0, 1, .. of them. Keys and values
    /// are stored. Each token sees as many positions of its table row as `seen` says.
    pub(super) async fn forward(
        &mut self,
        tokens: &[TokenInput],
        seen: &[u32],
        n_layers: usize,
        mut visit: impl FnMut(u32, &[f32]),
    ) -> Result<Vec<f32>, ModelError> {
        let Self { weights, kv, tables, pause, .. } = self;
        let h = &weights.hyperparameters;
        let head_dim = h.head_dim as usize;
        let heads = HeadShape {
            n_heads: h.n_heads as usize,
            n_kv_heads: h.n_kv_heads as usize,
            head_dim,
            scale: h.attention_scale,
            soft_cap: h.attention_soft_cap,
            temperature: h.temperature,
        };
        let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
        let positions: Vec<u32> = tokens.iter().map(|token| token.position).collect();
        let mut slots = Vec::with_capacity(tokens.len());
        let mut lists = Vec::with_capacity(tokens.len());
        for (token, &n_seen) in tokens.iter().zip(seen) {
            let list = slots_of(tables, token, n_seen, h.vocab_size)?;
            slots.push(list[token.position as usize]);
            lists.push(list);
        }
        let angles = RopeAngles::of_model(h, &weights.rope_divisors, &positions);

        let mut states = embed(&weights.embedding, &ids, h.embedding_scale);
        if let Positions::Table { first_row } = h.positions {
            let rows: Vec<u32> = positions.iter().map(|position| first_row + position).collect();
            add(&mut states, &embed(&weights.positions, &rows, 1.0));
        }
        layer_norm(&mut states, &weights.embedding_norm, h.norm_eps);
        visit(0, &states);
        for (idx, (layer, kv)) in (0..).zip(weights.layers[..n_layers].iter().zip(kv)) {
            if let Some(pause) = pause {
                pause().await;
            }
            let window = h.window_of(idx);
            let normed = norm_before(&states, &layer.attn_norm, h);
            let [mut q, mut k, v] = [(&layer.q, 0), (&layer.k, 1), (&layer.v, 2)].map(|(matrix, part)| {
                let mut heads = matmul(&normed, matrix);
                add_to_rows(&mut heads, &layer.qkv_bias[part]);
                heads
            });
            if h.head_norm {
                q = rms_norm(&q, &layer.head_norm[0], h.norm_eps);
                k = rms_norm(&k, &layer.head_norm[1], h.norm_eps);
            }
            let kind = if h.rope_dim_of(idx) == 0 { 2 } else { usize::from(window.is_some()) };
            rope(&mut q, &mut k, &v, &angles[kind], &slots, head_dim, kv);
            let in_sight = |(list, position)| seen_within(list, position, window, h.causal);
            let lists: Vec<&[u32]> =
                lists.iter().copied().zip(positions.iter().copied()).map(in_sight).collect();
            let attended = matmul(&attention(&q, kv, &lists, &positions, heads), &layer.attn_output);
            let beside = h.norms.are_shared().then(|| feed_forward(&normed, layer, h));
            update(&mut states, attended, &layer.attn_update, h);
            let fed =
                beside.unwrap_or_else(|| feed_forward(&norm_before(&states, &layer.ffn_norm, h), layer, h));
            update(&mut states, fed, &layer.ffn_update, h);
            visit(idx + 1, &states);
        }
        Ok(states)
    }

    async fn all_layers(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        let seen: Vec<u32> = tokens.iter().map(|token| token.position + 1).collect();
        self.forward(tokens, &seen, self.weights.layers.len(), |_, _| {}).await
    }

    /// Logits after the given states, `[n_rows, vocab_size]`.
    fn head(&self, states: &[f32]) -> Vec<f32> {
        let h = &self.weights.hyperparameters;
        let normed = norm_before(states, &self.weights.output_norm, h);
        let mut logits = matmul(&normed, self.weights.head());
        scale(&mut logits, h.logit_scale);
        soft_cap(&mut logits, h.logit_soft_cap);
        logits
    }

    pub(super) fn dim(&self) -> usize {
        self.weights.hyperparameters.dim as usize
    }

    /// Calls `visit(index, logits)` for the states of each listed token, a few tokens at a time.
    async fn for_each_logits(
        &self,
        states: &[f32],
        token_idxs: &[usize],
        mut visit: impl FnMut(usize, &[f32]),
    ) {
        let (dim, vocab_size) = (self.dim(), self.weights.hyperparameters.vocab_size as usize);
        for (chunk_idx, chunk) in token_idxs.chunks(LOGIT_ROWS).enumerate() {
            self.take_pause().await;
            let gathered: Vec<f32> =
                chunk.iter().flat_map(|idx| &states[idx * dim..(idx + 1) * dim]).copied().collect();
            for (idx, logits) in self.head(&gathered).chunks_exact(vocab_size).enumerate() {
                visit(chunk_idx * LOGIT_ROWS + idx, logits);
            }
        }
    }

    pub(super) fn check_batch(&self, n_tokens: usize) -> Result<(), ModelError> {
        let limit = self.capacity.max_batch_tokens;
        if n_tokens > limit as usize {
            return Err(bad_request(format!("{n_tokens} tokens in a batch, at most {limit} are allowed")));
        }
        Ok(())
    }

    fn check_rows(&self, n_rows: usize) -> Result<(), ModelError> {
        let limit = self.capacity.max_rows;
        if n_rows > limit as usize {
            return Err(bad_request(format!("{n_rows} rows or draws, at most {limit} are allowed")));
        }
        Ok(())
    }

    fn check_head(&self) -> Result<(), ModelError> {
        match self.weights.hyperparameters.head {
            Head::None => Err(bad_request("an encoder has no logits".to_owned())),
            Head::Tied | Head::Own => Ok(()),
        }
    }

    fn check_table_row(&self, table_row: u32) -> Result<(), ModelError> {
        let n_rows = self.capacity.n_table_rows;
        if table_row >= n_rows {
            return Err(bad_request(format!("table row {table_row} of {n_rows}")));
        }
        Ok(())
    }
}

impl LanguageModel for ReferenceModel {
    fn shape(&self) -> ModelShape {
        ModelShape::new(&self.weights.hyperparameters, self.capacity)
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        self.check_table_row(table_row)?;
        if let Some(slot) = slots.iter().find(|&&slot| slot >= self.capacity.n_slots) {
            return Err(bad_request(format!("slot {slot} of {}", self.capacity.n_slots)));
        }
        let end = first_position as usize + slots.len();
        if end > self.weights.hyperparameters.seq_len as usize {
            return Err(bad_request(format!("position {end} is past the context")));
        }
        let table = &mut self.tables[table_row as usize];
        table.resize(table.len().max(end), 0);
        table[first_position as usize..end].copy_from_slice(slots);
        Ok(())
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        // The old pool goes first: memory need not hold both.
        self.kv.clear();
        self.tables.iter_mut().for_each(Vec::clear);
        self.capacity.n_slots = 0;
        let h = &self.weights.hyperparameters;
        let layer_kv = |_| LayerKv::try_new(n_slots as usize, h.kv_dim() as usize);
        let kv: Option<Vec<LayerKv>> = (0..h.n_layers).map(layer_kv).collect();
        let reason = || format!("no memory for keys and values of {n_slots} tokens");
        self.kv = kv.ok_or_else(|| ModelError::OutOfMemory { reason: reason() })?;
        self.capacity.n_slots = n_slots;
        Ok(())
    }

    fn set_seen(&mut self, table_row: u32, tokens: &[u32]) -> Result<(), ModelError> {
        self.check_table_row(table_row)?;
        let seen = &mut self.seen[table_row as usize];
        seen.clear();
        tokens.iter().for_each(|&token| mark_seen(seen, token));
        Ok(())
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        self.check_batch(tokens.len())?;
        self.check_rows(draws.len())?;
        draws.iter().try_for_each(|draw| self.check_table_row(draw.table_row))?;
        if let Some(draw) = draws.iter().find(|draw| draw.token_idx as usize >= tokens.len()) {
            return Err(bad_request(format!("a draw after token {} of {}", draw.token_idx, tokens.len())));
        }
        let states = self.all_layers(tokens).await?;
        if !draws.is_empty() {
            self.check_head()?;
        }
        let mut token_idxs: Vec<usize> = draws.iter().map(|draw| draw.token_idx as usize).collect();
        token_idxs.sort_unstable();
        token_idxs.dedup();
        let mut sampled = vec![Sampled::default(); draws.len()];
        self.for_each_logits(&states, &token_idxs, |idx, logits| {
            for (draw, sampled) in draws.iter().zip(&mut sampled) {
                if draw.token_idx as usize == token_idxs[idx] {
                    let seen = &self.seen[draw.table_row as usize];
                    *sampled = sample(logits, seen, &draw.settings, draw.key);
                }
            }
        })
        .await;
        Ok(sampled)
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        self.check_rows(rows.len())?;
        self.check_head()?;
        let mut rows = rows.to_vec();
        let row_idxs: Vec<usize> = (0..rows.len()).collect();
        let mut steps = Vec::with_capacity(n_steps as usize);
        for _ in 0..n_steps {
            let tokens: Vec<TokenInput> = rows.iter().map(|row| row.input).collect();
            let states = self.all_layers(&tokens).await?;
            let mut sampled = Vec::with_capacity(rows.len());
            self.for_each_logits(&states, &row_idxs, |idx, logits| {
                let row = &rows[idx];
                let seen = &self.seen[row.input.table_row as usize];
                sampled.push(sample(logits, seen, &row.settings, row.key));
            })
            .await;
            for (row, sampled) in rows.iter_mut().zip(&sampled) {
                mark_seen(&mut self.seen[row.input.table_row as usize], sampled.id);
                row.input.id = sampled.id;
                row.input.position += 1;
                row.key.step += 1;
            }
            self.counters.steps += 1;
            steps.push(sampled);
        }
        Ok(steps)
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        &mut self.rows
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.check_batch(tokens.len())?;
        self.check_head()?;
        let vocab_size = self.weights.hyperparameters.vocab_size;
        if targets.len() != tokens.len() || targets.iter().any(|&target| target >= vocab_size) {
            return Err(bad_request(format!("{} targets below {vocab_size} are needed", tokens.len())));
        }
        let states = self.all_layers(tokens).await?;
        let token_idxs: Vec<usize> = (0..tokens.len()).collect();
        let mut log_probs = Vec::with_capacity(tokens.len());
        self.for_each_logits(&states, &token_idxs, |idx, logits| {
            log_probs.push(log_prob(logits, targets[idx]));
        })
        .await;
        Ok(log_probs)
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
        self.vectors.resize(n_vectors as usize, Vec::new());
        Ok(())
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        match self.vectors.get_mut(place as usize) {
            Some(held) if vector.len() == self.weights.hyperparameters.dim as usize => {
                vector.clone_into(held);
                Ok(())
            }
            _ => Err(bad_request(format!("no room for {} numbers in place {place}", vector.len()))),
        }
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        let held = self.vectors.get(..n_vectors as usize);
        let held = held.ok_or_else(|| bad_request(format!("{n_vectors} vectors are not held")))?;
        Ok(cosine(&held.concat(), self.dim()))
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        self.check_batch(tokens.len())?;
        self.check_head()?;
        if tokens.is_empty() {
            return Err(bad_request("no token to give the logits of".to_owned()));
        }
        let states = self.all_layers(tokens).await?;
        Ok(self.head(&states[states.len() - self.dim()..]))
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }
}

pub(super) fn bad_request(reason: String) -> ModelError {
    ModelError::BadRequest { reason }
}
