//! The repository's own rules, kept by tests: who imports whom, who may name which crate, sizes.
//!
//! The import table is read from ARCHITECTURE.md, so that page and test cannot differ. Every check
//! collects all offenders before it fails.

mod circles;
mod packages;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use source::{before_tests, code_only, modules_named, names_crate};

const MAX_RUST_LINES: usize = 400;
const MAX_WGSL_LINES: usize = 150;
const MAX_ARCHITECTURE_LINES: usize = 120;

/// Files that may be longer than the limit, each with its reason. One that no longer needs it must go.
const LONG_FILES: [(&str, &str); 0] = [];

/// The folders of the packages that the page is made of.
const PACKAGES: [&str; 4] = ["", "crates/concord-lm", "crates/concord-align", "crates/concord-curation"];

/// Crates that only some modules may name.
const CONFINED: [(&str, &[&str]); 10] = [
    ("wgpu", &["engine"]),
    ("tokenizers", &["text"]),
    ("minijinja", &["text"]),
    ("minijinja_contrib", &["text"]),
    ("serde_wasm_bindgen", &["browser", "ui"]),
    ("web_sys", &["browser", "reader", "ui", "worker", "bin"]),
    ("js_sys", &["browser", "reader", "ui", "worker", "bin"]),
    ("wasm_bindgen", &["browser", "reader", "ui", "worker", "bin"]),
    ("leptos", &["ui", "bin"]),
    ("concord_tables", &["reader"]),
];

#[test]
fn modules_import_only_what_the_table_allows() {
    let table = import_table(&read(&root().join("ARCHITECTURE.md")));
    let mut offenders = Vec::new();
    for file in library_files() {
        let Some(allowed) = table.get(file.module()) else {
            offenders.push(format!("{}: module {} is not in the table", file.path, file.module()));
            continue;
        };
        for name in modules_named(before_tests(&file.code), &file.module_path()) {
            if table.contains_key(&name) && name != file.module() && !allowed.contains(&name) {
                offenders.push(format!("{}: {} may not import {name}", file.path, file.module()));
            }
        }
    }
    assert!(table.len() >= 12, "the table in ARCHITECTURE.md was not read: {table:?}");
    none(&offenders, "the import table is in ARCHITECTURE.md; move the code or argue for the table");
}

#[test]
fn crates_are_named_only_where_they_belong() {
    let mut offenders = Vec::new();
    for file in library_files().into_iter().chain(binary_files()) {
        for (name, modules) in CONFINED {
            if !modules.contains(&file.module()) && names_crate(&file.code, name) {
                offenders.push(format!("{}: {name} belongs to {}", file.path, modules.join(", ")));
            }
        }
    }
    none(&offenders, "a layer hides its crates from the others");
}

#[test]
fn files_stay_short_enough_to_read() {
    let mut offenders = Vec::new();
    let too_long = |path: &Path, limit: usize| {
        let n_lines = read(path).lines().count();
        (n_lines > limit).then(|| format!("{}: {n_lines} lines, the limit is {limit}", relative(path)))
    };
    let excepted = |path: &Path| LONG_FILES.iter().any(|(long, _)| *long == relative(path));
    for path in sources("rs") {
        match too_long(&path, MAX_RUST_LINES) {
            None if excepted(&path) => {
                offenders.push(format!("{} needs no exception any more", relative(&path)));
            }
            Some(offence) if !excepted(&path) => offenders.push(offence),
            _ => {}
        }
    }
    offenders.extend(sources("wgsl").iter().filter_map(|path| too_long(path, MAX_WGSL_LINES)));
    offenders.extend(too_long(&root().join("ARCHITECTURE.md"), MAX_ARCHITECTURE_LINES));
    none(&offenders, "split by concept");
}

#[test]
fn every_source_file_says_what_it_is() {
    let heads = |path: &PathBuf| !read(path).trim_start().starts_with("//!");
    let offenders: Vec<String> =
        sources("rs").iter().filter(|path| heads(path)).map(|path| relative(path)).collect();
    none(&offenders, "a file starts with a //! paragraph");
}

#[test]
fn nothing_unfinished_is_left() {
    let mut offenders = Vec::new();
    for path in sources("rs") {
        let code = code_only(&read(&path));
        for word in ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"] {
            if code.contains(word) {
                offenders.push(format!("{}: {word}", relative(&path)));
            }
        }
    }
    none(&offenders, "finish it or leave it out; a test that does not run is no test");
}

#[test]
fn what_is_small_sorts_with_one_routine() {
    // Every type that the standard library sorts adds 6 kB to what everybody downloads; `data::InOrder` adds 200 bytes.
    let sorts = [".sort()", ".sort_by(", ".sort_by_key(", ".sort_by_cached_key(", ".sort_unstable"];
    let mut offenders = Vec::new();
    for file in library_files() {
        // The engine is built for speed, and neither it nor the shelf knows `data`.
        let is_elsewhere = ["crates/concord-lm/", "src/shelf/", "crates/concord-align/src/data/in_order.rs"];
        if is_elsewhere.iter().any(|path| file.path.starts_with(path)) || file.path.contains("test") {
            continue;
        }
        let code = before_tests(&file.code);
        offenders.extend(
            sorts.iter().filter(|sort| code.contains(**sort)).map(|sort| format!("{}: {sort}", file.path)),
        );
    }
    none(&offenders, "use `order`, `order_by` or `order_by_key` of `data::InOrder`");
}

#[test]
fn colours_are_custom_properties() {
    let mut offenders = Vec::new();
    for path in files_below(&root().join("www"), "css") {
        for (number, line) in read(&path).lines().enumerate() {
            if !line.trim_start().starts_with("--") && has_colour(line) {
                offenders.push(format!("{}:{}: {}", relative(&path), number + 1, line.trim()));
            }
        }
    }
    none(&offenders, "name the colour once as a custom property and use var()");
}

#[test]
fn every_dependency_is_explained() {
    let architecture = read(&root().join("ARCHITECTURE.md"));
    let manifests = PACKAGES.map(|package| read(&root().join(package).join("Cargo.toml")));
    let names = dependencies(&manifests.concat());
    assert!(names.len() > 10, "the dependencies were not read: {names:?}");
    let silent =
        |name: &String| !name.starts_with("concord-") && !architecture.contains(&format!("`{name}`"));
    let offenders: Vec<String> = names.into_iter().filter(silent).collect();
    none(&offenders, "ARCHITECTURE.md has one sentence for each dependency");
}

/// A source file of one of the packages, by its path in `src/`.
struct SourceFile {
    /// Path in the repository, with `/`.
    path: String,
    /// Its code without comments and literals.
    code: String,
}

impl SourceFile {
    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        self.module_path()[0]
    }

    /// Module path from the crate root, as in `["engine", "kernels", "rms_norm"]`.
    fn module_path(&self) -> Vec<&str> {
        let (_, inside) = self.path.split_once("src/").unwrap();
        let inside = inside.trim_end_matches(".rs");
        inside.trim_end_matches("/mod").split('/').collect()
    }
}

fn library_files() -> Vec<SourceFile> {
    let is_library = |file: &SourceFile| !file.path.ends_with("src/lib.rs") && file.module() != "bin";
    package_files().into_iter().filter(is_library).collect()
}

fn binary_files() -> Vec<SourceFile> {
    package_files().into_iter().filter(|file| file.module() == "bin").collect()
}

fn package_files() -> Vec<SourceFile> {
    let files = PACKAGES.iter().flat_map(|package| files_below(&root().join(package).join("src"), "rs"));
    files.map(|path| SourceFile { path: relative(&path), code: code_only(&read(&path)) }).collect()
}

/// Every source file that we wrote, with the extension.
fn sources(extension: &str) -> Vec<PathBuf> {
    let folders = ["src", "crates", "xtask", "tests", "examples", "benches", "fuzz/src", "fuzz/targets"]
        .map(|folder| root().join(folder));
    folders.iter().flat_map(|folder| files_below(folder, extension)).collect()
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The rows of the Markdown table whose first header cell is `imports`: module to the modules it may import.
fn import_table(markdown: &str) -> BTreeMap<String, Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = markdown.lines().skip_while(|line| !line.trim().starts_with("| imports |"));
    let header = cells(lines.next().unwrap_or_default());
    let mut table = BTreeMap::new();
    for row in lines.skip(1).map_while(|line| line.starts_with('|').then(|| cells(line))) {
        let marked = row.iter().zip(&header).skip(1).filter(|(cell, _)| *cell == "✓");
        table.insert(row[0].clone(), marked.map(|(_, name)| name.clone()).collect());
    }
    table
}

/// Names in the dependency tables of a manifest: `name = …` lines, and `[….dependencies.name]` headers.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            inside = header.ends_with("dependencies");
            if let Some((_, name)) = header.split_once(".dependencies.") {
                names.push(name.to_owned());
            }
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside) {
            names.push(name.trim().trim_end_matches(".workspace").to_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Whether a line of CSS holds a colour literal.
fn has_colour(line: &str) -> bool {
    let functions = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb("];
    let value = line.split_once(':').map_or("", |(_, value)| value);
    let hex = value.split('#').skip(1).any(|rest| {
        let n_digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        matches!(n_digits, 3 | 4 | 6 | 8)
    });
    let named = |word: &str| {
        matches!(word, "white" | "black" | "red" | "green" | "blue" | "gray" | "grey" | "orange")
    };
    hex || functions.iter().any(|function| value.contains(function))
        || value.split(|c: char| !c.is_alphanumeric() && c != '-').any(named)
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(offenders: &[String], advice: &str) {
    assert!(offenders.is_empty(), "{advice}:\n  {}\n", offenders.join("\n  "));
}

#[test]
fn the_checks_see_what_they_look_for() {
    let table = import_table(
        "x\n\n| imports | data | align |\n|---|---|---|\n| data | – | |\n| align | ✓ | – |\n\n| a |",
    );
    assert_eq!(table.get("align"), Some(&vec!["data".to_owned()]));
    assert_eq!((table.len(), table["data"].len()), (2, 0));
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nhalf = \"2\"\n[target.'cfg(a)'.dependencies.web-sys]\nversion = 1";
    assert_eq!(dependencies(manifest), ["half", "web-sys"]);
    assert!(
        has_colour("color: #fff;")
            && has_colour("border: 1px solid rgb(0 0 0);")
            && has_colour("color: white")
    );
    assert!(
        !has_colour("color: var(--ink);")
            && !has_colour("#header { }")
            && !has_colour("white-space: nowrap;")
    );
}
