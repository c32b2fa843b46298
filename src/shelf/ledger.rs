//! Which chunks of a file are here, each with its SHA-256, as lines that are only ever appended.
//!
//! The first line says what the file is; each later one that a chunk came, that it was lost, or what the whole file's
//! hash is. A line that was cut by a crash is not read, so the worst that a crash costs is one chunk.

use serde::{Deserialize, Serialize};

/// Bytes of one chunk.
pub const CHUNK_BYTES: u64 = 4 << 20;

/// What a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// As it was written in the address field.
    pub address: String,
    /// Where the bytes come from.
    pub url: String,
    /// For people: the last part of the path.
    pub name: String,
    /// Its size.
    pub n_bytes: u64,
    /// The server's name for this version of it.
    pub etag: Option<String>,
    /// What its SHA-256 should be, where somebody said so.
    pub sha256: Option<String>,
    /// The names of all files of the model that it belongs to, in order; none where it is the only one.
    #[serde(default)]
    pub files: Vec<String>,
}

/// Which chunks of a file are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    facts: Facts,
    chunk_bytes: u64,
    chunks: Vec<Option<String>>,
    whole: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    File { chunk_bytes: u64, facts: Facts },
    Chunk { chunk: usize, sha256: String },
    Lost { chunk: usize },
    Whole { sha256: String },
}

impl Line {
    fn text(&self) -> String {
        // Plain data with string keys: writing it cannot fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

impl Ledger {
    /// The ledger of a file of which nothing is here.
    pub fn new(facts: Facts) -> Self {
        Self::with_chunks_of(CHUNK_BYTES, facts)
    }

    /// As [`Ledger::new`], with chunks of another size.
    pub fn with_chunks_of(chunk_bytes: u64, facts: Facts) -> Self {
        let chunk_bytes = chunk_bytes.max(1);
        let n_chunks = usize::try_from(facts.n_bytes.div_ceil(chunk_bytes)).unwrap_or_default();
        Self { facts, chunk_bytes, chunks: vec![None; n_chunks], whole: None }
    }

    /// Reads a ledger; `None` when its first line is not whole. Later lines that cannot be read are passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let Line::File { chunk_bytes, facts } = serde_json::from_str(lines.next()?).ok()? else {
            return None;
        };
        // Every chunk takes a place in memory: a size that no file has is a broken line.
        if chunk_bytes < 1 << 10 || facts.n_bytes.div_ceil(chunk_bytes) > 1 << 20 {
            return None;
        }
        let mut ledger = Self::with_chunks_of(chunk_bytes, facts);
        for line in lines.filter_map(|line| serde_json::from_str(line).ok()) {
            match line {
                Line::Chunk { chunk, sha256 } => drop(ledger.came(chunk, sha256)),
                Line::Lost { chunk } => drop(ledger.lost(chunk)),
                Line::Whole { sha256 } => drop(ledger.ended(sha256)),
                Line::File { .. } => {}
            }
        }
        Some(ledger)
    }

    /// The first line of the ledger.
    pub fn first_line(&self) -> String {
        Line::File { chunk_bytes: self.chunk_bytes, facts: self.facts.clone() }.text()
    }

    /// What the file is.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Chunks of the whole file.
    pub fn n_chunks(&self) -> usize {
        self.chunks.len()
    }

    /// The chunk that a byte lies in.
    pub fn chunk_at(&self, at: u64) -> usize {
        usize::try_from(at / self.chunk_bytes).unwrap_or(usize::MAX)
    }

    /// First byte of a chunk and the byte after its last.
    pub fn bounds(&self, chunk: usize) -> (u64, u64) {
        let start = chunk as u64 * self.chunk_bytes;
        (start, (start + self.chunk_bytes).min(self.facts.n_bytes))
    }

    /// The hash of a chunk that is here.
    pub fn sha256_of(&self, chunk: usize) -> Option<&str> {
        self.chunks.get(chunk)?.as_deref()
    }

    /// The first byte at or after `at` that is not here, and the end of what is missing from there on.
    pub fn missing_from(&self, at: u64) -> Option<(u64, u64)> {
        let first = (self.chunk_at(at)..self.chunks.len()).find(|&chunk| self.chunks[chunk].is_none())?;
        let last = (first..self.chunks.len()).take_while(|&chunk| self.chunks[chunk].is_none()).last()?;
        Some((self.bounds(first).0.max(at), self.bounds(last).1))
    }

    /// Bytes of the chunks that are here.
    pub fn bytes_here(&self) -> u64 {
        let here = self.chunks.iter().enumerate().filter(|(_, hash)| hash.is_some());
        here.map(|(chunk, _)| self.bounds(chunk)).map(|(start, end)| end - start).sum()
    }

    /// Whether every chunk is here.
    pub fn is_complete(&self) -> bool {
        self.chunks.iter().all(Option::is_some)
    }

    /// The SHA-256 of the whole file, once it was worked out.
    pub fn whole_sha256(&self) -> Option<&str> {
        self.whole.as_deref()
    }

    /// A chunk came; the line to append.
    pub fn came(&mut self, chunk: usize, sha256: String) -> String {
        if let Some(place) = self.chunks.get_mut(chunk) {
            *place = Some(sha256.clone());
        }
        Line::Chunk { chunk, sha256 }.text()
    }

    /// A chunk turned out to be damaged; the line to append.
    pub fn lost(&mut self, chunk: usize) -> String {
        if let Some(place) = self.chunks.get_mut(chunk) {
            *place = None;
        }
        Line::Lost { chunk }.text()
    }

    /// The whole file was hashed; the line to append.
    pub fn ended(&mut self, sha256: String) -> String {
        self.whole = Some(sha256.clone());
        Line::Whole { sha256 }.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let facts = Facts { address: "a/b".into(), n_bytes: 4 * 1024 + 10, ..Facts::default() };
        Ledger::with_chunks_of(1024, facts)
    }

    #[test]
    fn what_is_missing_is_found_in_runs() {
        let mut ledger = ledger();
        assert_eq!(ledger.missing_from(0), Some((0, 4106)));
        assert_eq!(ledger.bounds(4), (4096, 4106));
        ledger.came(0, "0".into());
        ledger.came(2, "2".into());
        assert_eq!(ledger.missing_from(0), Some((1024, 2048)));
        assert_eq!(ledger.missing_from(1500), Some((1500, 2048)));
        assert_eq!(ledger.missing_from(2048), Some((3072, 4106)));
        assert_eq!(ledger.bytes_here(), 2048);
        for chunk in [1, 3, 4] {
            assert!(!ledger.is_complete());
            ledger.came(chunk, chunk.to_string());
        }
        assert!(ledger.is_complete());
        assert_eq!((ledger.missing_from(0), ledger.bytes_here()), (None, 4106));
        ledger.lost(3);
        assert_eq!(ledger.missing_from(0), Some((3072, 4096)));
    }

    #[test]
    fn lines_give_the_ledger_back_and_a_cut_line_costs_its_chunk_only() {
        let mut ledger = ledger();
        let mut text = ledger.first_line();
        text += &ledger.came(0, "aa".into());
        text += &ledger.came(1, "bb".into());
        text += &ledger.lost(0);
        text += &ledger.ended("cc".into());
        assert_eq!(Ledger::parse(&text), Some(ledger.clone()));
        let cut = text.clone() + &ledger.clone().came(2, "dd".into())[..20];
        assert_eq!(Ledger::parse(&cut), Some(ledger.clone()));
        let damaged = text.clone() + "\0\0{}\n" + &ledger.came(3, "ee".into());
        assert_eq!(Ledger::parse(&damaged), Some(ledger));
    }

    #[test]
    fn what_is_no_ledger_is_none() {
        let whole = ledger().first_line();
        for text in ["", "\n", "{}\n", "not json\n", whole.trim_end(), &whole[..30]] {
            assert_eq!(Ledger::parse(text), None, "{text:?}");
        }
        assert_eq!(Ledger::parse(&whole.replace("1024,", "0,")), None, "chunks of no bytes");
        assert_eq!(Ledger::parse(&whole.replace("4106", "18446744073709551615")), None, "a file without end");
    }

    #[test]
    fn an_empty_file_is_complete_from_the_start() {
        let ledger = Ledger::new(Facts::default());
        assert!(ledger.is_complete());
        assert_eq!(ledger.missing_from(0), None);
    }
}
