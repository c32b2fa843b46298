//! The commands, a file each. To add one: a file with its arguments (`clap::Args`) and a `run`, a `mod` line, a variant of
//! [`Command`], and an arm in [`Command::run`] and [`Command::name`].

mod collect;
mod embed;
mod export;
mod merge;
mod named;
mod plan;
mod select;
mod session;
mod stats;
mod status;

use clap::Subcommand;
use serde_json::{Map, Value};

use crate::error::CliError;

/// What the program is asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Plan(plan::Plan),
    Status(status::Status),
    Collect(collect::Collect),
    Embed(embed::Embed),
    Select(select::Select),
    Stats(stats::Stats),
    Merge(merge::Merge),
    Export(export::Export),
    Session(session::Session),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        match self {
            Self::Plan(command) => command.run(),
            Self::Status(command) => command.run(),
            Self::Collect(command) => command.run(),
            Self::Embed(command) => command.run(),
            Self::Select(command) => command.run(),
            Self::Stats(command) => command.run(),
            Self::Merge(command) => command.run(),
            Self::Export(command) => command.run(),
            Self::Session(command) => command.run(),
        }
    }

    /// As it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Status(_) => "status",
            Self::Collect(_) => "collect",
            Self::Embed(_) => "embed",
            Self::Select(_) => "select",
            Self::Stats(_) => "stats",
            Self::Merge(_) => "merge",
            Self::Export(_) => "export",
            Self::Session(_) => "session",
        }
    }
}

/// What a command has done, for people and for programs.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Sentences.
    pub(crate) lines: Vec<String>,
    /// The same as fields.
    pub(crate) fields: Map<String, Value>,
    /// Whether something is missing that should be there.
    pub(crate) is_partial: bool,
}

impl Outcome {
    pub(crate) fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// One object, `command` and `exit` first.
    pub(crate) fn to_json(&self, command: &str, code: u8) -> Value {
        let mut all = Map::from_iter([
            ("command".to_owned(), Value::from(command)),
            ("exit".to_owned(), Value::from(code)),
        ]);
        all.extend(self.fields.clone());
        Value::Object(all)
    }
}
