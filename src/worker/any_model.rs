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

use super::stop::{Stop, unless_stopped};

/// A model on one of the two backends. What it is doing when a [`Stop`] comes ends with [`ModelError::Stopped`].
#[derive(Debug)]
pub struct AnyModel {
    on: On,
    stop: Option<Stop>,
}

#[derive(Debug)]
enum On {
    /// The CPU reference.
    Cpu(Box<ReferenceModel>),
    /// The GPU engine.
    Gpu(Box<GpuModel>),
}

/// Calls the same method on whichever model it is.
macro_rules! on {
    ($self:expr, $model:ident => $call:expr) => {
        match $self {
            On::Cpu($model) => $call,
            On::Gpu($model) => $call,
        }
    };
}

/// The same, for calls that take a while.
macro_rules! stoppable {
    ($self:expr, $model:ident => $call:expr) => {{
        let AnyModel { on, stop } = $self;
        match on {
            On::Cpu($model) => unless_stopped(stop.as_ref(), $call).await,
            On::Gpu($model) => unless_stopped(stop.as_ref(), $call).await,
        }
    }};
}

impl AnyModel {
    /// A model on the CPU.
    pub fn on_cpu(model: ReferenceModel) -> Self {
        Self { on: On::Cpu(Box::new(model)), stop: None }
    }

    /// A model on the GPU.
    pub fn on_gpu(model: GpuModel) -> Self {
        Self { on: On::Gpu(Box::new(model)), stop: None }
    }

    /// From now on it hears when nobody wants any more what it does.
    pub fn hear(&mut self, stop: Stop) {
        if let On::Cpu(model) = &mut self.on {
            model.set_pause(stop.pause);
        }
        self.stop = Some(stop);
    }

    /// What it runs on, as the page knows it.
    pub fn backend(&self) -> Backend {
        match self.on {
            On::Cpu(_) => Backend::Cpu,
            On::Gpu(_) => Backend::Webgpu,
        }
    }

    /// Whether it runs on the GPU.
    pub fn is_on_gpu(&self) -> bool {
        self.backend() == Backend::Webgpu
    }

    /// Most decode steps per call: several save round trips to the GPU; on the CPU there are none to save.
    pub fn steps_per_call(&self) -> u32 {
        match self.on {
            On::Cpu(_) => 1,
            On::Gpu(_) => MAX_STEPS,
        }
    }
}

impl LanguageModel for AnyModel {
    fn shape(&self) -> ModelShape {
        on!(&self.on, model => model.shape())
    }

    fn set_slots(&mut self, table_row: u32, first_position: u32, slots: &[u32]) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.set_slots(table_row, first_position, slots))
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.make_pool(n_slots).await)
    }

    fn set_seen(&mut self, table_row: u32, tokens: &[u32]) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.set_seen(table_row, tokens))
    }

    async fn prefill(&mut self, tokens: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        stoppable!(self, model => model.prefill(tokens, draws))
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        stoppable!(self, model => model.decode(rows, n_steps))
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        on!(&mut self.on, model => model.rows_mut())
    }

    fn n_calls_at_once(&self) -> usize {
        on!(&self.on, model => model.n_calls_at_once())
    }

    fn admit(&mut self, row: DecodeRow, ends: Ends) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.admit(row, ends))
    }

    fn expel(&mut self, table_row: u32) {
        on!(&mut self.on, model => model.expel(table_row));
    }

    fn abandon(&mut self) {
        on!(&mut self.on, model => model.abandon());
    }

    fn begin(&mut self, call: Call) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.begin(call))
    }

    async fn finish(&mut self) -> Result<Done, ModelError> {
        stoppable!(self, model => model.finish())
    }

    async fn score(&mut self, tokens: &[TokenInput], targets: &[u32]) -> Result<Vec<f32>, ModelError> {
        stoppable!(self, model => model.score(tokens, targets))
    }

    async fn embed_layers(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        stoppable!(self, model => model.embed_layers(tokens, groups, layers, pooling))
    }

    async fn hold_vectors(&mut self, n_vectors: u32) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.hold_vectors(n_vectors).await)
    }

    fn set_vector(&mut self, place: u32, vector: &[f32]) -> Result<(), ModelError> {
        on!(&mut self.on, model => model.set_vector(place, vector))
    }

    async fn hold_states(
        &mut self,
        tokens: &[TokenInput],
        groups: &[u32],
        states: (u32, Pooling),
        places: &[u32],
        n_compared: u32,
    ) -> Result<Vec<f32>, ModelError> {
        stoppable!(self, model => model.hold_states(tokens, groups, states, places, n_compared))
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        on!(&mut self.on, model => model.cosines(n_vectors).await)
    }

    async fn logits(&mut self, tokens: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        stoppable!(self, model => model.logits(tokens))
    }

    fn counters(&self) -> Counters {
        on!(&self.on, model => model.counters())
    }

    fn counters_mut(&mut self) -> &mut Counters {
        on!(&mut self.on, model => model.counters_mut())
    }
}
