//! What comes of files of responses.

use serde::{Deserialize, Serialize};

use super::super::import_problem::ImportProblem;
use super::super::preview::FilePreview;
use super::mapping::ResponseMapping;
use crate::data::{Handoff, ModelRecord, Pair, Prompt, Response, SessionConfig, Similarity, Spellings};

/// The settings of a job, its model, and its record.
pub type JobPart = (SessionConfig, ModelRecord, Handoff);

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
    /// What the session of a job takes over, if the files are results of one: a [`JobPart`] as JSON, since every type that
    /// crosses the port costs the page.
    #[serde(default)]
    pub job: Option<String>,
    /// What is to be said of its results, a sentence each.
    #[serde(default)]
    pub said: Vec<String>,
    /// The requests of what is missing of it, as lines.
    #[serde(default)]
    pub missing: String,
    /// The models that answered and how often, where one of several has to be chosen.
    #[serde(default)]
    pub served: Vec<(String, usize)>,
    /// The cosines of responses whose vectors came with it.
    #[serde(default)]
    pub similarities: Vec<Similarity>,
    /// How many of its responses have no vector.
    #[serde(default)]
    pub n_to_embed: usize,
    /// Why there are no responses, if so.
    pub refusal: Option<String>,
}
