//! Everything that crosses between the page and the worker, how large it may be ([`limits`]), what the page waits for
//! ([`calls`]), and what becomes of that when a device or the worker is gone ([`recovery`]).
//!
//! Plain values only: no maps keyed by anything but strings, no 64-bit integers, no device types. A
//! picked file cannot be serialised; the port hands it over beside the message (see
//! [`ModelSource::File`]). Every message a job causes carries its [`JobId`].

pub mod answers;
pub mod calls;
pub mod faults;
pub mod limits;
pub mod measure;
pub mod models;
pub mod origins;
pub mod progress;
pub mod reading;
pub mod recovery;
pub mod requests;
pub mod template;

pub use answers::{Answer, BuildOutcome, FromWorker, Generated, Scored};
pub use faults::{Fault, FaultCode, sentence};
pub use measure::{MeasureOutcome, MeasureRequest};
pub use models::{
    Backend, BackendChoice, EncoderInfo, Environment, LoadRequest, Measured, MemoryReport, ModelInfo,
    ModelSource, Role, StoredModel, Thinking,
};
pub use origins::{Origin, Origins};
pub use progress::{CounterReport, Progress, Stage, TokenUpdate};
pub use reading::{ReadAnswer, ReadRequest, ServeEnd};
pub use recovery::{Cause, Interruption, Means, Recovery, Remedy};
pub use requests::{
    BuildRequest, EmbedRequest, GenerateRequest, Input, Message, ModelRequest, Request, ShelfRequest,
    SourceText, TextKind, TextRequest, ToWorker, TranslateRequest,
};
pub use template::TemplateChoice;

pub use crate::weights::Pooling;

/// Identifies one request of the page; unique per page load.
pub type JobId = u32;
