//! `concord`: Concord's methods on the command line, for files of any size.
//!
//! Reading order: `error` says why something cannot be done, `input` reads jobs, responses and sessions prompt by prompt,
//! `output` writes rows and files, `commands` has one file for each command. Exit codes: 0 all is done, 3 some responses or
//! shards are missing and the rest is done, 2 an input has to be mended first, 1 a bug.

#![expect(clippy::disallowed_methods, reason = "native code only: a manifest says when it was written")]

mod commands;
mod error;
mod input;
mod output;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use commands::{Command, Outcome};
use error::CliError;

/// Builds preference pairs from the agreement of a model's responses across languages.
///
/// Exit codes: 0 all is done; 3 something is missing, the rest is done; 2 an input has to be mended; 1 a bug.
#[derive(Debug, Parser)]
#[command(name = "concord", version)]
struct Cli {
    /// Print one JSON object, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = guarded(|| cli.command.run());
    let code = match &outcome {
        Ok(outcome) if outcome.is_partial => 3,
        Ok(_) => 0,
        Err(error) => error.exit_code(),
    };
    let is_told = tell(&outcome, cli.command.name(), code, cli.json);
    ExitCode::from(if is_told.is_ok() { code } else { 2 })
}

/// Runs a command; a panic is a bug.
fn guarded(run: impl FnOnce() -> Result<Outcome, CliError>) -> Result<Outcome, CliError> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_panic| Err(CliError::Bug("the program stopped where it must not".to_owned())))
}

/// Tells what was done: to programs on one line, to people in a few; errors to people on the error stream.
fn tell(outcome: &Result<Outcome, CliError>, command: &str, code: u8, is_json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match outcome {
        Ok(outcome) if is_json => writeln!(out, "{}", outcome.to_json(command, code))?,
        Ok(outcome) => {
            for line in &outcome.lines {
                writeln!(out, "{line}")?;
            }
        }
        Err(error) => {
            if is_json {
                let told =
                    serde_json::json!({ "command": command, "exit": code, "error": error.to_string() });
                writeln!(out, "{told}")?;
            }
            writeln!(std::io::stderr().lock(), "concord {command}: {error}")?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_ends_with_1_and_what_can_be_mended_with_2() {
        let bug = guarded(|| panic!("as a test")).unwrap_err();
        assert_eq!(bug.exit_code(), 1);
        let words = "the program stopped where it must not: this is a bug of Concord, please report it";
        assert_eq!(bug.to_string(), words);
        assert_eq!(CliError::Arguments("x".to_owned()).exit_code(), 2);
    }

    #[test]
    fn the_arguments_are_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
