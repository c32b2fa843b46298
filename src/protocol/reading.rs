//! What the page asks the program that reads and writes foreign files ([`crate::reader`]).

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::data::{Column, Imported, ImportedResponses, Language, Mapping, Prompt, ResponseMapping};

/// One piece of work. The files travel beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReadRequest {
    /// The files as one prompt set.
    Prompts {
        /// Their names, with folders where there are any.
        names: Vec<String>,
        /// How they are read; what is left out is guessed.
        mapping: Mapping,
        /// The language that the others are compared with.
        anchor: Language,
    },
    /// The files as responses of models.
    Responses {
        /// Their names, with folders where there are any.
        names: Vec<String>,
        /// How they are read; what is left out is guessed.
        mapping: ResponseMapping,
        /// The prompts that they answer; none where they stand in the files.
        prompts: Vec<Prompt>,
        /// The language that the others are compared with.
        anchor: Language,
    },
    /// The folder of a job that runs prompts elsewhere, as a zip archive: a [`crate::job::JobRequest`] as JSON.
    HandOff {
        /// The JSON.
        job: String,
    },
    /// The recipes that train on pairs in training order, as files with the names of the answer: a [`crate::job::TrainFacts`]
    /// as JSON.
    Recipes {
        /// The JSON.
        facts: String,
    },
    /// The languages of texts: the one file is lines of JSON, each a text and the language that it was asked for in.
    Languages,
    /// The one file, lines of JSON, as Parquet.
    Parquet {
        /// Its columns.
        columns: Vec<Column>,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "kebab-case")]
pub enum ReadAnswer {
    /// The program listens.
    Ready,
    /// A prompt set. Its prompts travel beside it, a line of JSON each, so that the page can take them in one by one.
    Prompts(Box<Imported>),
    /// Responses. They, their prompts and their pairs travel beside it, as three files of lines.
    Responses(Box<ImportedResponses>),
    /// Languages, a line of JSON each, which travel beside it; `null` where it cannot be told.
    Languages,
    /// A file, which travels beside it.
    File,
    /// Files with names of their own, which travel beside it.
    Named(Vec<String>),
    /// There is nothing, and this is why.
    Failed(Fault),
}
