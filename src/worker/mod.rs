//! The worker: jobs in, events and answers out.
//!
//! [`queue`] decides which job runs, pure; the jobs are generic over a [`task::Task`] and a
//! [`crate::generate::LanguageModel`], so they run natively in tests; only `run` knows the browser.

pub mod backend;
pub mod build;
pub mod choose;
mod counters;
pub mod detected;
pub mod embedder;
pub mod encoder;
pub mod files;
pub mod fit;
pub mod generator;
mod info;
pub mod jobs;
mod limit;
pub mod load;
pub mod machine;
mod measure;
pub mod models;
pub mod open;
pub mod pace;
#[cfg(target_arch = "wasm32")]
mod page_files;
mod place;
pub mod prepare;
pub mod queue;
mod respond;
pub mod rows;
#[cfg(target_arch = "wasm32")]
pub mod run;
pub mod similarity;
pub mod source;
pub mod speech;
mod steps;
pub mod store;
pub mod task;
pub mod text_jobs;
mod texts;
mod unwritable;

#[cfg(target_arch = "wasm32")]
pub use run::main;

#[cfg(test)]
mod cancel_tests;
#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod encoder_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod measure_tests;
#[cfg(test)]
mod offer_tests;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod split_tests;
#[cfg(test)]
mod template_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thinking_tests;
