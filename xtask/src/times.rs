//! What a developer waits for: seconds of `cargo check` after one file changed, and the size of the page where it is built.

use std::process::Command;
use std::time::{Instant, SystemTime};

use crate::failure::Failure;
use crate::suite::WASM_TARGET;
use crate::{shell, site};

/// A file that stands for its kind, and how its package is checked.
struct Edit {
    what: &'static str,
    file: &'static str,
    package: &'static str,
    /// Where the file is compiled for the browser only.
    is_browser: bool,
}

const EDITS: [Edit; 3] = [
    Edit { what: "a view", file: "src/ui/view/board.rs", package: "concord", is_browser: true },
    Edit {
        what: "a kernel",
        file: "crates/concord-lm/src/engine/kernels/matmul.rs",
        package: "concord-lm",
        is_browser: false,
    },
    Edit {
        what: "a method",
        file: "crates/concord-align/src/align/cm_align/pairs.rs",
        package: "concord-align",
        is_browser: false,
    },
];

/// Measures and prints a table: for each kind of file the check of its package alone, and that of everything that depends
/// on it.
///
/// # Errors
/// When a file is not there or does not compile.
pub fn run() -> Result<(), Failure> {
    println!("seconds of cargo check after touching    its package    everything");
    for edit in &EDITS {
        let own = seconds(edit, &["--package", edit.package])?;
        let all =
            seconds(edit, if edit.is_browser { &["--lib"] } else { &["--workspace", "--all-targets"] })?;
        println!("{:<38} {own:>13.1} {all:>13.1}", edit.what);
    }
    if site::dist().is_dir() { site::check_size() } else { Ok(()) }
}

/// One check to have everything else compiled, then the file is touched and the second one counts.
fn seconds(edit: &Edit, args: &[&str]) -> Result<f64, Failure> {
    let check = || -> Command {
        let mut check = shell::cargo(["check", "--quiet", "--locked"]);
        check.args(args);
        if edit.is_browser {
            check.args(["--target", WASM_TARGET]);
        }
        check
    };
    shell::run_quietly(&mut check())?;
    let path = shell::root().join(edit.file);
    let file = std::fs::File::options().append(true).open(&path).map_err(Failure::file(&path))?;
    file.set_modified(SystemTime::now()).map_err(Failure::file(&path))?;
    let start = Instant::now();
    shell::run_quietly(&mut check())?;
    Ok(start.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_stand_for_their_kind_are_there() {
        for edit in &EDITS {
            assert!(shell::root().join(edit.file).is_file(), "{}", edit.file);
        }
    }
}
