//! What the end-to-end tests stand on: the built page served under a sub-path, a headless Chromium
//! driven over WebDriver, a model file that is made while it is sent, and the checks of a session that
//! share no code with the methods they check.

#![expect(clippy::disallowed_methods, reason = "native code only: waiting is timed with the system clock")]

pub mod annotators;
pub mod devtools;
pub mod driver;
pub mod heap;
pub mod large_session;
pub mod llama;
pub mod memory;
pub mod page;
pub mod real;
pub mod recompute;
pub mod site;
pub mod states;
pub mod synthetic;
pub mod template;
pub mod thoughts;
pub mod unsteady;
mod vocabulary;
