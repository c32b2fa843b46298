//! A loaded model with everything a job needs to use it.

use crate::{
    data::ModelRecord,
    generate::{GenerateError, LanguageModel, ModelError, Scheduler},
    protocol::{Fault, FaultCode, MemoryReport, ModelInfo, TemplateChoice},
};

use super::{prompter::Prompter, task::cancelled};

/// A model, the scheduler that owns its slots, and its language.
#[derive(Debug)]
pub struct Generator<M> {
    /// What runs it.
    pub model: M,
    /// Owns the KV slots of `model`.
    pub scheduler: Scheduler,
    /// Tokenizer and chat template.
    pub prompter: Prompter,
    /// What the page is told of it.
    pub info: ModelInfo,
}

impl<M: LanguageModel> Generator<M> {
    /// The layer whose states embed text when no other is asked for: `round(n_layers / 2)`, as in
    /// LaCoMSA and AlignX.
    pub fn middle_layer(&self) -> u32 {
        self.info.n_layers.div_ceil(2)
    }

    /// Asks with another chat template from now on.
    ///
    /// # Errors
    /// As [`Prompter::pick`].
    pub fn pick_template(&mut self, choice: TemplateChoice) -> Result<(), Fault> {
        self.prompter.untell(&mut self.info);
        self.prompter.pick(choice)?;
        self.prompter.tell(&mut self.info);
        Ok(())
    }

    /// What the page should know of the pool, where it is not what it was last told.
    pub fn memory_now(&self) -> Option<MemoryReport> {
        memory_with(&self.info, self.model.shape().n_slots)
    }

    /// For the session.
    pub fn record(&self) -> ModelRecord {
        record(&self.info, self.prompter.choice())
    }
}

/// What a session says of a model and of the template that was picked for it.
pub(super) fn record(info: &ModelInfo, picked: Option<TemplateChoice>) -> ModelRecord {
    let ModelInfo { name, sha256, architecture, quantization, numerics, .. } = info.clone();
    let picked = picked.filter(|choice| *choice != TemplateChoice::File);
    let template = picked.map(|choice| choice.as_str().to_owned());
    ModelRecord { name, sha256, architecture, quantization, numerics, template }
}

/// What the page should know of a pool of `n_slots`, where it is not what it was last told.
pub(super) fn memory_with(info: &ModelInfo, n_slots: u32) -> Option<MemoryReport> {
    let kv = f64::from(n_slots) * info.memory.kv_token;
    (kv != info.memory.kv).then_some(MemoryReport { kv, ..info.memory })
}

/// A model's failure, as the page hears it.
pub fn model_fault(error: &ModelError) -> Fault {
    let code = match error {
        ModelError::Stopped => return cancelled(),
        ModelError::DeviceLost { .. } => FaultCode::DeviceLost,
        ModelError::OutOfMemory { .. } => FaultCode::OutOfMemory,
        ModelError::NotFinite { .. } => FaultCode::NotFinite,
        ModelError::BadRequest { .. } => FaultCode::Internal,
    };
    Fault::new(code, error.to_string())
}

/// A failure to score or embed, as the page hears it.
pub fn generate_fault(error: &GenerateError) -> Fault {
    match error {
        GenerateError::Input(input) => Fault::new(FaultCode::BadInput, input.to_string()),
        GenerateError::Model(model) => model_fault(model),
    }
}
