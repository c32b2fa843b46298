//! The worker: requests in, events and answers out.
//!
//! [`queue`] decides which job runs; `run`, which alone knows the browser, hands each request to what answers it. [`load`]
//! brings a model from its files to a device, [`machine`] holds the device and the [`models`] on it, [`jobs`] is what they
//! do, and [`recovery`] goes on with them where a device is lost or memory refused. Jobs are generic over a [`task::Task`] and a [`crate::generate::LanguageModel`], so that they run natively in tests.

pub mod any_model;
mod counters;
pub mod encoder;
pub mod generator;
pub mod jobs;
pub mod load;
pub mod machine;
pub mod models;
pub mod pace;
pub mod prompter;
pub mod queue;
pub mod recovery;
#[cfg(target_arch = "wasm32")]
pub mod run;
mod steps;
pub mod stop;
pub mod task;
mod vectors;

#[cfg(target_arch = "wasm32")]
pub use run::main;

#[cfg(test)]
mod encoder_tests;
#[cfg(test)]
mod models_tests;
#[cfg(test)]
mod prompter_tests;
#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod testing;
