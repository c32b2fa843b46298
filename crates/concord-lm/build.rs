//! Leaves comments and indents out of the shaders: their text is part of the page that people download.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let kernels = Path::new("src/engine/kernels");
    println!("cargo::rerun-if-changed={}", kernels.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    for entry in fs::read_dir(kernels)? {
        let path = entry?.path();
        let (Some(name), Some("wgsl")) = (path.file_name(), path.extension().and_then(|ext| ext.to_str()))
        else {
            continue;
        };
        let text = fs::read_to_string(&path)?;
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        let code: String = code.filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect();
        fs::write(out.join(name), code)?;
    }
    Ok(())
}
