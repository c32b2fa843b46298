//! A real model, as the pages of a test fetch it. Its file is no part of the repository.

use std::io::Read;

#[path = "../../../crates/concord-lm/tests/cases/real_files.rs"]
mod real_files;

/// SmolLM2-135M-Instruct in Q4_1.
pub const SMOLLM2: &str = real_files::SMOLLM2;

/// Length and body of the file.
pub fn smollm2() -> (u64, Box<dyn Read + Send>) {
    let file = real_files::open(SMOLLM2);
    let n_bytes = file.metadata().expect("an open file has a length").len();
    (n_bytes, Box::new(file))
}
