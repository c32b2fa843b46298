//! The forward pass: which kernels run over which buffers, in which order. Bind groups are made once.

use std::ops::Range;
use std::rc::Rc;

use super::device::Gpu;
use super::error::EngineError;
use super::kernel::Bindings;
use super::kernels::rms_norm::{Norm, Rows};
use super::kernels::{Cosine, attention, head_norm, rope, sample};
use super::kv_cache::KvCache;
use super::model_kernels::{
    Activation, GIVE, Kernels, LayerBindings, LayerBuffers, Product, Projection, Update, embedding_parts,
};
use super::model_weights::ModelWeights;
use super::recording::Recording;
use super::scratch::Scratch;
use super::weights::Weights;
use crate::generate::Pooling;
use crate::weights::{Hyperparameters, Positions, RopePairs};

/// The kernels of a model, bound to its buffers.
#[derive(Debug)]
pub(crate) struct Forward {
    h: Hyperparameters,
    seq_len: u32,
    seen_words: u32,
    max_rows: u32,
    kernels: Rc<Kernels>,
    /// Parts of the table: first row, rows, bindings.
    embed: Vec<(u32, Weights, Bindings)>,
    positions: Vec<(u32, Weights, Bindings)>,
    embedding_norm: Option<Bindings>,
    layers: Vec<LayerBindings>,
    output_norm: Option<Bindings>,
    head: Vec<Projection>,
    soft_cap: Bindings,
    sample: Bindings,
    log_prob: Bindings,
    /// Of the states, and of those normed for the head.
    pool: [Bindings; 2],
    /// After pooling, one product after the other.
    dense: Vec<Projection>,
    pub(crate) cosine: Cosine,
}

impl Forward {
    /// Compiles the kernels and binds the buffers.
    ///
    /// # Errors
    /// The device refuses a kernel.
    pub(crate) async fn new(
        gpu: &Gpu,
        weights: &ModelWeights,
        kv: &KvCache,
        scratch: &Scratch,
    ) -> Result<Self, EngineError> {
        let kernels = Kernels::new(gpu, weights).await?;
        let cosine = Cosine::new(gpu).await?;
        kernels.self_test(gpu, weights, &cosine).await?;
        Self::bind(gpu, (Rc::new(kernels), cosine), weights, kv, scratch)
    }

    /// The same kernels, bound to other buffers.
    pub(crate) fn rebind(
        &self,
        gpu: &Gpu,
        weights: &ModelWeights,
        kv: &KvCache,
        scratch: &Scratch,
    ) -> Result<Self, EngineError> {
        Self::bind(gpu, (Rc::clone(&self.kernels), self.cosine.clone()), weights, kv, scratch)
    }

    fn bind(
        gpu: &Gpu,
        (kernels, cosine): (Rc<Kernels>, Cosine),
        weights: &ModelWeights,
        kv: &KvCache,
        scratch: &Scratch,
    ) -> Result<Self, EngineError> {
        let s = scratch;
        let sample = kernels.sample.bind(
            gpu,
            sample::Buffers {
                draws: &s.draws,
                logits: &s.logits,
                seen: &kv.seen,
                batch: &s.batch,
                results: &s.results,
                queue: &s.queue,
            },
        );
        let h = weights.hyperparameters;
        let layers = weights.layers.iter().zip(&kv.pools);
        Ok(Self {
            h,
            seq_len: kv.seq_len,
            seen_words: kv.seen_words,
            max_rows: s.max_rows,
            embed: embedding_parts(gpu, &kernels.embed, Some(&weights.embedding), s),
            positions: match &kernels.embed_position {
                Some(embed) => embedding_parts(gpu, embed, weights.positions.as_ref(), s),
                None => Vec::new(),
            },
            embedding_norm: weights
                .embedding_norm
                .as_ref()
                .map(|norm| kernels.layer_norm.bind(gpu, norm, &s.states)),
            layers: (0..)
                .zip(layers)
                .map(|(idx, (layer, pools))| {
                    let angles = &s.angles[usize::from(h.window_of(idx).is_some())];
                    let bias = layer.qkv_bias.as_ref().unwrap_or(&weights.no_bias);
                    let next = weights.layers.get(idx as usize + 1).map(|layer| &layer.attn_norm);
                    let next_gain = next.unwrap_or(&weights.output_norm).as_ref();
                    let buffers = LayerBuffers { pools, angles, bias, h: &h, next_gain };
                    kernels.bind_layer(gpu, layer, buffers, kv, s)
                })
                .collect::<Result<_, _>>()?,
            soft_cap: kernels.soft_cap.bind(gpu, &s.logits),
            output_norm: kernels.norm_before(gpu, weights.output_norm.as_ref(), s),
            head: match weights.head() {
                Some(head) => {
                    let scaled = Product { scale: h.logit_scale, ..GIVE };
                    kernels.project(gpu, &s.normed, head, &s.logits, scaled, s)?
                }
                None => Vec::new(),
            },
            sample,
            log_prob: kernels.log_prob.bind(gpu, &s.logits, &s.targets, &s.scores),
            dense: match &weights.dense {
                Some([wide, back]) => {
                    let mut dense = kernels.project(gpu, &s.pooled, wide, &s.dense, GIVE, s)?;
                    dense.extend(kernels.project(gpu, &s.dense, back, &s.pooled, GIVE, s)?);
                    dense
                }
                None => Vec::new(),
            },
            pool: [&s.states, &s.normed].map(|states| kernels.pool.bind(gpu, states, &s.groups, &s.pooled)),
            kernels,
            cosine,
        })
    }

    /// Token ids to states after all layers; keys and values of the batch are stored.
    pub(crate) fn all_layers(&self, recording: &mut Recording, n_tokens: u32) {
        self.embedding(recording, n_tokens);
        self.layers(recording, n_tokens, 0..self.h.n_layers);
    }

    /// Token ids to the states that the first layer takes.
    pub(crate) fn embedding(&self, recording: &mut Recording, n_tokens: u32) {
        let (h, k) = (&self.h, &self.kernels);
        for (first, part, bindings) in &self.embed {
            k.embed.encode(recording, bindings, (part, *first), h.embedding_scale, n_tokens);
        }
        if let Positions::Table { first_row } = h.positions {
            for (first, part, bindings) in &self.positions {
                let embed = k.embed_position.as_ref().unwrap_or(&k.embed);
                embed.encode_positions(recording, bindings, (part, *first), first_row, n_tokens);
            }
        }
        if let Some(bindings) = &self.embedding_norm {
            k.layer_norm.encode(recording, bindings, (h.dim, h.norm_eps), n_tokens);
        }
    }

    /// States after `range.start` layers to those after `range.end`; keys and values of the batch are stored.
    pub(crate) fn layers(&self, recording: &mut Recording, n_tokens: u32, range: Range<u32>) {
        let (h, k) = (&self.h, &self.kernels);
        let qkv_width = h.q_dim() + 2 * h.kv_dim();
        let norm_heads = head_norm::Params {
            n_tokens,
            n_heads: h.n_heads,
            head_dim: h.head_dim,
            qkv_width,
            eps: h.norm_eps,
            ..Default::default()
        };
        let turn = rope::Params {
            n_tokens,
            q_dim: h.q_dim(),
            kv_dim: h.kv_dim(),
            head_dim: h.head_dim,
            seq_len: self.seq_len,
            halves: u32::from(h.rope_pairs == RopePairs::Halves),
            ..Default::default()
        };
        let attend = attention::Params {
            n_tokens,
            n_heads: h.n_heads,
            n_kv_heads: h.n_kv_heads,
            head_dim: h.head_dim,
            qkv_width,
            seq_len: self.seq_len,
            scale: h.attention_scale,
            soft_cap: h.attention_soft_cap,
            temperature: h.temperature.map_or(0.0, |temperature| temperature.scale),
            step: h.temperature.map_or(1, |temperature| temperature.n_positions),
            ..Default::default()
        };
        let layers = &self.layers[range.start as usize..range.end as usize];
        // Also of an earlier pass, which ended with the layer before: a state has the same bits, however it was reached.
        let before = self.layers[..range.start as usize].last();
        let mut is_fed = before.is_some_and(|layer| layer.down.feeds);
        for (idx, layer) in range.zip(layers) {
            let eps = self.norm_before(recording, layer.attn_norm.as_ref(), is_fed, n_tokens);
            layer.qkv.iter().for_each(|part| part.encode(recording, n_tokens, eps));
            if let Some(bindings) = &layer.head_norm {
                k.head_norm.encode(recording, bindings, h.n_kv_heads, norm_heads);
            }
            k.rope.encode(recording, &layer.rope, rope::Params { rope_dim: h.rope_dim_of(idx), ..turn });
            let window = h.window_of(idx).map_or(0, |window| window.n_positions);
            k.attention.encode(recording, &layer.attention, attention::Params { window, ..attend });
            is_fed = self.update(recording, &layer.attn_output, n_tokens);
            let eps = self.norm_before(recording, layer.ffn_norm.as_ref(), is_fed, n_tokens);
            layer.gate_up.iter().for_each(|part| part.encode(recording, n_tokens, eps));
            let activation = (h.hidden_dim, h.activation);
            match &layer.activation {
                Activation::Gate(bindings) => k.gate.encode(recording, bindings, activation, n_tokens),
                Activation::Plain(bindings) => k.activate.encode(recording, bindings, activation, n_tokens),
                Activation::Done => {}
            }
            is_fed = self.update(recording, &layer.down, n_tokens);
        }
    }

    /// What a product takes: normed here, unless the one before it fed it. Then it completes the norm with the epsilon.
    fn norm_before(
        &self,
        recording: &mut Recording,
        norm: Option<&Bindings>,
        is_fed: bool,
        n_tokens: u32,
    ) -> Option<f32> {
        match norm {
            Some(_) if is_fed => return Some(self.h.norm_eps),
            Some(norm) => {
                self.kernels.rms_norm.encode(recording, norm, self.norm(), Rows::From(0), n_tokens);
            }
            None => {}
        }
        None
    }

    /// Adds to the states, and says whether the next product was fed.
    fn update(&self, recording: &mut Recording, update: &Update, n_tokens: u32) -> bool {
        update.product.iter().for_each(|part| part.encode(recording, n_tokens, None));
        if let Some(bindings) = &update.post_norm {
            self.kernels.rms_norm.encode_add(recording, bindings, self.norm(), n_tokens);
        }
        if let Some(bindings) = &update.sum_norm {
            self.kernels.layer_norm.encode(recording, bindings, (self.h.dim, self.h.norm_eps), n_tokens);
        }
        update.feeds
    }

    /// The norm of what a part of the model takes and, where that is normed too, of what it gives.
    fn norm(&self) -> Norm {
        Norm { dim: self.h.dim, eps: self.h.norm_eps, is_centred: self.h.norms.are_centred() }
    }

    /// States of some tokens to what the head takes; nothing where the model has no such norm.
    fn output_norm(&self, recording: &mut Recording, rows: Rows, n_rows: u32) {
        if let Some(bindings) = &self.output_norm {
            self.kernels.rms_norm.encode(recording, bindings, self.norm(), rows, n_rows);
        }
    }

    /// States of some tokens to rows of logits.
    pub(crate) fn head(&self, recording: &mut Recording, rows: Rows, n_rows: u32) {
        self.output_norm(recording, rows, n_rows);
        self.head.iter().for_each(|part| part.encode(recording, n_rows, None));
        if self.h.logit_soft_cap > 0.0 {
            let n_values = n_rows * self.h.vocab_size;
            self.kernels.soft_cap.encode(recording, &self.soft_cap, self.h.logit_soft_cap, n_values);
        }
    }

    /// Rows of logits to sampled tokens, results of so many words; those of a decode step become the next one's inputs.
    pub(crate) fn sample(&self, recording: &mut Recording, n_rows: u32, n_words: u32, step: Option<u32>) {
        let params = sample::Params {
            vocab_size: self.h.vocab_size,
            seen_words: self.seen_words,
            n_rows,
            step: step.unwrap_or(0),
            decode: u32::from(step.is_some()),
            first_row: self.max_rows,
            n_words,
            ..Default::default()
        };
        self.kernels.sample.encode(recording, &self.sample, params);
    }

    /// Rows of logits to log-probs of the targets of tokens `first..first + n_rows`.
    pub(crate) fn log_prob(&self, recording: &mut Recording, first: u32, n_rows: u32) {
        self.kernels.log_prob.encode(recording, &self.log_prob, self.h.vocab_size, first, n_rows);
    }

    /// States after `layer` layers to one vector per group; after the last layer they are normed first, and go through the
    /// dense layers then.
    pub(crate) fn pool(
        &self,
        recording: &mut Recording,
        (n_tokens, n_groups): (u32, u32),
        layer: u32,
        pooling: Pooling,
    ) {
        let is_normed = layer == self.h.n_layers && self.output_norm.is_some();
        if is_normed {
            self.output_norm(recording, Rows::From(0), n_tokens);
        }
        let bindings = &self.pool[usize::from(is_normed)];
        self.kernels.pool.encode(recording, bindings, self.h.dim, pooling, n_groups);
        if layer == self.h.n_layers {
            self.dense.iter().for_each(|part| part.encode(recording, n_groups, None));
        }
    }
}
