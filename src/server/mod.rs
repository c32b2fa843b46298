//! A server with an OpenAI-compatible API, asked by the page: addresses, answers, what a server can do, and what to say where it
//! does not answer.
//!
//! Values in, values out: this module asks nothing. Bytes, times and random numbers are arguments; `reader::serve` asks.

pub mod address;
mod answer;
#[cfg(test)]
mod answer_tests;
mod capabilities;
mod diagnosis;
mod events;
mod growth;
mod host;
mod json;
mod key;
mod kind;
pub mod pace;
mod probe;
#[cfg(test)]
mod probe_tests;
mod refusal;
mod requests;
pub mod work;
#[cfg(test)]
mod work_tests;

pub use address::{AddressError, ServerAddress};
pub use answer::{Answer, AnswerError, AnswerReader};
pub use capabilities::{Capabilities, Found};
pub use diagnosis::{Diagnosis, Listed, Permission, diagnose};
pub use growth::Growth;
pub use host::Nearness;
pub use key::{KeyError, ServerKey, model_name, shown};
pub use kind::{Browser, Command, ServerKind};
pub use probe::{ModelList, Probe, ProbeError, ProbeReply, ProbeRequest};
pub use refusal::refusal_message;
pub use requests::{request_body, runs};
