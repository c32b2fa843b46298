//! Prompt sets in: one file or several, in any shape that people have, with what is wrong by file, row and column.
//!
//! Tables are read from the files, a [`Mapping`] is guessed or given, every row becomes a piece of a prompt,
//! and pieces are joined to prompts. The texts are kept byte for byte.

mod assemble;
mod columns;
mod file_kind;
mod file_language;
mod guess;
mod import_problem;
mod join;
mod mapping;
mod pieces;
mod preview;
mod prompt_set;
mod reading;
mod responses;
mod rows;
mod set_columns;
mod source;
mod text_table;
mod verdict;

pub use assemble::read_prompts;
pub use import_problem::ImportProblem;
pub use mapping::{FileLanguage, Join, Mapping, Shape, TextColumn};
pub use preview::{FilePreview, Imported, import};
pub use prompt_set::PromptSet;
pub use responses::{
    FileModel, ImportedResponses, JobPart, ResponseJoin, ResponseMapping, ResponseShape, import_responses,
    session_of,
};
pub use source::{Content, SourceFile, unpacked};
pub use verdict::{LanguageCheck, Parallel, Verdict};
