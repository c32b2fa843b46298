//! What comes of files of responses.

use serde::{Deserialize, Serialize};

use super::super::import_problem::ImportProblem;
use super::super::preview::FilePreview;
use super::mapping::ResponseMapping;
use crate::data::{Pair, Prompt, Response, Spellings};

/// What files of responses come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedResponses {
    /// How the files were read, without gaps.
    pub mapping: ResponseMapping,
    /// The files, those of archives by themselves.
    pub files: Vec<FilePreview>,
    /// The responses that can be used, by prompt, language and sample. Neither their answers nor their languages are read
    /// yet, and they have no tokens.
    pub responses: Vec<Response>,
    /// The pairs of rows that say which of two responses is the better one.
    #[serde(default)]
    pub pairs: Vec<Pair>,
    /// The prompts that were given, or those that are made of the files.
    pub prompts: Vec<Prompt>,
    /// How the files write their languages.
    pub spellings: Spellings,
    /// What is wrong, by file, row and column.
    pub problems: Vec<ImportProblem>,
    /// Why there are no responses, if so.
    pub refusal: Option<String>,
}
