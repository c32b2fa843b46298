//! The forward pass: which kernels run over which buffers, in which order. Bind groups are made once.

use std::rc::Rc;

use super::device::Gpu;
use super::error::EngineError;
use super::kernels::matmul::Columns;
use super::kernels::rms_norm::Rows;
use super::kernels::{
    Attention, Bindings, Cosine, Embed, LogProb, Matmul, Pool, RmsNorm, Rope, Sample, SiluMul, attention,
    rope, sample,
};
use super::kv_cache::KvCache;
use super::loader::{Layer, ModelWeights, Stack};
use super::recording::Recording;
use super::scratch::Scratch;
use super::self_test;
use super::weights::Weights;
use crate::generate::Pooling;
use crate::weights::{Hyperparameters, TensorType};

/// Every kernel that a model uses.
#[derive(Debug)]
struct Kernels {
    embed: Embed,
    rms_norm: RmsNorm,
    matmuls: Matmuls,
    rope: Rope,
    attention: Attention,
    silu_mul: SiluMul,
    sample: Sample,
    log_prob: LogProb,
    pool: Pool,
}

/// The kernel of the head's type, and those of the other types among the weights.
#[derive(Debug)]
struct Matmuls {
    of_head: Rc<Matmul>,
    others: Vec<(TensorType, Rc<Matmul>)>,
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
    attn_norm: Bindings,
    qkv: Vec<Projection>,
    rope: Bindings,
    attention: Bindings,
    attn_output: Projection,
    ffn_norm: Bindings,
    gate_up: Vec<Projection>,
    silu_mul: Bindings,
    down: Projection,
}

/// The kernels of a model, bound to its buffers.
#[derive(Debug)]
pub(crate) struct Forward {
    h: Hyperparameters,
    seq_len: u32,
    seen_words: u32,
    kernels: Kernels,
    embed: Bindings,
    layers: Vec<LayerBindings>,
    output_norm: Bindings,
    head: Projection,
    sample: Bindings,
    log_prob: Bindings,
    pool: Bindings,
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
        kernels.self_test(gpu, weights).await?;
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
            embed: kernels.embed.bind(gpu, &s.batch, &weights.embedding, &s.states),
            layers: layers.map(|(layer, pools)| kernels.bind_layer(gpu, layer, pools, kv, s)).collect(),
            output_norm: kernels.rms_norm.bind(gpu, &s.states, &weights.output_norm, &s.indices, &s.normed),
            head: kernels.project(gpu, &s.normed, weights.head(), &s.logits, false),
            sample,
            log_prob: kernels.log_prob.bind(gpu, &s.logits, &s.targets, &s.scores),
            pool: kernels.pool.bind(gpu, &s.states, &s.groups, &s.pooled),
            kernels,
            cosine: Cosine::new(gpu).await?,
        })
    }

    /// Token ids to states after `n_layers` layers; keys and values of the batch are stored.
    pub(crate) fn layers(&self, recording: &mut Recording, n_tokens: u32, n_layers: u32) {
        let (h, k) = (&self.h, &self.kernels);
        let norm = (h.dim, h.rms_norm_eps);
        let rows = Rows::From(0);
        let turn = rope::Params {
            n_tokens,
            q_dim: h.q_dim(),
            kv_dim: h.kv_dim(),
            head_dim: h.head_dim,
            rope_dim: h.rope_dim,
            seq_len: self.seq_len,
            ..Default::default()
        };
        let attend = attention::Params {
            n_tokens,
            n_heads: h.n_heads,
            n_kv_heads: h.n_kv_heads,
            head_dim: h.head_dim,
            qkv_width: h.q_dim() + 2 * h.kv_dim(),
            seq_len: self.seq_len,
            ..Default::default()
        };
        k.embed.encode(recording, &self.embed, h.dim, n_tokens);
        for layer in &self.layers[..n_layers as usize] {
            k.rms_norm.encode(recording, &layer.attn_norm, norm, rows, n_tokens);
            layer.qkv.iter().for_each(|part| part.encode(recording, n_tokens));
            k.rope.encode(recording, &layer.rope, turn);
            k.attention.encode(recording, &layer.attention, attend);
            layer.attn_output.encode(recording, n_tokens);
            k.rms_norm.encode(recording, &layer.ffn_norm, norm, rows, n_tokens);
            layer.gate_up.iter().for_each(|part| part.encode(recording, n_tokens));
            k.silu_mul.encode(recording, &layer.silu_mul, h.hidden_dim, n_tokens);
            layer.down.encode(recording, n_tokens);
        }
    }

    /// States of some tokens to rows of logits.
    pub(crate) fn head(&self, recording: &mut Recording, rows: Rows, n_rows: u32) {
        let norm = (self.h.dim, self.h.rms_norm_eps);
        self.kernels.rms_norm.encode(recording, &self.output_norm, norm, rows, n_rows);
        self.head.encode(recording, n_rows);
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

    /// States to one vector per group.
    pub(crate) fn pool(&self, recording: &mut Recording, pooling: Pooling, n_groups: u32) {
        self.kernels.pool.encode(recording, &self.pool, self.h.dim, pooling, n_groups);
    }
}

impl Matmuls {
    async fn new(gpu: &Gpu, weights: &ModelWeights) -> Result<Self, EngineError> {
        let of_head = Rc::new(Matmul::new(gpu, weights.head().tensor_type).await?);
        let mut others = Vec::new();
        for tensor_type in weights.layer_types() {
            if tensor_type != weights.head().tensor_type {
                others.push((tensor_type, Rc::new(Matmul::new(gpu, tensor_type).await?)));
            }
        }
        Ok(Self { of_head, others })
    }

    /// The kernel of a type that is among the weights.
    fn of(&self, tensor_type: TensorType) -> &Rc<Matmul> {
        let other = self.others.iter().find(|(other, _)| *other == tensor_type);
        other.map_or(&self.of_head, |(_, kernel)| kernel)
    }
}

impl Kernels {
    async fn new(gpu: &Gpu, weights: &ModelWeights) -> Result<Self, EngineError> {
        Ok(Self {
            embed: Embed::new(gpu, weights.embedding.tensor_type).await?,
            rms_norm: RmsNorm::new(gpu).await?,
            matmuls: Matmuls::new(gpu, weights).await?,
            rope: Rope::new(gpu).await?,
            attention: Attention::new(gpu).await?,
            silu_mul: SiluMul::new(gpu).await?,
            sample: Sample::new(gpu).await?,
            log_prob: LogProb::new(gpu).await?,
            pool: Pool::new(gpu).await?,
        })
    }

    /// Computes something known with each kernel that drivers are known to get wrong.
    async fn self_test(&self, gpu: &Gpu, weights: &ModelWeights) -> Result<(), EngineError> {
        self_test::matmul(gpu, &self.matmuls.of_head, weights.head().tensor_type).await?;
        for (tensor_type, kernel) in &self.matmuls.others {
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
        [k_pool, v_pool]: &[wgpu::Buffer; 2],
        kv: &KvCache,
        s: &Scratch,
    ) -> LayerBindings {
        let (batch, table, qkv) = (&s.batch, &kv.table, &s.qkv);
        let turn = rope::Buffers { batch, table, angles: &s.angles, qkv, k_pool, v_pool };
        let attend = attention::Buffers { batch, table, qkv, k_pool, v_pool, out: &s.attended };
        LayerBindings {
            attn_norm: self.rms_norm.bind(gpu, &s.states, &layer.attn_norm, &s.indices, &s.normed),
            qkv: self.project_stack(gpu, &s.normed, &layer.qkv, qkv),
            rope: self.rope.bind(gpu, turn),
            attention: self.attention.bind(gpu, attend),
            attn_output: self.project(gpu, &s.attended, &layer.attn_output, &s.states, true),
            ffn_norm: self.rms_norm.bind(gpu, &s.states, &layer.ffn_norm, &s.indices, &s.normed),
            gate_up: self.project_stack(gpu, &s.normed, &layer.gate_up, &s.gate_up),
            silu_mul: self.silu_mul.bind(gpu, &s.gate_up, &s.gated),
            down: self.project(gpu, &s.gated, &layer.down, &s.states, true),
        }
    }

    fn project(
        &self,
        gpu: &Gpu,
        x: &wgpu::Buffer,
        weights: &Weights,
        y: &wgpu::Buffer,
        add: bool,
    ) -> Projection {
        self.bind_projection(gpu, x, weights, y, Columns { stride: weights.n_out, offset: 0, add })
    }

    fn project_stack(&self, gpu: &Gpu, x: &wgpu::Buffer, stack: &Stack, y: &wgpu::Buffer) -> Vec<Projection> {
        let columns = |&offset: &u32| Columns { stride: stack.n_out, offset, add: false };
        let parts = stack.parts.iter();
        parts.map(|(first, weights)| self.bind_projection(gpu, x, weights, y, columns(first))).collect()
    }

    fn bind_projection(
        &self,
        gpu: &Gpu,
        x: &wgpu::Buffer,
        weights: &Weights,
        y: &wgpu::Buffer,
        columns: Columns,
    ) -> Projection {
        let kernel = Rc::clone(self.matmuls.of(weights.tensor_type));
        let bindings = kernel.bind(gpu, x, weights, y);
        Projection { kernel, weights: weights.clone(), bindings, columns }
    }
}

impl Projection {
    fn encode(&self, recording: &mut Recording, n_tokens: u32) {
        self.kernel.encode(recording, &self.bindings, &self.weights, n_tokens, self.columns);
    }
}
