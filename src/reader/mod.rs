//! The page's second program: it reads files of other people, writes Parquet and asks servers, in a worker that lives for one
//! piece of work.
//!
//! It is fetched when it is first needed, since most visitors open no file and have no server. A file that is hostile or too large can stop this
//! worker and nothing else, and what it held is free again when it has answered.

mod answer;
#[cfg(target_arch = "wasm32")]
mod came;
#[cfg(target_arch = "wasm32")]
mod connect;
mod job;
#[cfg(target_arch = "wasm32")]
mod run;
#[cfg(target_arch = "wasm32")]
mod serve;

pub use answer::answer;
#[cfg(target_arch = "wasm32")]
pub use run::main;
