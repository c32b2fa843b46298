//! Running other programs: command lines are shown before they run, and failures name them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

/// The folder of the workspace: the one around the current folder.
///
/// Not where this program was compiled: clones that share a target folder share the compiled program too.
pub fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let is_root = |folder: &&Path| folder.join("xtask/Cargo.toml").is_file();
    let compiled = || Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    here.ancestors().find(is_root).or_else(compiled).unwrap_or(Path::new(".")).to_path_buf()
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that runs in the workspace, from a program and its arguments.
pub fn command<const N: usize>(program: impl AsRef<std::ffi::OsStr>, args: [&str; N]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// A cargo command that runs in the workspace, by the cargo that runs this program.
pub fn cargo<const N: usize>(args: [&str; N]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args)
}

/// The command as one would type it; the environment set for it is left out.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Shows and runs a command, its output going to the terminal.
///
/// # Errors
/// [`Failure::Command`] when it cannot start or reports failure.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    println!("$ {}", line(command));
    run_quietly(command)
}

/// Like [`run`], and shows nothing of its own.
///
/// # Errors
/// [`Failure::Command`] when it cannot start or reports failure.
pub fn run_quietly(command: &mut Command) -> Result<(), Failure> {
    let status = command.stdin(Stdio::null()).status();
    checked(command, status)
}

/// Like [`run`], and hands every line of its standard output to `on_line` after printing it.
///
/// # Errors
/// [`Failure::Command`] when it cannot start or reports failure.
pub fn run_reading(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<(), Failure> {
    println!("$ {}", line(command));
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| failed(command, error.to_string()))?;
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            on_line(&text);
        }
    }
    let status = child.wait();
    checked(command, status)
}

/// What a program prints on standard output, or nothing when it is absent or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first of `names` that is a program on PATH.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.map(|path| path.with_extension(std::env::consts::EXE_EXTENSION)).find(|path| path.is_file())
}

fn checked(command: &Command, status: std::io::Result<ExitStatus>) -> Result<(), Failure> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(command, status.to_string())),
        Err(error) => Err(failed(command, error.to_string())),
    }
}

fn failed(command: &Command, status: String) -> Failure {
    Failure::Command { line: line(command), status }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_the_one_that_we_are_in() {
        let root = root();
        assert!(root.join("Cargo.lock").is_file() && root.join("xtask/src/shell.rs").is_file(), "{root:?}");
        assert!(std::env::current_dir().unwrap().starts_with(&root));
    }

    #[test]
    fn the_line_shown_is_the_line_to_type() {
        assert_eq!(
            line(&command("/usr/bin/npm", ["install", "binaryen@123.0.0"])),
            "npm install binaryen@123.0.0"
        );
    }

    #[test]
    fn a_program_that_fails_or_is_absent_is_named() {
        let absent = run(&mut command("no-such-program-here", ["--flag"])).unwrap_err().to_string();
        assert!(absent.contains("no-such-program-here --flag"), "{absent}");
        let fails = run(&mut cargo(["no-such-subcommand"])).unwrap_err().to_string();
        assert!(fails.contains("cargo no-such-subcommand"), "{fails}");
    }

    #[test]
    fn lines_are_handed_on_as_they_come() {
        let mut lines = Vec::new();
        run_reading(&mut cargo(["--version"]), |line| lines.push(line.to_owned())).unwrap();
        assert!(lines[0].starts_with("cargo "), "{lines:?}");
        assert!(on_path(&["cargo"]).is_some() && on_path(&["no-such-program-here"]).is_none());
    }
}
