//! Reading: jobs, rows of responses and of pairs, sessions; all prompt by prompt, in the order of the job.
//!
//! `kind` tells files apart, `lines` and `rows` read records one by one, `job` is the folder that says what was asked,
//! `response_row` and `pair_row` are the records, `groups` puts those of a prompt together, and `source` is what a command
//! is given: a job with its responses, or a session. `results` and `vectors` are what has come back of a job.

mod groups;
mod job;
mod kind;
mod lines;
mod measured;
mod pair_row;
mod response_row;
mod results;
mod rows;
mod source;
mod vectors;

pub(crate) use groups::Group;
pub(crate) use job::{HANDOFF, Job};
pub(crate) use kind::{ENDINGS, FileKind, files_of, is_session, kind_of};
pub(crate) use pair_row::PairRow;
pub(crate) use results::JobFolder;
pub(crate) use rows::{Record, Rows};
pub(crate) use source::{Source, SourceArgs, read_session};
pub(crate) use vectors::VectorFiles;
