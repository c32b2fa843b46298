//! Reads the Markdown pages of the repository: their blocks, their prose, and what the prose names.

use std::path::{Path, PathBuf};

/// A fenced block of a page.
pub(super) struct Block {
    /// The page and the line on which it begins.
    pub(super) place: String,
    /// What stands after the fence.
    pub(super) kind: String,
    /// Its lines.
    pub(super) text: String,
}

/// A page: its path in the repository and its text.
pub(super) struct Page {
    pub(super) path: String,
    pub(super) text: String,
}

impl Page {
    pub(super) fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open) = (Vec::new(), None::<Block>);
        for (at, line) in self.text.lines().enumerate() {
            let fence = line.trim_start().strip_prefix("```");
            match (fence, open.take()) {
                (Some(_), Some(block)) => blocks.push(block),
                (Some(kind), None) => {
                    let place = format!("{}:{}", self.path, at + 1);
                    open = Some(Block { place, kind: kind.trim().to_owned(), text: String::new() });
                }
                (None, Some(mut block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                    open = Some(block);
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", self.path);
        blocks
    }

    /// The text outside blocks, line by line, with numbers from 1.
    pub(super) fn prose(&self) -> Vec<(usize, &str)> {
        let (mut inside, mut lines) = (false, Vec::new());
        for (at, line) in self.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            } else if !inside {
                lines.push((at + 1, line));
            }
        }
        lines
    }
}

/// The pages of the repository, not those of tools and builds.
pub(super) fn pages() -> Vec<Page> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_hidden = name.starts_with('.') && name != ".github";
            let is_built = ["target", "dist", "node_modules", "seeds", "corpus", "work", "shared"];
            if path.is_dir() && !is_hidden && !is_built.contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() && name.ends_with(".md") {
                let below = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Page { text: read(&path), path: below });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What stands in single backticks.
pub(super) fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Targets of Markdown links and pictures.
pub(super) fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// What commands make, so that it is not there on a fresh clone.
const MADE: [&str; 3] = ["training/work", "training/.venv", "fuzz/corpus"];

/// Whether a word is a path in the repository; `<name>` and `*` stand for many.
pub(super) fn is_path(word: &str) -> bool {
    let folders = [
        "src/",
        "crates/",
        "tests/",
        "docs/",
        "xtask/",
        "static/",
        "www/",
        "training/",
        "fuzz/",
        "examples/",
    ];
    let is_made = MADE.iter().any(|made| word.starts_with(made));
    folders.iter().any(|folder| word.starts_with(folder)) && !is_made && !word.contains(['<', '*', '{', ' '])
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn none(offenders: &[String], advice: &str) {
    assert!(offenders.is_empty(), "{advice}:\n  {}\n", offenders.join("\n  "));
}
