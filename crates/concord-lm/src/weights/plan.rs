//! Memory arithmetic: what a job takes on the device, before any weight is read.
//!
//! Buffers for every tensor (several where one would be too large to bind), one key and one value buffer per layer, scratch for the tokens of one batch
//! and the logits of the rows that are drawn. Sizes are upper bounds in bytes.

use super::architecture::Norms;
use super::blocks::TensorType;
use super::hyperparameters::Hyperparameters;
use super::model_tensor::PlacedTensor;
use super::numerics::weights_bytes;
use super::offer::{Offer, Offers, smaller_types};
use super::plan_error::PlanError;

/// New tokens of the shortest response that is worth loading a model for.
const SHORTEST_ROW: u32 = 16;
/// Bytes of an activation, a logit and a table entry: f32 and u32.
const WORD: u64 = 4;

/// What the device allows, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest buffer.
    pub max_buffer_bytes: u64,
    /// Largest storage binding.
    pub max_binding_bytes: u64,
    /// All buffers together; `u64::MAX` where the device does not say.
    pub budget_bytes: u64,
    /// Whether weights are held as the CPU holds them; see [`super::Numerics`]. Else as in the file.
    pub on_cpu: bool,
}

/// What a job wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Rows generated at once.
    pub n_rows: u32,
    /// Prompts held at once; rows of one prompt share its slots.
    pub n_prompts: u32,
    /// Tokens of the longest prompt.
    pub prompt_tokens: u32,
    /// New tokens of a row, at most.
    pub row_tokens: u32,
    /// Tokens of one prefill call, at most.
    pub max_batch_tokens: u32,
    /// Bytes of one stored key or value number: 4 for f32, 2 for f16.
    pub kv_value_bytes: u32,
}

/// The numbers of a model that its memory depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Transformer layers.
    pub n_layers: u32,
    /// Width of the residual stream.
    pub dim: u32,
    /// Width of all query heads.
    pub q_dim: u32,
    /// Width of all key (or value) heads.
    pub kv_dim: u32,
    /// Width of the feed-forward layer.
    pub hidden_dim: u32,
    /// Logits of a row; 0 of an encoder.
    pub n_logits: u32,
    /// Longest sequence, in tokens.
    pub seq_len: u32,
    /// Whether what a part of a layer gives is normed before it is added.
    pub norms_updates: bool,
    /// Weights as stored on the device.
    pub weights_bytes: u64,
}

impl Sizes {
    /// Those of a file on a device.
    pub fn of(h: &Hyperparameters, tensors: &[PlacedTensor], limits: Limits) -> Self {
        Self {
            n_layers: h.n_layers,
            dim: h.dim,
            q_dim: h.q_dim(),
            kv_dim: h.kv_dim(),
            hidden_dim: h.hidden_dim,
            n_logits: h.n_logits(),
            seq_len: h.seq_len,
            norms_updates: h.norms == Norms::Around,
            weights_bytes: weights_bytes(tensors, limits.on_cpu),
        }
    }
}

/// Bytes of a job, by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// The job the plan is for.
    pub wanted: Wanted,
    /// Weights as stored on the device.
    pub weights_bytes: u64,
    /// Keys and values of one slot: one token in all layers.
    pub slot_bytes: u64,
    /// Slots of the pool.
    pub n_slots: u64,
    /// Keys and values of the pool.
    pub kv_bytes: u64,
    /// Activations, logits and tables.
    pub scratch_bytes: u64,
    /// Everything.
    pub total_bytes: u64,
    /// The largest buffer of a job: the keys or the values of a layer, the logits, or activations.
    pub largest_buffer_bytes: u64,
}

impl MemoryPlan {
    /// The plan of a job.
    ///
    /// # Errors
    /// [`PlanError::ContextTooShort`]; [`PlanError::ModelTooLarge`] when no job fits; [`PlanError::JobTooLarge`] with fewer rows
    /// and shorter rows that would.
    pub fn new(
        hyperparameters: &Hyperparameters,
        tensors: &[PlacedTensor],
        limits: Limits,
        wanted: Wanted,
    ) -> Result<Self, PlanError> {
        let planner = Planner::new(hyperparameters, tensors, limits, wanted)?;
        let plan = planner.plan(wanted);
        if planner.fits(&plan) { Ok(plan) } else { Err(planner.refusal(&plan)) }
    }

    /// The plan of a job for a model of these sizes.
    ///
    /// # Errors
    /// As [`MemoryPlan::new`]; no smaller type of the weights is offered.
    pub fn of_sizes(sizes: Sizes, limits: Limits, wanted: Wanted) -> Result<Self, PlanError> {
        let planner = Planner::of_sizes(sizes, limits, wanted)?;
        let plan = planner.plan(wanted);
        if planner.fits(&plan) { Ok(plan) } else { Err(planner.refusal(&plan)) }
    }

    /// The plan of the job with as many rows as fit, at most those wanted.
    ///
    /// # Errors
    /// Those of [`MemoryPlan::new`], when not even one row fits.
    pub fn with_most_rows(
        hyperparameters: &Hyperparameters,
        tensors: &[PlacedTensor],
        limits: Limits,
        wanted: Wanted,
    ) -> Result<Self, PlanError> {
        let planner = Planner::new(hyperparameters, tensors, limits, wanted)?;
        match planner.most_rows(wanted) {
            0 => Err(planner.refusal(&planner.plan(Wanted { n_rows: 1, ..wanted }))),
            n_rows => Ok(planner.plan(Wanted { n_rows, ..wanted })),
        }
    }
}

/// The arithmetic for one model on one device.
struct Planner {
    sizes: Sizes,
    limits: Limits,
    /// Types that would make the file smaller, with the bytes of all weights then.
    smaller_types: Vec<(TensorType, u64)>,
}

impl Planner {
    fn new(
        hyperparameters: &Hyperparameters,
        tensors: &[PlacedTensor],
        limits: Limits,
        wanted: Wanted,
    ) -> Result<Self, PlanError> {
        let sizes = Sizes::of(hyperparameters, tensors, limits);
        let smaller_types = smaller_types(tensors, limits.on_cpu);
        Ok(Self { smaller_types, ..Self::of_sizes(sizes, limits, wanted)? })
    }

    fn of_sizes(sizes: Sizes, limits: Limits, wanted: Wanted) -> Result<Self, PlanError> {
        let Wanted { prompt_tokens, row_tokens, .. } = wanted;
        let seq_len = sizes.seq_len;
        if u64::from(prompt_tokens) + u64::from(row_tokens) > u64::from(seq_len) {
            return Err(PlanError::ContextTooShort { prompt_tokens, row_tokens, seq_len });
        }
        Ok(Self { sizes, limits, smaller_types: Vec::new() })
    }

    fn plan(&self, wanted: Wanted) -> MemoryPlan {
        let h = &self.sizes;
        let [n_rows, n_prompts] = [wanted.n_rows, wanted.n_prompts].map(u64::from);
        let [prompt_tokens, row_tokens] = [wanted.prompt_tokens, wanted.row_tokens].map(u64::from);
        let n_slots = n_prompts * prompt_tokens + n_rows * row_tokens;
        let slot_bytes = 2 * u64::from(h.n_layers) * self.slot_layer_bytes(wanted);
        let kv_bytes = n_slots.saturating_mul(slot_bytes);
        let n_tokens = u64::from(wanted.max_batch_tokens).max(n_rows);
        // Per token: residual, normed, query, attention output, key, value, gate, up.
        let [dim, q_dim, kv_dim, hidden_dim] = [h.dim, h.q_dim, h.kv_dim, h.hidden_dim].map(u64::from);
        let updates = if h.norms_updates { dim } else { 0 };
        let activations = n_tokens * (2 * dim + updates + 2 * q_dim + 2 * kv_dim + 2 * hidden_dim);
        // Per row: logits, and a bit per token that was seen.
        let logits = n_rows * (u64::from(h.n_logits) + u64::from(h.n_logits).div_ceil(32));
        let tables = (n_rows + n_prompts) * (prompt_tokens + row_tokens);
        let scratch_bytes = activations.saturating_add(logits).saturating_add(tables).saturating_mul(WORD);
        let total_bytes = h.weights_bytes.saturating_add(kv_bytes).saturating_add(scratch_bytes);
        let weights_bytes = h.weights_bytes;
        let widest = h.hidden_dim.max(h.q_dim).max(h.dim);
        let largest_buffer_bytes = (n_slots.saturating_mul(self.slot_layer_bytes(wanted)))
            .max(n_rows * u64::from(h.n_logits) * WORD)
            .max(n_tokens * u64::from(widest) * WORD);
        MemoryPlan {
            wanted,
            weights_bytes,
            slot_bytes,
            n_slots,
            kv_bytes,
            scratch_bytes,
            total_bytes,
            largest_buffer_bytes,
        }
    }

    /// Bytes of the keys (or the values) of one slot in one layer.
    fn slot_layer_bytes(&self, wanted: Wanted) -> u64 {
        u64::from(self.sizes.kv_dim) * u64::from(wanted.kv_value_bytes)
    }

    fn fits(&self, plan: &MemoryPlan) -> bool {
        let limit = self.limits.max_buffer_bytes.min(self.limits.max_binding_bytes);
        plan.total_bytes <= self.limits.budget_bytes && plan.largest_buffer_bytes <= limit
    }

    /// Most rows of the wanted length that fit; 0 when none does.
    fn most_rows(&self, wanted: Wanted) -> u32 {
        largest(wanted.n_rows, |n_rows| self.fits(&self.plan(Wanted { n_rows, ..wanted })))
    }

    /// Longest rows that fit when all wanted rows are held; 0 when none does.
    fn longest_rows(&self, wanted: Wanted) -> u32 {
        largest(wanted.row_tokens, |row_tokens| self.fits(&self.plan(Wanted { row_tokens, ..wanted })))
    }

    /// Why a plan does not fit, and what would.
    fn refusal(&self, plan: &MemoryPlan) -> PlanError {
        let wanted = plan.wanted;
        let Wanted { n_rows, row_tokens, .. } = wanted;
        let available = self.limits.budget_bytes;
        let shortest = row_tokens.min(SHORTEST_ROW);
        let fewer = Some(self.most_rows(wanted)).filter(|&n_rows| n_rows > 0);
        let shorter = Some(self.longest_rows(wanted)).filter(|&tokens| tokens >= shortest);
        let one = || {
            let one = Wanted { n_rows: 1, n_prompts: 1, ..wanted };
            Some(self.longest_rows(one)).filter(|&tokens| tokens >= shortest)
        };
        let mut offers: Vec<Offer> = [
            fewer.map(|n_rows| Offer::Rows { n_rows, row_tokens }),
            shorter.map(|row_tokens| Offer::Rows { n_rows, row_tokens }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if offers.is_empty() {
            offers.extend(one().map(|row_tokens| Offer::Rows { n_rows: 1, row_tokens }));
        }
        offers.extend(self.quantisation(wanted));
        if offers.is_empty() {
            let smallest = Wanted { n_rows: 1, n_prompts: 1, row_tokens: shortest, ..wanted };
            return PlanError::ModelTooLarge { needed: self.plan(smallest).total_bytes, available };
        }
        let offers = Offers(offers);
        PlanError::JobTooLarge { n_rows, row_tokens, needed: plan.total_bytes, available, offers }
    }

    /// The largest type that lets most rows of the wanted length fit.
    fn quantisation(&self, wanted: Wanted) -> Option<Offer> {
        let mut best = None;
        for &(tensor_type, weights_bytes) in &self.smaller_types {
            let sizes = Sizes { weights_bytes, ..self.sizes };
            let smaller = Self { sizes, limits: self.limits, smaller_types: Vec::new() };
            let n_rows = smaller.most_rows(wanted);
            if n_rows > best.map_or(0, |(_, n_rows)| n_rows) {
                best = Some((tensor_type, n_rows));
            }
        }
        let row_tokens = wanted.row_tokens;
        best.map(|(tensor_type, n_rows)| Offer::Quantisation { tensor_type, n_rows, row_tokens })
    }
}

/// The largest number from 1 to `limit` for which a falling predicate holds; 0 when it holds for none.
fn largest(limit: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, limit);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::{RandomModel, random_model};
    use crate::weights::{Header, ModelFile, Parsed};

    const ROOMY: Limits = Limits {
        max_buffer_bytes: 1 << 30,
        max_binding_bytes: 1 << 30,
        budget_bytes: 1 << 32,
        on_cpu: false,
    };
    const WANTED: Wanted = Wanted {
        n_rows: 40,
        n_prompts: 5,
        prompt_tokens: 100,
        row_tokens: 128,
        max_batch_tokens: 256,
        kv_value_bytes: 2,
    };

    fn model() -> ModelFile {
        let file = random_model(&RandomModel::default());
        match Header::parse(&file, None).unwrap() {
            Parsed::Header(header) => ModelFile::from_header(header).unwrap(),
            Parsed::NeedMore { .. } => panic!("not whole"),
        }
    }

    fn plan(limits: Limits, wanted: Wanted) -> Result<MemoryPlan, PlanError> {
        let model = model();
        MemoryPlan::new(&model.hyperparameters, &model.tensors, limits, wanted)
    }

    /// By hand: dim 64, hidden 96, 2 layers, kv_dim 32, vocabulary 301, all F32.
    #[test]
    fn the_sums_are_those_by_hand() {
        let plan = plan(ROOMY, WANTED).unwrap();
        assert_eq!(plan.slot_bytes, 2 * 2 * 32 * 2);
        assert_eq!(plan.n_slots, 5 * 100 + 40 * 128);
        assert_eq!(plan.kv_bytes, 5620 * 256);
        let layer = 2 * 64 + 2 * 64 * 64 + 2 * 32 * 64 + 3 * 64 * 96;
        let padding = 301 * 64 * 4 % 256;
        assert_eq!(padding, 0);
        assert_eq!(plan.weights_bytes, 4 * (2 * 301 * 64 + 2 * layer + 64));
        let scratch = 256 * (2 * 64 + 2 * 64 + 2 * 32 + 2 * 96) + 40 * (301 + 10) + 45 * 228;
        assert_eq!(plan.scratch_bytes, 4 * scratch);
        assert_eq!(plan.total_bytes, plan.weights_bytes + plan.kv_bytes + plan.scratch_bytes);
    }

    #[test]
    fn what_cannot_fit_is_refused_by_its_reason() {
        let tiny = Limits { budget_bytes: 1000, ..ROOMY };
        assert!(matches!(plan(tiny, WANTED), Err(PlanError::ModelTooLarge { available: 1000, .. })));
        let long = Wanted { row_tokens: 157, ..WANTED };
        assert!(matches!(plan(ROOMY, long), Err(PlanError::ContextTooShort { seq_len: 256, .. })));
        let huge = Wanted { n_rows: u32::MAX, n_prompts: u32::MAX, ..WANTED };
        assert!(plan(ROOMY, huge).is_err());
    }

    #[test]
    fn the_batch_is_sized_to_the_budget() {
        let model = model();
        let whole = plan(ROOMY, WANTED).unwrap();
        let limits = Limits { budget_bytes: whole.total_bytes * 3 / 4, ..ROOMY };
        let fitted =
            MemoryPlan::with_most_rows(&model.hyperparameters, &model.tensors, limits, WANTED).unwrap();
        let n_rows = fitted.wanted.n_rows;
        assert!((1..40).contains(&n_rows) && fitted.total_bytes <= limits.budget_bytes);
        assert!(plan(limits, Wanted { n_rows: n_rows + 1, ..WANTED }).is_err());
        let all = MemoryPlan::with_most_rows(&model.hyperparameters, &model.tensors, ROOMY, WANTED).unwrap();
        assert_eq!(all, whole);
    }
}
