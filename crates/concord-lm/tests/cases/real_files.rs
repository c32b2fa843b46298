//! Where the real generators of the tests are; their files are no part of the repository.

use std::fs::File;
use std::path::PathBuf;

/// SmolLM2-135M-Instruct in Q4_1.
pub(crate) const SMOLLM2: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";

/// A file of the folder that `CONCORD_REAL` names, else of the one that `cargo xtask real` fills.
pub(crate) fn open(name: &str) -> File {
    let folder = std::env::var_os("CONCORD_REAL").map_or_else(
        || {
            let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
            home.join(".cache/concord-tools/real-models-1")
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    File::open(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask real` fetches it and says its folder, which CONCORD_REAL names",
            path.display()
        )
    })
}
