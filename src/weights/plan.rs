//! Memory arithmetic: what a job takes on the device, before any weight is read.

/// What the device allows, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest buffer.
    pub max_buffer_bytes: u64,
    /// Largest storage binding.
    pub max_binding_bytes: u64,
    /// All buffers together.
    pub budget_bytes: u64,
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
    pub n_slots: u32,
    /// Keys and values of the pool.
    pub kv_bytes: u64,
    /// Activations, logits and tables.
    pub scratch_bytes: u64,
    /// Everything.
    pub total_bytes: u64,
}
