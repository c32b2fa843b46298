//! Concord: multilingual preference pairs from a small model's own responses, in one browser tab.
//!
//! The modules are listed in reading order. Everything above `browser` compiles and is tested
//! natively; `browser` and `ui` exist only in WebAssembly, and that is the one `cfg` gate.
//! ARCHITECTURE.md says which module may import which, and a test keeps it so.

pub mod align;
pub mod curation;
pub mod data;
pub mod engine;
pub mod generate;
pub mod journal;
pub mod protocol;
pub mod reference;
pub mod shelf;
pub mod text;
pub mod weights;
pub mod worker;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod ui;
