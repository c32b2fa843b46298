//! A prompt: one item with a text per language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Language;

/// What kind of answer a prompt asks for; decides how consistency is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// A final number decides.
    #[default]
    Math,
    /// A code snippet decides.
    Code,
    /// General instruction following: embeddings decide.
    General,
}

/// One item of a prompt set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Unique within the set.
    pub id: String,
    /// What kind of answer it asks for.
    pub task: Task,
    /// The gold answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The same question in each language.
    pub text: BTreeMap<Language, String>,
}
