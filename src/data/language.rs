//! A language as a BCP-47 tag, with script where it matters (`zh-Hans`).

use serde::{Deserialize, Serialize};

/// A BCP-47 language tag, kept as the prompt set wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(pub String);

impl Language {
    /// The tag itself, for display and for HTML `lang`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Language {
    fn from(tag: &str) -> Self {
        Self(tag.to_owned())
    }
}
