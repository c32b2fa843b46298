//! Why a job failed.

use serde::{Deserialize, Serialize};

/// What a person, or a script, can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// The job was cancelled.
    Cancelled,
    /// No model is loaded.
    NoModel,
    /// The file is broken, hostile or of an unsupported kind.
    BadModel,
    /// The file's SHA-256 is not the one given.
    HashMismatch,
    /// It could not be fetched or read.
    Unreachable,
    /// There is no room to keep it.
    NoRoom,
    /// Another tab has it open.
    InUse,
    /// It does not fit the device.
    DoesNotFit,
    /// There is no usable WebGPU.
    NoWebgpu,
    /// The device was lost; the model must be loaded again.
    DeviceLost,
    /// Out of memory while running.
    OutOfMemory,
    /// The model computes numbers that are not finite.
    NotFinite,
    /// The prompts or settings cannot be used.
    BadInput,
    /// The chat template failed.
    BadTemplate,
    /// A bug in Concord.
    Internal,
}

impl FaultCode {
    /// The code as scripts see it, such as `no-model`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::NoModel => "no-model",
            Self::BadModel => "bad-model",
            Self::HashMismatch => "hash-mismatch",
            Self::Unreachable => "unreachable",
            Self::NoRoom => "no-room",
            Self::InUse => "in-use",
            Self::DoesNotFit => "does-not-fit",
            Self::NoWebgpu => "no-webgpu",
            Self::DeviceLost => "device-lost",
            Self::OutOfMemory => "out-of-memory",
            Self::NotFinite => "not-finite",
            Self::BadInput => "bad-input",
            Self::BadTemplate => "bad-template",
            Self::Internal => "internal",
        }
    }
}

/// Why a job failed: `code` for programs to branch on, `message` for users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// For programs to branch on.
    pub code: FaultCode,
    /// For people: names the thing and says what to do.
    pub message: String,
}

impl Fault {
    /// A fault of the given kind.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A message as a sentence: messages are written lower-case and without a full stop.
pub fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    // A file's name stays as it is written.
    if message.split_whitespace().next().is_some_and(|word| word.contains('.')) {
        return format!("{}.", message.trim_end_matches('.'));
    }
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let rest = chars.as_str();
    let end = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{end}")
}
