//! The size gate: what a visitor has to download before anything runs, and what those download who open a file.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// How a program's file name begins, and most bytes that it may take, compressed with brotli.
pub const LIMITS: [(&str, usize); 3] = [
    // The page, of which nothing shows before it is here. The folder that it is built in moves it by some kilobytes. An enum with
    // a tag inside (serde's `tag`) is read through a buffer, with a second copy of all that reads what it holds: so messages have
    // none, and texts are read by `data::from_json`.
    ("app-", 2_265_000),
    // The reader, which is fetched when a file is opened, a server is asked, or vectors of a job come back.
    ("reader-", 970_000),
    // The lesson, which is fetched when it is opened; with its texts and its style it is to stay below 120,000.
    ("lesson-", 105_000),
];

/// A WebAssembly file of the built page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// File name without its folder.
    pub name: String,
    /// Bytes as built.
    pub raw: usize,
    /// Bytes after brotli at quality 11, what a static host sends.
    pub brotli: usize,
}

/// Measures every `.wasm` file directly in `dist`, in order of name.
///
/// # Errors
/// When the folder or a file cannot be read, or holds no WebAssembly at all.
pub fn measure(dist: &Path) -> Result<Vec<Measured>, Failure> {
    let mut measured = Vec::new();
    for path in wasm_files(dist)? {
        let bytes = std::fs::read(&path).map_err(Failure::file(&path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        measured.push(Measured {
            name,
            raw: bytes.len(),
            brotli: brotli_len(&bytes).map_err(Failure::file(&path))?,
        });
    }
    if measured.is_empty() {
        return Err(Failure::Check(format!(
            "{} holds no WebAssembly: run `cargo xtask build`",
            dist.display()
        )));
    }
    Ok(measured)
}

/// The `.wasm` files directly in `dist`, in order of name.
///
/// # Errors
/// When the folder cannot be read.
pub fn wasm_files(dist: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dist).map_err(Failure::file(dist))? {
        let path = entry.map_err(Failure::file(dist))?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Holds each program against its limit.
///
/// # Errors
/// [`Failure::TooLarge`] for the first that is over its limit, and [`Failure::Check`] for one that has none.
pub fn gate(measured: &[Measured], limits: &[(&str, usize)]) -> Result<(), Failure> {
    for Measured { name, brotli, .. } in measured {
        let limit = limits.iter().find(|(start, _)| name.starts_with(start));
        let Some((_, limit)) = limit else {
            return Err(Failure::Check(format!("{name} has no limit: give it one in xtask/src/size.rs")));
        };
        if brotli > limit {
            return Err(Failure::TooLarge { name: name.clone(), n_bytes: *brotli, limit: *limit });
        }
    }
    Ok(())
}

/// The sizes as lines for a person, the sum last.
pub fn table(measured: &[Measured]) -> String {
    let mut lines = String::new();
    let mut row = |name: &str, raw: usize, brotli: usize| {
        lines.push_str(&format!("{name:<40} {raw:>10} bytes {brotli:>10} with brotli\n"));
    };
    for file in measured {
        row(&file.name, file.raw, file.brotli);
    }
    row("all WebAssembly", measured.iter().map(|f| f.raw).sum(), measured.iter().map(|f| f.brotli).sum());
    lines
}

/// Length of `bytes` after brotli at quality 11 and a window of 4 MiB.
fn brotli_len(bytes: &[u8]) -> std::io::Result<usize> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    writer.write_all(bytes)?;
    Ok(writer.into_inner().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, brotli: usize) -> Measured {
        Measured { name: name.to_owned(), raw: 2 * brotli, brotli }
    }

    #[test]
    fn each_program_may_take_its_limit_and_not_one_byte_more() {
        let limits = [("app-", 100), ("reader-", 50)];
        let gate = |app, reader| gate(&[file("app-1.wasm", app), file("reader-1.wasm", reader)], &limits);
        assert!(gate(100, 50).is_ok());
        let refused = gate(101, 50).unwrap_err();
        assert!(matches!(&refused, Failure::TooLarge { n_bytes: 101, limit: 100, .. }), "{refused}");
        assert!(gate(100, 51).unwrap_err().to_string().contains("reader-1.wasm"));
        assert!(super::gate(&[file("other.wasm", 1)], &limits).is_err(), "one without a limit");
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let lines = table(&[file("app-1.wasm", 60), file("reader-1.wasm", 41)]);
        let last = lines.lines().last().unwrap();
        assert!(
            last.starts_with("all WebAssembly") && last.contains("202") && last.contains("101"),
            "{last}"
        );
    }

    #[test]
    fn brotli_shrinks_repetition_and_keeps_noise() {
        assert!(brotli_len(&[7; 100_000]).unwrap() < 100);
        let noise: Vec<u8> =
            (0u32..100_000).map(|i| (i.wrapping_mul(2_654_435_761).rotate_left(13) >> 8) as u8).collect();
        assert!(brotli_len(&noise).unwrap() > 1_000);
    }

    #[test]
    fn an_empty_folder_is_a_failure_and_not_a_small_page() {
        let folder = std::env::temp_dir().join(format!("concord-size-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert!(measure(&folder).is_err());
        std::fs::write(folder.join("a.wasm"), [7; 1000]).unwrap();
        let measured = measure(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((measured.len(), measured[0].raw), (1, 1000));
    }
}
