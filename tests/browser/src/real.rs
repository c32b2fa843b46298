//! A real model, as the pages of a test fetch it. Its file is no part of the repository.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// SmolLM2-135M-Instruct in Q4_1.
pub const SMOLLM2: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";

/// Length and body of the file, from the folder that `CONCORD_REAL` names.
pub fn smollm2() -> (u64, Box<dyn Read + Send>) {
    let folder = std::env::var_os("CONCORD_REAL").map(PathBuf::from).unwrap_or_default();
    let path = folder.join(SMOLLM2);
    let file = File::open(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask real` fetches it and says its folder, which CONCORD_REAL names",
            path.display()
        )
    });
    let n_bytes = file.metadata().expect("an open file has a length").len();
    (n_bytes, Box::new(file))
}
