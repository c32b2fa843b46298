//! Our numbers against `tests/recompute`, which computes them again in Python from the session file alone.

mod evaluation;
mod representations;
mod selection;

use std::fs;
use std::path::Path;
use std::process::Command;

use concord::data::{Session, write_session};
use serde_json::Value;

/// What the script reports about results: whether it agrees, and its output. It needs numpy and scipy, which `cargo xtask test`
/// puts on Python's path.
fn recompute(name: &str, session: &Session, results: &Value) -> (bool, String) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let paths = ["session", "results"].map(|part| dir.join(format!("recompute-{name}-{part}.json")));
    fs::write(&paths[0], write_session(session).unwrap()).unwrap();
    fs::write(&paths[1], results.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recompute");
    let output = Command::new("python3").arg("-B").arg(script).args(&paths).output();
    let output = output.unwrap_or_else(|error| panic!("python3 cannot be run: {error}"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Fails unless the script finds the same numbers.
fn check_agrees(name: &str, session: &Session, results: &Value) {
    let (agrees, said) = recompute(name, session, results);
    assert!(agrees && said.contains("differences: 0"), "{name}: {said}");
}
