//! The licences of what is compiled into the page, written beside it: `third-party.txt` for the crates, and
//! `third-party-std.html`, which the toolchain brings, for the standard library.
//!
//! Cargo says which crates are in the program, and each crate's own files say under what terms. A crate that names the MIT
//! licence and carries no text of it gets the text of our own with its authors in the copyright line; any other crate
//! without a text stops the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::shell;

/// The crates' licences, in the folder of the page.
pub const CRATES: &str = "third-party.txt";
/// The standard library's licences, in the folder of the page.
pub const STANDARD_LIBRARY: &str = "third-party-std.html";

/// A crate that is part of the page's program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Name and version, as in `serde 1.0.228`.
    pub name: String,
    /// The licence that its manifest names, an SPDX expression.
    pub licence: String,
    /// Where its source is kept; may be empty.
    pub repository: String,
    /// The texts of its licences and notices.
    pub texts: Vec<String>,
}

/// Writes both files into `dist`.
///
/// # Errors
/// When cargo does not answer, a crate has no licence text, or a file cannot be written.
pub fn write(dist: &Path) -> Result<(), Failure> {
    let parts = parts()?;
    let path = dist.join(CRATES);
    std::fs::write(&path, document(&parts)).map_err(Failure::file(&path))?;
    let sysroot = shell::output(&mut shell::command("rustc", ["--print", "sysroot"])).unwrap_or_default();
    let from = Path::new(sysroot.trim()).join("share/doc/rust/COPYRIGHT-library.html");
    std::fs::copy(&from, dist.join(STANDARD_LIBRARY)).map_err(Failure::file(&from))?;
    println!("{}: the licences of {} crates", path.display(), parts.len());
    Ok(())
}

/// The crates of other people that are compiled into the page's program, in order of name.
///
/// # Errors
/// When cargo does not answer or a crate has no licence text.
pub fn parts() -> Result<Vec<Part>, Failure> {
    let metadata =
        ["metadata", "--format-version=1", "--locked", "--filter-platform", super::suite::WASM_TARGET];
    let metadata = asked(&mut shell::cargo(metadata))?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| Failure::Check(format!("what `cargo metadata` printed is no JSON: {error}")))?;
    let compiled = compiled()?;
    let mit = shell::root().join("LICENSE-MIT");
    let mit = std::fs::read_to_string(&mit).map_err(Failure::file(&mit))?;
    let mut parts = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", text("name"), text("version"));
        // Our own packages come from no registry.
        if package["source"].is_null() || !compiled.contains(&name) {
            continue;
        }
        let manifest = PathBuf::from(text("manifest_path"));
        let mut texts = texts_in(manifest.parent().unwrap_or(Path::new(".")))?;
        if texts.is_empty() {
            let authors: Vec<&str> =
                package["authors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            texts.push(mit_of(&mit, &text("license"), &text("name"), &authors).ok_or_else(|| {
                Failure::Check(format!(
                    "{name} ({}) carries no licence text: see xtask/src/notices.rs",
                    text("license")
                ))
            })?);
        }
        parts.push(Part { name, licence: text("license"), repository: text("repository"), texts });
    }
    parts.sort();
    Ok(parts)
}

/// The whole file: every crate with its licence, then each text once with the crates that it is for.
pub fn document(parts: &[Part]) -> String {
    let mut out = String::from(
        "Concord itself is under the MIT or the Apache-2.0 licence. Its program contains the crates below, each under its own licence; the texts\n\
         follow the list. The Rust standard library is part of it, too: see third-party-std.html.\n\n",
    );
    let mut texts: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
    for part in parts {
        // Writing to a string cannot fail.
        let _written = writeln!(out, "{:<44} {:<40} {}", part.name, part.licence, part.repository);
        for text in &part.texts {
            // The same words in other lines are the same text.
            let key = text.split_whitespace().collect::<Vec<_>>().join(" ");
            texts.entry(key).or_insert((text, Vec::new())).1.push(&part.name);
        }
    }
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by_key(|(_, names)| (std::cmp::Reverse(names.len()), names[0]));
    for (text, names) in texts {
        let _written = write!(out, "\n{}\n{}\n\n{}\n", "=".repeat(100), wrapped(&names), text.trim_end());
    }
    out
}

/// Names and versions of everything compiled into the page's program, our own packages among them.
fn compiled() -> Result<BTreeSet<String>, Failure> {
    let mut tree =
        shell::cargo(["tree", "--package", "concord", "--locked", "--target", super::suite::WASM_TARGET]);
    // Macros run in the compiler and build scripts before it; neither is in the program.
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    let printed = asked(&mut tree)?;
    Ok(printed.lines().filter_map(name_in).collect())
}

/// `serde 1.0.228` of `serde v1.0.228 (*)`.
fn name_in(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(" v")?;
    Some(format!("{name} {}", rest.split_whitespace().next()?))
}

/// The licence and notice files of a crate, each text once.
fn texts_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let starts = ["licen", "copying", "unlicense", "notice", "copyright", "authors"];
        if path.is_file() && starts.iter().any(|start| name.starts_with(start)) && !name.ends_with(".rs") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).map_err(Failure::file(path))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    paths.iter().map(read).collect()
}

/// The MIT licence with a crate's authors in its copyright line; nothing for a crate that does not offer it.
fn mit_of(ours: &str, licence: &str, name: &str, authors: &[&str]) -> Option<String> {
    let offers = licence.split([' ', '/', '(', ')']).any(|word| word == "MIT") && !licence.contains(" AND ");
    let holder = if authors.is_empty() { format!("the authors of {name}") } else { authors.join(", ") };
    let lines = ours.lines().map(|line| {
        if line.starts_with("Copyright") { format!("Copyright (c) {holder}") } else { line.to_owned() }
    });
    offers.then(|| lines.collect::<Vec<_>>().join("\n"))
}

/// Names in lines of at most 100 characters.
fn wrapped(names: &[&str]) -> String {
    let mut lines = vec![String::from("For")];
    for (i, name) in names.iter().enumerate() {
        let end = if i + 1 == names.len() { "" } else { "," };
        let word = format!("{name}{end}");
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= 100 => *line += &format!(" {word}"),
            _ => lines.push(word),
        }
    }
    lines.join("\n")
}

fn asked(command: &mut std::process::Command) -> Result<String, Failure> {
    let line = shell::line(command);
    shell::output(command).ok_or_else(|| Failure::Command { line, status: "no answer".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_of_the_page_stands_in_the_file_with_a_text() {
        let parts = parts().unwrap();
        let document = document(&parts);
        let rule = "=".repeat(100);
        let heads: Vec<String> = document
            .split(&rule)
            .skip(1)
            .map(|text| text.split("\n\n").next().unwrap().replace(['\n', ','], " ") + " ")
            .collect();
        let compiled = compiled().unwrap();
        let is_ours = |name: &str| name.starts_with("concord");
        assert!(compiled.len() > 100, "{compiled:?}");
        for name in compiled.iter().filter(|name| !is_ours(name)) {
            assert!(
                document.lines().any(|line| line.starts_with(&format!("{name} "))),
                "{name} is not listed"
            );
            let n_texts = heads.iter().filter(|head| head.contains(&format!(" {name} "))).count();
            assert!(n_texts > 0, "{name} has no licence text");
        }
        // What the page is surely made of, and what is surely not in it: a macro, a driver of native code, a tool.
        for name in ["leptos ", "wgpu ", "tokenizers ", "whatlang ", "minijinja ", "wasm-bindgen "] {
            assert!(parts.iter().any(|part| part.name.starts_with(name)), "{name}");
        }
        for name in ["serde_derive ", "ash ", "pollster ", "brotli ", "proptest "] {
            assert!(!parts.iter().any(|part| part.name.starts_with(name)), "{name}");
        }
    }

    #[test]
    fn a_text_stands_once_with_all_its_crates() {
        let part = |name: &str, text: &str| Part {
            name: name.to_owned(),
            licence: "MIT".to_owned(),
            repository: String::new(),
            texts: vec![text.to_owned()],
        };
        let parts =
            [part("a 1.0.0", "You may.\n"), part("b 2.0.0", "You\r\nmay."), part("c 3.0.0", "You must.")];
        let document = document(&parts);
        assert_eq!(document.matches("You may.").count(), 1, "{document}");
        assert!(!document.contains("\r\nmay"), "{document}");
        assert!(
            document.contains("For a 1.0.0, b 2.0.0\n") && document.contains("For c 3.0.0\n"),
            "{document}"
        );
    }

    #[test]
    fn a_crate_without_a_text_has_the_mit_licence_or_none() {
        let ours = "MIT License\n\nCopyright (c) 2026 us\n\nYou may.";
        let made = mit_of(ours, "MIT OR Apache-2.0", "x", &["Ann", "Bob"]).unwrap();
        assert_eq!(made, "MIT License\n\nCopyright (c) Ann, Bob\n\nYou may.");
        assert!(mit_of(ours, "MIT/Apache-2.0", "x", &[]).unwrap().contains("the authors of x"));
        for licence in ["Apache-2.0", "MIT AND Unicode-3.0", "MIT-0", ""] {
            assert_eq!(mit_of(ours, licence, "x", &["Ann"]), None, "{licence}");
        }
    }

    #[test]
    fn a_line_of_the_tree_names_a_crate_and_its_version() {
        assert_eq!(name_in("serde v1.0.228 (*)").as_deref(), Some("serde 1.0.228"));
        assert_eq!(name_in("concord v0.1.0 (/some/folder)").as_deref(), Some("concord 0.1.0"));
        assert_eq!(name_in(""), None);
    }
}
