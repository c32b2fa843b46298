//! Runs the fuzz targets of `fuzz/`, one after the other, each for a given time.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::shell;

/// The targets; the files in `fuzz/targets`.
const TARGETS: [&str; 7] =
    ["gguf", "safetensors", "tokenizer_metadata", "chat_template", "prompt_set", "session", "archive"];
/// The version that the targets are run with.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs every target for `secs` seconds; what a target finds is kept in `fuzz/artifacts`.
///
/// # Errors
/// When cargo-fuzz cannot be installed, and when a target finds something.
pub fn run(secs: u32) -> Result<(), Failure> {
    if shell::on_path(&["cargo-fuzz"]).is_none() {
        shell::run(&mut shell::cargo(["install", "--locked", "cargo-fuzz", "--version", CARGO_FUZZ]))?;
    }
    for target in TARGETS {
        let [corpus, seeds] = ["corpus", "seeds"].map(|kind| PathBuf::from("fuzz").join(kind).join(target));
        std::fs::create_dir_all(shell::root().join(&corpus)).map_err(Failure::file(&corpus))?;
        let mut command = shell::cargo(["fuzz", "run", "--sanitizer", "none", target]);
        command.arg(&corpus).arg(&seeds).args(["--", "-timeout=10", "-max_len=65536"]);
        command.arg(format!("-max_total_time={secs}"));
        // Coverage is recorded by flags of the compiler that are not yet stable.
        shell::run(command.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(())
}
