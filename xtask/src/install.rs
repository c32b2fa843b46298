//! Programs in pinned versions: the one on PATH, else one that is prebuilt somewhere, else one built from source.
//!
//! What is installed goes into a folder of its own below the folder of the tools, so that nothing installed by hand is
//! overwritten and every clone of the repository shares it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::{shell, version};

/// How long and how often an installer asks the network before it gives up, where the environment says nothing: a machine
/// without a network should say so in seconds.
const PATIENCE: [(&str, &str); 6] = [
    ("CARGO_NET_RETRY", "1"),
    ("CARGO_HTTP_TIMEOUT", "20"),
    ("PIP_RETRIES", "1"),
    ("PIP_DEFAULT_TIMEOUT", "20"),
    ("npm_config_fetch_retries", "1"),
    ("npm_config_fetch_retry_mintimeout", "1000"),
];

/// A program that crates.io has the source of.
#[derive(Debug, Clone, Copy)]
pub struct CargoTool<'a> {
    /// Name of the program.
    pub program: &'a str,
    /// Name of the package that it is in.
    pub package: &'a str,
    /// The version wanted.
    pub version: &'a str,
    /// PyPI's wheel with the program in it, as a requirement with its hash, where there is one.
    pub wheel: Option<&'a str>,
    /// What it is built with where it is built here: 0 for what runs for seconds, 1 for what computes.
    pub opt_level: &'a str,
}

impl CargoTool<'_> {
    /// Finds the program, or installs it.
    ///
    /// # Errors
    /// When it is absent and no way of installing it leads to the version wanted.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        let Self { program, package, version, .. } = *self;
        if let Some(found) = shell::on_path(&[program]).filter(|path| has_version(path, version)) {
            return Ok(found);
        }
        let folder = tools_folder().join(format!("{package}-{version}"));
        let installed = folder.join("bin").join(program).with_extension(std::env::consts::EXE_EXTENSION);
        if has_version(&installed, version) {
            return Ok(installed);
        }
        for mut prebuilt in self.prebuilt(&folder)? {
            if shell::run(patiently(&mut prebuilt)).is_ok() && has_version(&installed, version) {
                return Ok(installed);
            }
        }
        println!(
            "{package} {version} is nowhere to be had prebuilt: building it from source, which takes minutes, once"
        );
        // The package's own lock file first; a registry mirror that lags may lack a version it names.
        if shell::run(&mut self.source_command(&folder, true)).is_err() {
            println!("trying again without the package's own lock file");
            shell::run(&mut self.source_command(&folder, false))?;
        }
        if has_version(&installed, version) { Ok(installed) } else { Err(self.missing()) }
    }

    /// The commands that may bring the program without building it.
    fn prebuilt(&self, folder: &Path) -> Result<Vec<Command>, Failure> {
        let mut ways = Vec::new();
        if let (Some(wheel), Some(python)) = (self.wheel, shell::on_path(&["python3"])) {
            std::fs::create_dir_all(folder).map_err(Failure::file(folder))?;
            // Only a file may name a hash.
            let requirement = folder.join("requirement.txt");
            std::fs::write(&requirement, wheel).map_err(Failure::file(&requirement))?;
            let mut pip = shell::command(python, ["-m", "pip", "install", "--quiet", "--no-deps"]);
            pip.args(["--only-binary=:all:", "--require-hashes", "--target"]).arg(folder);
            pip.arg("--requirement").arg(requirement);
            ways.push(pip);
        }
        if shell::on_path(&["cargo-binstall"]).is_some() {
            let mut binstall = shell::cargo(["binstall", "--no-confirm", "--disable-telemetry", "--root"]);
            // Whatever is published with the source; building is our own affair.
            binstall.arg(folder).args(["--strategies", "crate-meta-data,quick-install", "--version"]);
            binstall.args([self.version, self.package]);
            ways.push(binstall);
        }
        Ok(ways)
    }

    /// `cargo install`, optimised just enough.
    fn source_command(&self, folder: &Path, locked: bool) -> Command {
        let mut install = shell::cargo(["install", self.package, "--version", self.version, "--root"]);
        install.arg(folder);
        if locked {
            install.arg("--locked");
        }
        install.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level);
        install.env("CARGO_PROFILE_RELEASE_LTO", "off");
        install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        patiently(&mut install);
        install
    }

    fn missing(&self) -> Failure {
        let how = format!("cargo install {} --version {}", self.package, self.version);
        Failure::Missing { tool: self.package.to_owned(), how }
    }
}

/// `command` with limits to how long it asks a network that does not answer.
pub fn patiently(command: &mut Command) -> &mut Command {
    let unset = PATIENCE.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    command.envs(unset)
}

/// Whether a program says that it is of this version.
pub fn has_version(program: &Path, wanted: &str) -> bool {
    printed_version(program).is_some_and(|found| found == wanted)
}

/// The version that a program prints.
pub fn printed_version(program: &Path) -> Option<String> {
    let output = shell::output(Command::new(program).arg("--version"))?;
    version::printed(&output).map(str::to_owned)
}

/// Where tools are installed: `CONCORD_TOOLS`, else a folder of the user's cache.
pub fn tools_folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("CONCORD_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("concord-tools")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/concord-tools")))
        .unwrap_or_else(|| shell::root().join(".tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOL: CargoTool =
        CargoTool { program: "trunk", package: "trunk", version: "0.21.14", wheel: None, opt_level: "0" };

    #[test]
    fn an_install_is_pinned_and_keeps_out_of_our_target_folder() {
        let install = TOOL.source_command(Path::new("/tools/t"), true);
        assert!(shell::line(&install).ends_with("install trunk --version 0.21.14 --root /tools/t --locked"));
        let removed = install.get_envs().any(|(name, value)| name == "CARGO_TARGET_DIR" && value.is_none());
        assert!(removed, "an install must not lock or fill our own target folder");
    }

    #[test]
    fn a_wheel_is_taken_by_its_hash_only() {
        let folder = std::env::temp_dir().join(format!("concord-wheel-{}", std::process::id()));
        let wheel = "a-program==1.0.0 --hash=sha256:00";
        let tool = CargoTool { wheel: Some(wheel), ..TOOL };
        let ways = tool.prebuilt(&folder).unwrap();
        let line = shell::line(&ways[0]);
        let requirement = std::fs::read_to_string(folder.join("requirement.txt")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(line.contains("--require-hashes") && line.contains("--only-binary=:all:"), "{line}");
        assert_eq!(requirement, wheel);
    }

    #[test]
    fn a_program_counts_only_in_the_version_asked_for() {
        let cargo = shell::on_path(&["cargo"]).unwrap();
        let here = printed_version(&cargo).unwrap();
        assert!(has_version(&cargo, &here));
        assert!(!has_version(&cargo, "0.0.1"));
        assert!(!has_version(Path::new("/no/such/program"), &here));
    }

    #[test]
    fn what_the_environment_says_of_patience_stands() {
        let mut command = Command::new("pip");
        patiently(&mut command);
        for (name, value) in command.get_envs() {
            assert!(std::env::var_os(name).is_none(), "{name:?} was set to {value:?} over the person's own");
        }
        let n_unset = PATIENCE.iter().filter(|(name, _)| std::env::var_os(name).is_none()).count();
        assert_eq!(command.get_envs().count(), n_unset);
    }
}
