//! Builds the page into `dist/`: Trunk, then wasm-opt over its WebAssembly, its loader, the licences of what is in it and its
//! service worker, then the size gate.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::{loader, notices, offline, server, shell, size, suite, tools};

/// First port that `serve` tries.
const PORT: u16 = 8080;

/// The folder that the page is built into.
pub fn dist() -> PathBuf {
    shell::root().join("dist")
}

/// Builds the page in release, prints its sizes and compares them with the limit.
///
/// # Errors
/// When a tool is missing, a build step fails or the page is too large.
pub fn build() -> Result<PathBuf, Failure> {
    tools::wasm_target()?;
    let (trunk, wasm_bindgen) = (tools::trunk()?, tools::wasm_bindgen()?);
    // Both programs of the page at once. Trunk asks for one after the other, and each keeps one core busy for minutes.
    let both = ["build", "--release", "--target", suite::WASM_TARGET, "--bin", "app", "--bin", "reader"];
    shell::run(&mut shell::cargo(both))?;
    let mut build = shell::command(&trunk, ["build", "--release"]);
    tools::with_path(&mut build, &[&wasm_bindgen]);
    // Trunk reads NO_COLOR as its own flag and refuses the value 1.
    build.env_remove("NO_COLOR").env("TRUNK_SKIP_VERSION_CHECK", "true");
    shell::run(&mut build)?;
    let dist = dist();
    if let Some(wasm_opt) = tools::wasm_opt() {
        for path in size::wasm_files(&dist)? {
            optimise(&wasm_opt, &path)?;
        }
    }
    loader::move_out(&dist)?;
    loader::name_programs(&dist)?;
    notices::write(&dist)?;
    offline::write(&dist)?;
    check_size()?;
    Ok(dist)
}

/// Prints the sizes of the files in `dist/` and compares them with the limit.
///
/// # Errors
/// When there is nothing built or it is too large.
pub fn check_size() -> Result<(), Failure> {
    let measured = size::measure(&dist())?;
    print!("{}", size::table(&measured));
    size::gate(&measured, &size::LIMITS)
}

/// Builds the page and serves it on localhost until interrupted.
///
/// # Errors
/// When the build fails or no port is free.
pub fn serve(port: Option<u16>) -> Result<(), Failure> {
    let dist = build()?;
    let ports = port.map_or(PORT..=PORT + 20, |port| port..=port);
    let bound = ports.clone().find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let listener = bound.ok_or_else(|| {
        Failure::Check(format!(
            "no free port from {} to {}: pass one with --port",
            ports.start(),
            ports.end()
        ))
    })?;
    let address = listener.local_addr().map_err(Failure::file(&dist))?;
    println!("Concord is at http://localhost:{}/ (Ctrl+C stops it)", address.port());
    server::serve(&listener, move |path| server::Reply::file(&dist, path));
    Ok(())
}

/// Rewrites one WebAssembly file in place. rustc turns on these features; wasm-opt wants them named.
///
/// # Errors
/// When wasm-opt cannot read or write it.
pub fn optimise(wasm_opt: &Path, path: &Path) -> Result<(), Failure> {
    let features = [
        "--enable-simd",
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ];
    // At level 1 less is inlined. With brotli the page is 16 kB smaller than at level 2, and as quick. Going over it again and
    // again takes another 3 kB off, and a minute of every build.
    let mut optimise = shell::command(wasm_opt, ["-O1", "--strip-debug", "--strip-producers"]);
    optimise.args(features).arg(path).arg("-o").arg(path);
    shell::run(&mut optimise)
}
