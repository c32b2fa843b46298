//! What the page asks the program that reads and writes foreign files ([`crate::reader`]).

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::data::{
    Column, Imported, ImportedResponses, Language, Mapping, Prompt, Response, ResponseMapping,
};

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
    /// The files as responses. The prompts that they answer are the first file, a line of JSON each.
    Responses {
        /// The names of the others, with folders where there are any.
        names: Vec<String>,
        /// How they are read; what is left out is guessed.
        mapping: Box<ResponseMapping>,
        /// The anchor language.
        anchor: Language,
    },
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
    /// Responses. They travel beside it, and so do prompts that were made of the files: a [`ResponseLine`] each.
    Responses(Box<ImportedResponses>),
    /// A file, which travels beside it.
    File,
    /// There is nothing, and this is why.
    Failed(Fault),
}

/// A line beside [`ReadAnswer::Responses`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseLine {
    /// A prompt that was made of the files.
    Prompt(Prompt),
    /// A response.
    Response(Response),
}
