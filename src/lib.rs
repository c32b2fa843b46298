//! Concord: multilingual preference pairs from a small model's own responses, in one browser tab.
//!
//! The modules are listed in reading order. Everything above `browser` compiles and is tested
//! natively; `browser` and `ui` exist only in WebAssembly, and that is the one `cfg` gate.
//! ARCHITECTURE.md says which module may import which, and a test keeps it so.

pub use concord_align::{align, data, job};
pub use concord_curation::curation;
pub use concord_lesson as lesson;
pub use concord_lm::{engine, generate, reference, text, weights};

pub mod journal;
pub mod pictures;
pub mod protocol;
pub mod reader;
pub mod server;
pub mod shelf;
pub mod worker;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod ui;
