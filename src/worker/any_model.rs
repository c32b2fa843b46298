//! The two backends' models behind one name, so that a job does not care what runs it.

use crate::{
    engine::GpuModel,
    generate::{
        Call, Counters, DecodeRow, Done, Draw, Ends, LanguageModel, LiveRows, MAX_STEPS, ModelError,
        ModelShape, Pooling, Sampled, TokenInput,
    },
    protocol::Backend,
    reference::ReferenceModel,
};

/// A model on one of the two backends.
#[derive(Debug)]
pub enum AnyModel {
    /// The CPU reference.
    Cpu(Box<ReferenceModel>),
    /// The GPU engine.
    Gpu(Box<GpuModel>),
}

/// Calls the same method on whichever model it is.
macro_rules! on {
    ($self:expr, $model:ident => $call:expr) => {
        match $self {
            AnyModel::Cpu($model) => $call,
            AnyModel::Gpu($model) => $call,
        }
    };
}

impl AnyModel {
    /// What it runs on, as the page knows it.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Cpu(_) => Backend::Cpu,
            Self::Gpu(_) => Backend::Webgpu,
        }
    }

    /// Most decode steps per call: several save round trips to the GPU; on the CPU there are none to save.
    pub fn steps_per_call(&self) -> u32 {
        match self {
            Self::Cpu(_) => 1,
            Self::Gpu(_) => MAX_STEPS,
        }
    }
}

impl LanguageModel for AnyModel {
    fn shape(&self) -> ModelShape {
        on!(self, model => model.shape())
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        on!(self, model => model.set_slots(table_row, first_position, slots))
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        on!(self, model => model.make_pool(n_slots).await)
    }

    fn set_seen(&mut self, table_row: u32, tokens: &[u32]) -> Result<(), ModelError> {
        on!(self, model => model.set_seen(table_row, tokens))
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        on!(self, model => model.prefill(tokens, draws).await)
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        on!(self, model => model.decode(rows, n_steps).await)
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        on!(self, model => model.rows_mut())
    }

    fn n_calls_at_once(&self) -> usize {
        on!(self, model => model.n_calls_at_once())
    }

    fn admit(&mut self, row: DecodeRow, ends: Ends) -> Result<(), ModelError> {
        on!(self, model => model.admit(row, ends))
    }

    fn expel(&mut self, table_row: u32) {
        on!(self, model => model.expel(table_row));
    }

    fn abandon(&mut self) {
        on!(self, model => model.abandon());
    }

    fn begin(&mut self, call: Call) -> Result<(), ModelError> {
        on!(self, model => model.begin(call))
    }

    async fn finish(&mut self) -> Result<Done, ModelError> {
        on!(self, model => model.finish().await)
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        on!(self, model => model.score(tokens, targets).await)
    }

    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        on!(self, model => model.embed_layers(tokens, groups, layers, pooling).await)
    }

    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        on!(self, model => model.hold_vectors(n_vectors).await)
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        on!(self, model => model.set_vector(place, vector))
    }

    async fn hold_states(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        states: (u32, Pooling),
        first: u32,
    ) -> Result<(), ModelError> {
        on!(self, model => model.hold_states(tokens, groups, states, first).await)
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        on!(self, model => model.cosines(n_vectors).await)
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        on!(self, model => model.logits(tokens).await)
    }

    fn counters(&self) -> Counters {
        on!(self, model => model.counters())
    }

    fn counters_mut(&mut self) -> &mut Counters {
        on!(self, model => model.counters_mut())
    }
}
