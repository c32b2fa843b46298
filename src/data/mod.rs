//! Plain records and the file formats they travel in. Knows no model, no method and no browser.

pub mod language;
pub mod prompt;
pub mod session;

pub use language::Language;
pub use prompt::{Prompt, Task};
pub use session::{
    AppRecord, CurationAct, CurationEvent, FinishReason, Method, ModelRecord, Pair, Reference, Response,
    RowState, RowStatus, SESSION_SCHEMA, Session, SessionConfig, Similarity, SkipReason,
};
