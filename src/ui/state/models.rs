//! The loaded models, and how the next one is loaded.

use crate::{
    data::ModelRecord,
    protocol::{Fault, FaultCode, MemoryReport, ModelInfo, ModelSource, Role, TemplateChoice},
};

/// The generator and the encoder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Models {
    /// The loaded model.
    pub generator: Option<ModelInfo>,
    /// Where the model that was loaded last came from.
    pub source: Option<ModelSource>,
    /// The chat template that was picked for it.
    pub template: TemplateChoice,
    /// The loaded encoder.
    pub encoder: Option<ModelInfo>,
    /// Where it came from.
    pub encoder_source: Option<ModelSource>,
}

impl Models {
    /// The loaded model of a role that texts are made or compared by.
    pub fn of(&self, role: Role) -> Option<&ModelInfo> {
        match role {
            Role::Generator => self.generator.as_ref(),
            Role::Encoder => self.encoder.as_ref(),
            Role::Tokenizer => None,
        }
    }

    /// Whether the loaded model is the one of a session, asked in the same way.
    pub fn has_model_of(&self, record: &ModelRecord) -> bool {
        let picked = TemplateChoice::named(record.template.as_deref().unwrap_or("file"));
        self.generator.as_ref().is_some_and(|model| {
            model.sha256 == record.sha256 && (model.template.is_none() || model.template == picked)
        })
    }

    /// The loaded model as a run remembers it.
    pub fn kept(&self) -> KeptModel {
        let model = self.generator.as_ref();
        KeptModel {
            name: model.map(|model| model.name.clone()).unwrap_or_default(),
            sha256: model.map(|model| model.sha256.clone()).unwrap_or_default(),
            source: self.source.clone().filter(|source| !matches!(source, ModelSource::File { .. })),
            template: self.template,
            server: None,
        }
    }

    /// The loaded encoder as a run remembers it.
    pub fn kept_encoder(&self) -> Option<KeptModel> {
        let source = self.encoder_source.clone();
        self.encoder.as_ref().map(|encoder| KeptModel {
            name: encoder.name.clone(),
            sha256: encoder.sha256.clone(),
            source: source.filter(|source| !matches!(source, ModelSource::File { .. })),
            template: TemplateChoice::default(),
            server: None,
        })
    }

    /// A loaded model is not quite what it was.
    pub fn set_info(&mut self, role: Role, info: ModelInfo) {
        match role {
            Role::Generator => self.generator = Some(info),
            Role::Encoder => self.encoder = Some(info),
            Role::Tokenizer => {}
        }
    }

    /// The loaded model takes more or less memory now.
    pub fn set_memory(&mut self, memory: MemoryReport) {
        if let Some(info) = &mut self.generator {
            info.memory = memory;
        }
    }

    /// After a fault that took the model away, the page must not show it as loaded.
    pub fn forget_lost(&mut self, fault: &Fault) {
        let is_lost = matches!(
            fault.code,
            FaultCode::DeviceLost | FaultCode::NoModel | FaultCode::OutOfMemory | FaultCode::Internal
        );
        if is_lost {
            self.generator = None;
        }
        // The encoder was on the same device.
        if fault.code == FaultCode::DeviceLost {
            self.encoder = None;
        }
    }
}

/// A model as a run remembers it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeptModel {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Where it came from, when that can be opened again without the person.
    pub source: Option<ModelSource>,
    /// The chat template that it was asked with.
    pub template: TemplateChoice,
    /// The address of the server that runs it, where this page does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// Responses written at once, and tokens of room for each; 0 is left to the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Rows.
    pub rows: u32,
    /// Tokens of each.
    pub row_tokens: u32,
}
