//! Files that were picked as a prompt set, and what would come of them.

use std::{rc::Rc, sync::Arc};

use web_sys::Blob;

use crate::data::{Imported, Mapping, Parallel};

/// A prompt set that is being opened, or that was opened last.
#[derive(Clone)]
pub struct PromptImport {
    /// What the set is called.
    pub name: String,
    /// The files as they were picked, with their names.
    pub files: Rc<Vec<(String, Blob)>>,
    /// What the person said of how they are read.
    pub said: Mapping,
    /// What comes of it.
    pub imported: Arc<Imported>,
}

impl PromptImport {
    /// Whether it can be taken without asking: nothing is left out, and nothing speaks against its being parallel.
    pub fn is_clean(&self) -> bool {
        let imported = &self.imported;
        imported.refusal.is_none()
            && imported.verdict.parallel == Parallel::Yes
            && !imported.problems.iter().any(|found| found.problem.left_out)
    }

    /// Whether there is something that a person can say, so that it is read otherwise.
    pub fn has_files(&self) -> bool {
        !self.imported.files.is_empty()
    }
}
