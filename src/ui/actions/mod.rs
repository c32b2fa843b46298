//! What users can make the page do. Components call these; these call the worker, the methods and storage.

pub mod agreement;
pub mod annotator;
pub mod ask;
pub mod batches;
pub mod commands;
pub mod compare;
pub mod drafts;
pub mod export;
pub mod files;
pub mod keep;
pub mod lesson;
pub mod method;
pub mod model;
pub mod pick;
pub mod pieces;
pub mod prompt_set;
pub mod prompts;
pub mod repeats;
pub mod responses;
pub mod review;
pub mod run;
pub mod sessions;
pub mod settings;
pub mod shelf;
pub mod similar;
pub mod walk;
