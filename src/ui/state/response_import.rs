//! Files that were picked as responses, and what would come of them.

use std::sync::Arc;

use crate::data::{ImportedResponses, ResponseMapping};

/// Responses that are being opened.
#[derive(Clone)]
pub struct ResponseImport {
    /// What the files are called.
    pub name: String,
    /// What the person said of how they are read.
    pub said: ResponseMapping,
    /// Whether the prompts are those of the files, and not those that are open.
    pub has_own_prompts: bool,
    /// What comes of it.
    pub imported: Arc<ImportedResponses>,
}
