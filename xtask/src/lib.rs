//! The developer's commands of Concord, as a library so that the browser tests can use its file server.
//!
//! Reading order: `failure` and `shell` run other programs, `version` reads what they print, `install` and `tools`
//! install what is missing, `real` fetches models for the tests, `size`, `loader`, `notices`, `offline` and `site` build the page,
//! `server` serves it, `deny` checks the dependencies, `suite` is the test command, `cli_bench` and `job_bench` measure the command line,
//! `trainers` trains with TRL, `fuzz` runs the fuzz targets. Nothing here knows what the application does.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]
#![expect(clippy::disallowed_methods, reason = "native code only: steps are timed with the system clock")]

pub mod cli_bench;
pub mod deny;
pub mod failure;
pub mod fuzz;
pub mod install;
pub mod job_bench;
pub mod loader;
pub mod notices;
pub mod offline;
pub mod python;
pub mod real;
pub mod server;
pub mod shell;
pub mod site;
pub mod size;
pub mod suite;
pub mod times;
pub mod tools;
pub mod trainers;
pub mod version;
