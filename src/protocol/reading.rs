//! What the page asks the program that reads and writes foreign files ([`crate::reader`]).

use serde::{Deserialize, Serialize};

use super::{Fault, Progress, TokenUpdate};
use crate::{
    data::{Column, Imported, ImportedResponses, Language, Mapping, Prompt, ResponseMapping},
    server::ServerKey,
};

/// One piece of work. The files travel beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
        mapping: Box<ResponseMapping>,
        /// The prompts that they answer; none where they stand in the files.
        prompts: Vec<Prompt>,
        /// The language that the others are compared with.
        anchor: Language,
    },
    /// Requests for the vectors that the responses of a job lack, as one file: the names of the job's files, and an
    /// [`crate::job::EmbedSettings`] as JSON.
    EmbedLines {
        /// Their names, with folders where there are any.
        names: Vec<String>,
        /// The JSON.
        settings: String,
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
    /// What stands at an address, before anything is asked.
    Reach {
        /// What was typed.
        address: String,
        /// Whether a key is to go there.
        has_key: bool,
    },
    /// A server is to be found, and what it can do.
    Connect {
        /// What was typed.
        address: String,
        /// Its key.
        key: Option<ServerKey>,
        /// Which of its models; the first where this is empty.
        model: String,
        /// Whether something stands at [`ReadAnswer::Reach`], as far as the page may know.
        is_there: bool,
    },
    /// A run on a server that was found.
    Serve {
        /// As [`ReadAnswer::Connected`] names it.
        server: String,
        /// Its key.
        key: Option<ServerKey>,
        /// What is asked: a [`crate::job::JobRequest`] as JSON.
        job: String,
        /// The samples that have come before: the places of prompt and language, and the sample.
        finished: Vec<(usize, usize, u32)>,
    },
}

/// The end of a run on a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServeEnd {
    /// Whether the run stopped before everything was asked for.
    pub has_stopped: bool,
    /// What a person should know, a sentence each.
    pub problems: Vec<String>,
    /// What [`ImportedResponses::job`] is.
    pub job: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadAnswer {
    /// The program listens.
    Ready,
    /// A prompt set. Its prompts travel beside it, a line of JSON each, so that the page can take them in one by one.
    Prompts(Box<Imported>),
    /// Responses. They, their prompts, their pairs, the requests of what is missing and their cosines travel beside it, as files of lines.
    Responses(Box<ImportedResponses>),
    /// Languages, a line of JSON each, which travel beside it; `null` where it cannot be told.
    Languages,
    /// A file, which travels beside it.
    File,
    /// Files with names of their own, which travel beside it.
    Named(Vec<String>),
    /// What the page itself asks first, so that the person is asked for leave where they pressed.
    Reach(String),
    /// A server was looked for.
    Connected {
        /// What a run needs to know of it, a [`crate::server::Found`] as JSON; empty where it cannot be used.
        server: String,
        /// Its address.
        base: String,
        /// Its models, the one that was asked first.
        models: Vec<String>,
        /// What there is to say, a sentence each.
        lines: Vec<String>,
        /// Commands to copy.
        commands: Vec<String>,
    },
    /// A run is under way, or over. Responses that have come travel beside it, a line of JSON each.
    Serving {
        /// How far it is.
        progress: Progress,
        /// New text of samples that have not ended.
        updates: Vec<TokenUpdate>,
        /// At its end: what did not go as planned, and the part of a session that says what it was, as JSON.
        end: Option<ServeEnd>,
    },
    /// There is nothing, and this is why.
    Failed(Fault),
}
