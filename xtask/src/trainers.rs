//! Trains with the real TRL on the CPU: the tests of the recipes for training, in a virtual environment of their own.
//!
//! PyTorch comes with libraries for GPUs, which it does not start without. So this is no step of the suite, which tests the
//! order of rows without it.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::install::{patiently, tools_folder};
use crate::{python, shell, tools};

/// What trains, and what the tests compute the same numbers with. Of the others pip picks what fits.
const PACKAGES: [&str; 8] = [
    "torch==2.15.0",
    "trl==1.16.0",
    "transformers==5.24.0",
    "accelerate==1.15.0",
    "datasets==5.2.0",
    "peft==0.21.2",
    "numpy==2.4.6",
    "scipy==1.17.1",
];

/// What has to be there.
const MODULES: &str = "torch, trl, peft, datasets, scipy.special, yaml";

/// Runs the tests, or those that are named, such as `Mlc` or `Losses.test_orpo`.
///
/// # Errors
/// When there is no Python, pip cannot fetch what trains, or a test fails.
pub fn test(names: &[String]) -> Result<(), Failure> {
    let python = environment()?;
    let script = shell::root().join("tests/handoff/train_real.py");
    shell::run(shell::command(python, []).arg(script).arg("--buffer").args(names))
}

/// The Python of an environment that has all of it.
fn environment() -> Result<PathBuf, Failure> {
    let folder = tools_folder().join(folder_name());
    let python = folder.join("bin/python");
    if python::imports(&python, MODULES, &[]) {
        return Ok(python);
    }
    println!("fetching PyTorch and TRL (2.8 GB, 6 GB installed), once");
    shell::run(shell::command(tools::python()?, ["-m", "venv", "--clear"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet"];
    shell::run(patiently(shell::command(&python, install).args(PACKAGES)))?;
    if python::imports(&python, MODULES, &[]) { Ok(python) } else { Err(broken(&folder)) }
}

/// Another folder where another version of what trains is wanted.
fn folder_name() -> String {
    format!("trainers-{}", PACKAGES[..3].join("-").replace("==", "-"))
}

fn broken(folder: &Path) -> Failure {
    let folder = folder.display();
    Failure::Check(format!("{folder} does not import {MODULES}; delete it and start this again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_by_the_versions_in_it() {
        assert_eq!(folder_name(), "trainers-torch-2.15.0-trl-1.16.0-transformers-5.24.0");
    }

    #[test]
    fn every_package_is_pinned() {
        let version = |package: &str| package.split_once("==").map(|(_, version)| version.to_owned());
        let is_pinned = |version: String| version.starts_with(|c: char| c.is_ascii_digit());
        for package in PACKAGES {
            assert!(version(package).is_some_and(is_pinned), "{package}");
        }
    }

    #[test]
    fn a_broken_environment_is_named() {
        assert!(broken(Path::new("/tools/x")).to_string().starts_with("/tools/x does not import torch"));
    }
}
