//! The forward pass: which kernels run over which buffers, in which order. Bind groups are made once.

use std::rc::Rc;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::matmul::Columns;
use super::kernels::rms_norm::Rows;
use super::kernels::{
    Activate, Attention, Bindings, Cosine, Embed, Gate, HeadNorm, LayerNorm, LogProb, Matmul, Pool, RmsNorm,
    Rope, Sample, SoftCap, attention, head_norm, rope, sample,
};
use super::kv_cache::KvCache;
use super::loader::{self, Layer, ModelWeights, Stack};
use super::recording::Recording;
use super::scratch::Scratch;
use super::self_test;
use super::weights::Weights;
use crate::generate::Pooling;
use crate::weights::{Hyperparameters, Positions, RopePairs, TensorType};

/// Every kernel that a model uses.
#[derive(Debug)]
struct Kernels {
    embed: Embed,
    /// Of the table of positions.
    embed_position: Option<Embed>,
    rms_norm: RmsNorm,
    layer_norm: LayerNorm,
    /// One for each type among the weights.
    matmuls: Vec<(TensorType, Rc<Matmul>)>,
    rope: Rope,
    attention: Attention,
    head_norm: HeadNorm,
    gate: Gate,
    activate: Activate,
    soft_cap: SoftCap,
    sample: Sample,
    log_prob: LogProb,
    pool: Pool,
}

/// A matrix with the buffers it multiplies and where the product goes.
#[derive(Debug)]
struct Projection {
    kernel: Rc<Matmul>,
    weights: Weights,
    bindings: Bindings,
    columns: Columns,
}

/// Bindings of one layer.
#[derive(Debug)]
struct LayerBindings {
    attn_norm: Option<Bindings>,
    qkv: Vec<Projection>,
    head_norm: Option<Bindings>,
    rope: Bindings,
    attention: Bindings,
    attn_output: Update,
    ffn_norm: Option<Bindings>,
    gate_up: Vec<Projection>,
    activation: Activation,
    down: Update,
}

/// What comes between the two products of the feed-forward layer.
#[derive(Debug)]
enum Activation {
    Gate(Bindings),
    Plain(Bindings),
}

/// A product that is added to the states, after a norm or before one where the model has it.
#[derive(Debug)]
struct Update {
    product: Vec<Projection>,
    post_norm: Option<Bindings>,
    sum_norm: Option<Bindings>,
}

/// Buffers that differ from layer to layer.
#[derive(Clone, Copy)]
struct LayerBuffers<'a> {
    pools: &'a [Buffer; 2],
    angles: &'a Buffer,
    bias: &'a Buffer,
}

/// The kernels of a model, bound to its buffers.
#[derive(Debug)]
pub(crate) struct Forward {
    h: Hyperparameters,
    seq_len: u32,
    seen_words: u32,
    kernels: Kernels,
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
        kernels.self_test(gpu).await?;
        let s = scratch;
        let sample = kernels.sample.bind(
            gpu,
            sample::Buffers {
                draws: &s.draws,
                logits: &s.logits,
                seen: &kv.seen,
                batch: &s.batch,
                results: &s.results,
            },
        );
        let h = weights.hyperparameters;
        let layers = weights.layers.iter().zip(&kv.pools);
        Ok(Self {
            h,
            seq_len: kv.seq_len,
            seen_words: kv.seen_words,
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
                    kernels.bind_layer(gpu, layer, LayerBuffers { pools, angles, bias }, kv, s)
                })
                .collect::<Result<_, _>>()?,
            soft_cap: kernels.soft_cap.bind(gpu, &s.logits),
            output_norm: kernels.norm_before(gpu, weights.output_norm.as_ref(), s),
            head: match weights.head() {
                Some(head) => kernels.project(gpu, &s.normed, head, &s.logits, false)?,
                None => Vec::new(),
            },
            sample,
            log_prob: kernels.log_prob.bind(gpu, &s.logits, &s.targets, &s.scores),
            pool: [&s.states, &s.normed].map(|states| kernels.pool.bind(gpu, states, &s.groups, &s.pooled)),
            kernels,
            cosine: Cosine::new(gpu).await?,
        })
    }

    /// Token ids to states after `n_layers` layers; keys and values of the batch are stored.
    pub(crate) fn layers(&self, recording: &mut Recording, n_tokens: u32, n_layers: u32) {
        let (h, k) = (&self.h, &self.kernels);
        let norm = (h.dim, h.norm_eps);
        let rows = Rows::From(0);
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
            rope_dim: h.rope_dim,
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
            ..Default::default()
        };
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
            k.layer_norm.encode(recording, bindings, norm, n_tokens);
        }
        for (idx, layer) in (0..).zip(&self.layers[..n_layers as usize]) {
            if let Some(bindings) = &layer.attn_norm {
                k.rms_norm.encode(recording, bindings, norm, rows, n_tokens);
            }
            layer.qkv.iter().for_each(|part| part.encode(recording, n_tokens));
            if let Some(bindings) = &layer.head_norm {
                k.head_norm.encode(recording, bindings, h.n_kv_heads, norm_heads);
            }
            k.rope.encode(recording, &layer.rope, turn);
            let window = h.window_of(idx).map_or(0, |window| window.n_positions);
            k.attention.encode(recording, &layer.attention, attention::Params { window, ..attend });
            self.update(recording, &layer.attn_output, n_tokens);
            if let Some(bindings) = &layer.ffn_norm {
                k.rms_norm.encode(recording, bindings, norm, rows, n_tokens);
            }
            layer.gate_up.iter().for_each(|part| part.encode(recording, n_tokens));
            let activation = (h.hidden_dim, h.activation);
            match &layer.activation {
                Activation::Gate(bindings) => k.gate.encode(recording, bindings, activation, n_tokens),
                Activation::Plain(bindings) => k.activate.encode(recording, bindings, activation, n_tokens),
            }
            self.update(recording, &layer.down, n_tokens);
        }
    }

    fn update(&self, recording: &mut Recording, update: &Update, n_tokens: u32) {
        update.product.iter().for_each(|part| part.encode(recording, n_tokens));
        let norm = (self.h.dim, self.h.norm_eps);
        if let Some(bindings) = &update.post_norm {
            self.kernels.rms_norm.encode_add(recording, bindings, norm, n_tokens);
        }
        if let Some(bindings) = &update.sum_norm {
            self.kernels.layer_norm.encode(recording, bindings, norm, n_tokens);
        }
    }

    /// States of some tokens to what the head takes; nothing where the model has no such norm.
    fn output_norm(&self, recording: &mut Recording, rows: Rows, n_rows: u32) {
        if let Some(bindings) = &self.output_norm {
            let norm = (self.h.dim, self.h.norm_eps);
            self.kernels.rms_norm.encode(recording, bindings, norm, rows, n_rows);
        }
    }

    /// States of some tokens to rows of logits.
    pub(crate) fn head(&self, recording: &mut Recording, rows: Rows, n_rows: u32) {
        self.output_norm(recording, rows, n_rows);
        self.head.iter().for_each(|part| part.encode(recording, n_rows));
        if self.h.logit_soft_cap > 0.0 {
            let n_values = n_rows * self.h.vocab_size;
            self.kernels.soft_cap.encode(recording, &self.soft_cap, self.h.logit_soft_cap, n_values);
        }
    }

    /// Rows of logits to sampled tokens; in decode they become the next step's inputs.
    pub(crate) fn sample(&self, recording: &mut Recording, n_rows: u32, step: u32, decode: bool) {
        let params = sample::Params {
            vocab_size: self.h.vocab_size,
            seen_words: self.seen_words,
            n_rows,
            step,
            decode: u32::from(decode),
            ..Default::default()
        };
        self.kernels.sample.encode(recording, &self.sample, params);
    }

    /// Rows of logits to log-probs of the targets of tokens `first..first + n_rows`.
    pub(crate) fn log_prob(&self, recording: &mut Recording, first: u32, n_rows: u32) {
        self.kernels.log_prob.encode(recording, &self.log_prob, self.h.vocab_size, first, n_rows);
    }

    /// States after `layer` layers to one vector per group; after the last layer they are normed first.
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
    }
}

/// The parts of a table: first row, rows, bindings.
fn embedding_parts(
    gpu: &Gpu,
    kernel: &Embed,
    table: Option<&Stack>,
    s: &Scratch,
) -> Vec<(u32, Weights, Bindings)> {
    let parts = table.into_iter().flat_map(|table| &table.parts);
    parts.map(|(first, part)| (*first, part.clone(), kernel.bind(gpu, &s.batch, part, &s.states))).collect()
}

impl Kernels {
    async fn new(gpu: &Gpu, weights: &ModelWeights) -> Result<Self, EngineError> {
        let mut matmuls = Vec::new();
        for tensor_type in weights.multiplied_types() {
            matmuls.push((tensor_type, Rc::new(Matmul::new(gpu, tensor_type).await?)));
        }
        Ok(Self {
            embed: Embed::new(gpu, weights.embedding.tensor_type().unwrap_or(TensorType::F32)).await?,
            embed_position: match weights.positions.as_ref().and_then(Stack::tensor_type) {
                Some(tensor_type) => Some(Embed::new(gpu, tensor_type).await?),
                None => None,
            },
            rms_norm: RmsNorm::new(gpu).await?,
            layer_norm: LayerNorm::new(gpu).await?,
            matmuls,
            rope: Rope::new(gpu).await?,
            attention: Attention::new(gpu).await?,
            head_norm: HeadNorm::new(gpu).await?,
            gate: Gate::new(gpu).await?,
            activate: Activate::new(gpu).await?,
            soft_cap: SoftCap::new(gpu).await?,
            sample: Sample::new(gpu).await?,
            log_prob: LogProb::new(gpu).await?,
            pool: Pool::new(gpu).await?,
        })
    }

    /// Computes something known with each kernel that drivers are known to get wrong.
    async fn self_test(&self, gpu: &Gpu) -> Result<(), EngineError> {
        for (tensor_type, kernel) in &self.matmuls {
            self_test::matmul(gpu, kernel, *tensor_type).await?;
        }
        self_test::rms_norm(gpu, &self.rms_norm).await?;
        self_test::attention(gpu, &self.attention).await?;
        self_test::sample(gpu, &self.sample).await
    }

    fn bind_layer(
        &self,
        gpu: &Gpu,
        layer: &Layer,
        LayerBuffers { pools: [k_pool, v_pool], angles, bias }: LayerBuffers<'_>,
        kv: &KvCache,
        s: &Scratch,
    ) -> Result<LayerBindings, EngineError> {
        let (batch, table, qkv) = (&s.batch, &kv.table, &s.qkv);
        let turn = rope::Buffers { batch, table, angles, bias, qkv, k_pool, v_pool };
        let attend = attention::Buffers { batch, table, qkv, k_pool, v_pool, out: &s.attended };
        // Where no norm stands before a part of the layer, it takes the states as they are.
        let taken = |norm: &Option<Buffer>| if norm.is_some() { s.normed.clone() } else { s.states.clone() };
        Ok(LayerBindings {
            attn_norm: self.norm_before(gpu, layer.attn_norm.as_ref(), s),
            qkv: self.project(gpu, &taken(&layer.attn_norm), &layer.qkv, qkv, false)?,
            head_norm: layer.head_norm.as_ref().map(|gains| self.head_norm.bind(gpu, gains, qkv)),
            rope: self.rope.bind(gpu, turn),
            attention: self.attention.bind(gpu, attend),
            attn_output: self.update(gpu, &s.attended, &layer.attn_output, s)?,
            ffn_norm: self.norm_before(gpu, layer.ffn_norm.as_ref(), s),
            gate_up: self.project(gpu, &taken(&layer.ffn_norm), &layer.gate_up, &s.gate_up, false)?,
            activation: match &layer.up_bias {
                Some(bias) => Activation::Plain(self.activate.bind(gpu, &s.gate_up, bias, &s.gated)),
                None => Activation::Gate(self.gate.bind(gpu, &s.gate_up, &s.gated)),
            },
            down: self.update(gpu, &s.gated, &layer.down, s)?,
        })
    }

    /// The norm of what a part of the model takes.
    fn norm_before(&self, gpu: &Gpu, gain: Option<&Buffer>, s: &Scratch) -> Option<Bindings> {
        gain.map(|gain| self.rms_norm.bind(gpu, &s.states, gain, &s.indices, &s.normed))
    }

    /// A product that is added to the states, through the scratch where a norm comes between.
    fn update(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        update: &loader::Update,
        s: &Scratch,
    ) -> Result<Update, EngineError> {
        let (post_norm, target) = match (&update.post_norm, &s.update) {
            (Some(gain), Some(target)) => {
                (Some(self.rms_norm.bind(gpu, target, gain, &s.indices, &s.states)), target)
            }
            _ => (None, &s.states),
        };
        Ok(Update {
            product: self.project(gpu, x, &update.matrix, target, post_norm.is_none())?,
            post_norm,
            sum_norm: update.sum_norm.as_ref().map(|norm| self.layer_norm.bind(gpu, norm, &s.states)),
        })
    }

    /// The product with every part of a stack, each into its columns of y.
    fn project(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        stack: &Stack,
        y: &Buffer,
        add: bool,
    ) -> Result<Vec<Projection>, EngineError> {
        let project = |(offset, weights): &(u32, Weights)| {
            let of_type = self.matmuls.iter().find(|(tensor_type, _)| *tensor_type == weights.tensor_type);
            let kernel = Rc::clone(&of_type.ok_or(EngineError::Incomplete)?.1);
            let bindings = kernel.bind(gpu, x, weights, y);
            let columns = Columns { stride: stack.n_out, offset: *offset, add };
            Ok(Projection { kernel, weights: weights.clone(), bindings, columns })
        };
        stack.parts.iter().map(project).collect()
    }
}

impl Projection {
    fn encode(&self, recording: &mut Recording, n_tokens: u32) {
        self.kernel.encode(recording, &self.bindings, &self.weights, n_tokens, self.columns);
    }
}
