//! The kernels that a model uses, and what binds them to its weights and to the scratch of a batch.

use std::rc::Rc;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernel::Bindings;
use super::kernels::matmul::{Columns, Fed, Role};
use super::kernels::{
    Activate, Attention, Cosine, Embed, Gate, HeadNorm, LayerNorm, LogProb, Matmul, Pool, RmsNorm, Rope,
    Sample, SoftCap, attention, rope,
};
use super::kv_cache::KvCache;
use super::model_weights::{self, Layer, ModelWeights, Stack};
use super::recording::Recording;
use super::scratch::Scratch;
use super::weights::Weights;
use super::{self_test, self_test_matmul, self_test_parts};
use crate::weights::{self, Hyperparameters, TensorType};

/// Every kernel that a model uses.
#[derive(Debug)]
pub(super) struct Kernels {
    pub(super) embed: Embed,
    /// Of the table of positions.
    pub(super) embed_position: Option<Embed>,
    pub(super) rms_norm: RmsNorm,
    pub(super) layer_norm: LayerNorm,
    /// One for each type among the weights and role that it has.
    pub(super) matmuls: Vec<((TensorType, Role), Rc<Matmul>)>,
    pub(super) rope: Rope,
    pub(super) attention: Attention,
    pub(super) head_norm: HeadNorm,
    pub(super) gate: Gate,
    pub(super) activate: Activate,
    pub(super) soft_cap: SoftCap,
    pub(super) sample: Sample,
    pub(super) log_prob: LogProb,
    pub(super) pool: Pool,
}

/// A matrix with the buffers it multiplies and where the product goes.
#[derive(Debug)]
pub(super) struct Projection {
    kernel: Rc<Matmul>,
    weights: Weights,
    bindings: Bindings,
    columns: Columns,
}

/// Bindings of one layer.
#[derive(Debug)]
pub(super) struct LayerBindings {
    pub(super) attn_norm: Option<Bindings>,
    pub(super) qkv: Vec<Projection>,
    pub(super) head_norm: Option<Bindings>,
    pub(super) rope: Bindings,
    pub(super) attention: Bindings,
    pub(super) attn_output: Update,
    pub(super) ffn_norm: Option<Bindings>,
    pub(super) gate_up: Vec<Projection>,
    pub(super) activation: Activation,
    pub(super) down: Update,
}

/// What comes between the two products of the feed-forward layer.
#[derive(Debug)]
pub(super) enum Activation {
    Gate(Bindings),
    Plain(Bindings),
    /// Nothing: the first product gates.
    Done,
}

/// A product that is added to the states, after a norm or before one where the model has it.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) product: Vec<Projection>,
    /// The product writes what the next one takes.
    pub(super) feeds: bool,
    pub(super) post_norm: Option<Bindings>,
    pub(super) sum_norm: Option<Bindings>,
}

/// Buffers that differ from layer to layer, and what a layer needs to know of the model.
#[derive(Clone, Copy)]
pub(super) struct LayerBuffers<'a> {
    pub(super) pools: &'a [Buffer; 2],
    pub(super) angles: &'a Buffer,
    pub(super) bias: &'a Buffer,
    pub(super) h: &'a Hyperparameters,
    /// Of the norm that comes after the layer.
    pub(super) next_gain: Option<&'a Buffer>,
}

/// What is done with a product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product<'a> {
    pub(super) role: Role,
    /// Gain of the norm before the product that is fed.
    pub(super) feeds: Option<&'a Buffer>,
    /// It is added to what is there.
    pub(super) add: bool,
    pub(super) scale: f32,
    /// Of a gate.
    pub(super) activation: weights::Activation,
}

/// A product as it is, in place of what is there.
pub(super) const GIVE: Product<'static> =
    Product { role: Role::Give, feeds: None, add: false, scale: 1.0, activation: weights::Activation::Silu };

/// The parts of a table: first row, rows, bindings.
pub(super) fn embedding_parts(
    gpu: &Gpu,
    kernel: &Embed,
    table: Option<&Stack>,
    s: &Scratch,
) -> Vec<(u32, Weights, Bindings)> {
    let parts = table.into_iter().flat_map(|table| &table.parts);
    parts.map(|(first, part)| (*first, part.clone(), kernel.bind(gpu, &s.batch, part, &s.states))).collect()
}

impl Kernels {
    pub(super) async fn new(gpu: &Gpu, weights: &ModelWeights) -> Result<Self, EngineError> {
        let mut matmuls = Vec::new();
        for ((tensor_type, role), n_outs) in weights.products() {
            let kernel = Matmul::for_outs(gpu, tensor_type, role, (gpu.tier(), &n_outs)).await?;
            matmuls.push(((tensor_type, role), Rc::new(kernel)));
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

    /// Computes something known with each kernel: drivers are known to get any of them wrong.
    pub(super) async fn self_test(
        &self,
        gpu: &Gpu,
        weights: &ModelWeights,
        cosine: &Cosine,
    ) -> Result<(), EngineError> {
        let of_table = |table: Option<&Stack>| table.and_then(Stack::tensor_type);
        if let Some(tensor_type) = of_table(Some(&weights.embedding)) {
            self_test::embed(gpu, &self.embed, tensor_type).await?;
        }
        if let (Some(embed), Some(tensor_type)) = (&self.embed_position, of_table(weights.positions.as_ref()))
        {
            self_test::embed(gpu, embed, tensor_type).await?;
        }
        for ((tensor_type, _), kernel) in &self.matmuls {
            self_test_matmul::matmul(gpu, kernel, *tensor_type).await?;
        }
        self_test::rms_norm(gpu, &self.rms_norm).await?;
        self_test_parts::attention(gpu, &self.attention).await?;
        self_test_parts::activations(gpu, &self.gate, &self.activate).await?;
        self_test_parts::norms(gpu, &self.layer_norm, &self.head_norm).await?;
        self_test_parts::rope(gpu, &self.rope).await?;
        let ends = (&self.soft_cap, &self.log_prob, &self.pool, cosine);
        self_test_parts::ends(gpu, ends).await?;
        self_test::sample(gpu, &self.sample).await
    }

    /// Binds the buffers of a layer.
    pub(super) fn bind_layer(
        &self,
        gpu: &Gpu,
        layer: &Layer,
        LayerBuffers { pools: [k_pool, v_pool], angles, bias, h, next_gain }: LayerBuffers<'_>,
        kv: &KvCache,
        s: &Scratch,
    ) -> Result<LayerBindings, EngineError> {
        let (batch, table, qkv) = (&s.batch, &kv.table, &s.qkv);
        let turn = rope::Buffers { batch, table, angles, bias, qkv, k_pool, v_pool };
        let attend = attention::Buffers { batch, table, qkv, k_pool, v_pool, out: &s.attended };
        // Where no norm stands before a part of the layer, it takes the states as they are, or what attention takes.
        let taken = |norm: &Option<Buffer>| match norm.is_some() || h.norms.are_shared() {
            true => s.normed.clone(),
            false => s.states.clone(),
        };
        Ok(LayerBindings {
            attn_norm: self.norm_before(gpu, layer.attn_norm.as_ref(), s),
            qkv: self.project(gpu, &taken(&layer.attn_norm), &layer.qkv, qkv, GIVE, s)?,
            head_norm: layer.head_norm.as_ref().map(|gains| self.head_norm.bind(gpu, gains, qkv)),
            rope: self.rope.bind(gpu, turn),
            attention: self.attention.bind(gpu, attend),
            attn_output: self.update(
                gpu,
                &s.attended,
                &layer.attn_output,
                (h, layer.ffn_norm.as_ref()),
                s,
            )?,
            ffn_norm: self.norm_before(gpu, layer.ffn_norm.as_ref(), s),
            gate_up: match layer.gate_role() {
                Role::Gate => {
                    let gate = Product { role: Role::Gate, activation: h.activation, ..GIVE };
                    self.project(gpu, &taken(&layer.ffn_norm), &layer.gate_up, &s.gated, gate, s)?
                }
                _ => self.project(gpu, &taken(&layer.ffn_norm), &layer.gate_up, &s.gate_up, GIVE, s)?,
            },
            activation: match (&layer.up_bias, layer.gate_role()) {
                (Some(bias), _) => Activation::Plain(self.activate.bind(gpu, &s.gate_up, bias, &s.gated)),
                (None, Role::Gate) => Activation::Done,
                (None, _) => Activation::Gate(self.gate.bind(gpu, &s.gate_up, &s.gated)),
            },
            down: self.update(gpu, &s.gated, &layer.down, (h, next_gain), s)?,
        })
    }

    /// The norm of what a part of the model takes.
    pub(super) fn norm_before(&self, gpu: &Gpu, gain: Option<&Buffer>, s: &Scratch) -> Option<Bindings> {
        gain.map(|gain| self.rms_norm.bind(gpu, &s.states, gain, &s.indices, &s.normed))
    }

    /// A product that is added to the states, through the scratch where a norm comes between; it feeds the product after the
    /// norm with this gain, where it can.
    fn update(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        update: &model_weights::Update,
        (h, next_gain): (&Hyperparameters, Option<&Buffer>),
        s: &Scratch,
    ) -> Result<Update, EngineError> {
        let (post_norm, target) = match (&update.post_norm, &s.update) {
            (Some(gain), Some(target)) => {
                (Some(self.rms_norm.bind(gpu, target, gain, &s.indices, &s.states)), target)
            }
            _ => (None, &s.states),
        };
        let role = update.role(h.norms);
        let feeds = match role {
            Role::Feed => Some(next_gain.ok_or(EngineError::Incomplete)?),
            _ => None,
        };
        let product = Product { role, feeds, add: post_norm.is_none(), scale: h.residual_scale, ..GIVE };
        Ok(Update {
            product: self.project(gpu, x, &update.matrix, target, product, s)?,
            feeds: role == Role::Feed,
            post_norm,
            sum_norm: update.sum_norm.as_ref().map(|norm| self.layer_norm.bind(gpu, norm, &s.states)),
        })
    }

    /// The product with every part of a stack, each into its columns of y.
    pub(super) fn project(
        &self,
        gpu: &Gpu,
        x: &Buffer,
        stack: &Stack,
        y: &Buffer,
        Product { role, feeds, add, scale, activation }: Product<'_>,
        s: &Scratch,
    ) -> Result<Vec<Projection>, EngineError> {
        let project = |(offset, weights): &(u32, Weights)| {
            let wanted = (weights.tensor_type, role);
            let found = self.matmuls.iter().find(|(product, _)| *product == wanted);
            let kernel = Rc::clone(&found.ok_or(EngineError::Incomplete)?.1);
            let bindings = match feeds {
                Some(gain) => {
                    let fed = Fed { gain, x: &s.normed, squares: &s.squares };
                    kernel.bind_feeding(gpu, x, weights, y, fed)
                }
                None => kernel.bind_normed(gpu, x, weights, y, &s.squares),
            };
            let stride = if role == Role::Gate { stack.n_out / 2 } else { stack.n_out };
            let columns = Columns { stride, offset: *offset, add, scale, activation, norm_eps: None };
            Ok(Projection { kernel, weights: weights.clone(), bindings, columns })
        };
        stack.parts.iter().map(project).collect()
    }
}

impl Projection {
    /// Multiplies; with an epsilon, the input was fed, and its norm is completed.
    pub(super) fn encode(&self, recording: &mut Recording, n_tokens: u32, norm_eps: Option<f32>) {
        let columns = Columns { norm_eps, ..self.columns };
        self.kernel.encode(recording, &self.bindings, &self.weights, n_tokens, columns);
    }
}
