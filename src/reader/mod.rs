//! The page's second program: it reads files of other people and writes Parquet, in a worker that lives for one piece of work.
//!
//! It is fetched when it is first needed, since most visitors open no file. A file that is hostile or too large can stop this
//! worker and nothing else, and what it held is free again when it has answered.

mod answer;
mod job;
#[cfg(target_arch = "wasm32")]
mod run;

pub use answer::answer;
#[cfg(target_arch = "wasm32")]
pub use run::main;
