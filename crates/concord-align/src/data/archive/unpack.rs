//! Reads archives that may come from anywhere.

use std::collections::HashSet;
use std::ops::Range;

use miniz_oxide::{
    DataFormat, MZError, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};
use rawzip::{CompressionMethod, Crc32, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::{ArchiveError, Entry, FREE_BYTES, Limits};
use crate::data::InOrder;

/// Bytes at the beginning of an archive in which names are looked for.
const SEEN_BYTES: usize = 64 << 10;
/// How an OpenDocument file begins: the name of its first entry, and what is in it.
pub const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument";

/// Bytes that are unpacked in a step.
const STEP_BYTES: usize = 64 << 10;

/// Whether a name of the first entries begins so. Looked for where a name stands: a folder `openpyxl/` is no `xl/`.
pub fn has_entry(bytes: &[u8], name: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SEEN_BYTES)];
    let entries = head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04");
    entries.map(|(at, _)| &head[(at + 30).min(head.len())..]).any(|rest| rest.starts_with(name))
}

/// Whether it is a workbook of Excel's kind, a document of another Office program, or one of OpenDocument.
pub fn is_office_document(bytes: &[u8]) -> bool {
    has_entry(bytes, b"xl/") || has_entry(bytes, b"[Content_Types].xml") || has_entry(bytes, OPEN_DOCUMENT)
}

/// Whether bytes begin as a zip archive does, empty ones included.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads all files of an archive, folders left out.
///
/// # Errors
/// When it is damaged, encrypted, beyond the limits, or its names lead out of it.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Entry>, ArchiveError> {
    let mut unpacker = Unpacker::new(bytes, limits)?;
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(piece) = unpacker.next_piece()? {
        if piece.is_first {
            entries.push(Entry { name: piece.name.to_owned(), bytes: Vec::new() });
        }
        if let Some(entry) = entries.last_mut() {
            entry.bytes.extend_from_slice(piece.bytes);
        }
    }
    Ok(entries)
}

/// Some bytes of a file of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Which file.
    pub name: &'a str,
    /// The next bytes of it; may be empty.
    pub bytes: &'a [u8],
    /// Whether the file begins with them.
    pub is_first: bool,
    /// Whether the file ends with them; its checksum was right.
    pub is_last: bool,
}

/// Reads an archive in small steps.
pub struct Unpacker<B> {
    bytes: B,
    files: Vec<Packed>,
    at: usize,
    open: Option<Open>,
    buffer: Vec<u8>,
}

/// A file as the archive's directory has it.
#[derive(Debug)]
struct Packed {
    name: String,
    range: Range<usize>,
    is_deflated: bool,
    n_bytes: u64,
    crc: u32,
}

/// The file that is being read.
struct Open {
    state: Box<InflateState>,
    n_read: usize,
    n_written: u64,
    crc: Crc32,
}

impl<B> std::fmt::Debug for Unpacker<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").field("files", &self.files).field("at", &self.at).finish_non_exhaustive()
    }
}

impl<B: AsRef<[u8]>> Unpacker<B> {
    /// Reads the directory of an archive and checks all that it says.
    ///
    /// # Errors
    /// As [`read`].
    pub fn new(bytes: B, limits: &Limits) -> Result<Self, ArchiveError> {
        let files = directory(bytes.as_ref(), limits)?;
        Ok(Self { bytes, files, at: 0, open: None, buffer: vec![0; STEP_BYTES] })
    }

    /// Names and sizes of its files.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|file| (file.name.as_str(), file.n_bytes))
    }

    /// Reads a small file at once, before all others; it does not come again. `None` where there is no such file.
    ///
    /// # Errors
    /// As [`read`], and [`ArchiveError::TooLarge`] where it has more than `most` bytes.
    pub fn take(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(at) = self.files.iter().position(|file| file.name == name) else { return Ok(None) };
        if self.files[at].n_bytes > most {
            return Err(ArchiveError::TooLarge { most });
        }
        self.files[..=at].rotate_right(1);
        let mut bytes = Vec::new();
        while let Some(piece) = self.next_piece()? {
            bytes.extend_from_slice(piece.bytes);
            if piece.is_last {
                break;
            }
        }
        self.files.remove(0);
        self.at = 0;
        Ok(Some(bytes))
    }

    /// Leaves out all files but these.
    pub fn keep_only(&mut self, wanted: impl Fn(&str) -> bool) {
        self.files.retain(|file| wanted(&file.name));
    }

    /// The next bytes, in the order of the directory; `None` after the last.
    ///
    /// # Errors
    /// When a file is not what the directory says of it.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, ArchiveError> {
        let Some(file) = self.files.get(self.at) else { return Ok(None) };
        let is_first = self.open.is_none();
        let open = self.open.get_or_insert_with(|| Open {
            state: InflateState::new_boxed(DataFormat::Raw),
            n_read: 0,
            n_written: 0,
            crc: Crc32::new(),
        });
        let damaged = |reason| ArchiveError::DamagedEntry { name: file.name.clone(), reason };
        let packed = self.bytes.as_ref().get(file.range.clone()).unwrap_or_default();
        let rest = packed.get(open.n_read..).unwrap_or_default();
        let (n_out, is_end) = if file.is_deflated {
            let step = inflate(&mut open.state, rest, &mut self.buffer, MZFlush::None);
            open.n_read += step.bytes_consumed;
            match step.status {
                Ok(status) => (step.bytes_written, status == MZStatus::StreamEnd),
                Err(MZError::Buf) => return Err(damaged("it ends early")),
                Err(_) => return Err(damaged("it cannot be unpacked")),
            }
        } else {
            let n = rest.len().min(STEP_BYTES);
            self.buffer[..n].copy_from_slice(&rest[..n]);
            open.n_read += n;
            (n, n == rest.len())
        };
        let bytes = &self.buffer[..n_out];
        open.crc.update(bytes);
        open.n_written += n_out as u64;
        if open.n_written > file.n_bytes || (is_end && open.n_written < file.n_bytes) {
            return Err(damaged("its size is not the one that the archive names"));
        }
        if is_end {
            if open.crc.checksum() != file.crc {
                return Err(damaged("its checksum is wrong"));
            }
            self.open = None;
            self.at += 1;
        }
        Ok(Some(Piece { name: &file.name, bytes, is_first, is_last: is_end }))
    }
}

fn damaged(error: &rawzip::Error) -> ArchiveError {
    ArchiveError::Damaged { reason: error.to_string() }
}

/// All files of an archive, checked against the limits and against each other.
fn directory(bytes: &[u8], limits: &Limits) -> Result<Vec<Packed>, ArchiveError> {
    let archive = ZipArchive::from_slice(bytes).map_err(|error| damaged(&error))?;
    let too_many = ArchiveError::TooMany { most: limits.n_entries };
    if archive.entries_hint() > limits.n_entries as u64 {
        return Err(too_many);
    }
    let (mut files, mut names, mut left) = (Vec::new(), HashSet::new(), limits.n_bytes);
    let mut n_entries = 0;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(|error| damaged(&error))? {
        n_entries += 1;
        if n_entries > limits.n_entries {
            return Err(too_many);
        }
        if entry.is_dir() {
            continue;
        }
        let file = packed(&archive, &entry, limits)?;
        left = left.checked_sub(file.n_bytes).ok_or(ArchiveError::TooLarge { most: limits.n_bytes })?;
        if !names.insert(file.name.clone()) {
            return Err(ArchiveError::Name { name: file.name, reason: "which stands in it twice" });
        }
        files.push(file);
    }
    if archive.entries_hint() != n_entries as u64 {
        return Err(ArchiveError::Damaged { reason: "its list of files is not complete".to_owned() });
    }
    let mut ranges: Vec<_> = files.iter().map(|file| file.range.clone()).collect();
    ranges.order_by_key(|range| (range.start, range.end));
    if ranges.windows(2).any(|two| two[0].end > two[1].start) {
        return Err(ArchiveError::Damaged { reason: "its files overlap".to_owned() });
    }
    Ok(files)
}

fn packed(
    archive: &ZipSliceArchive<&[u8]>,
    entry: &ZipFileHeaderRecord<'_>,
    limits: &Limits,
) -> Result<Packed, ArchiveError> {
    let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
    if let Some(reason) = bad_name(&name) {
        return Err(ArchiveError::Name { name, reason });
    }
    if entry.flags().is_encrypted() {
        return Err(ArchiveError::Encrypted { name });
    }
    let method = entry.compression_method();
    let is_deflated = method == CompressionMethod::DEFLATE;
    if !is_deflated && method != CompressionMethod::STORE {
        let method = method.name().map_or_else(|| format!("method {}", method.as_u16()), str::to_owned);
        return Err(ArchiveError::Method { name, method });
    }
    let (n_bytes, n_packed) = (entry.uncompressed_size_hint(), entry.compressed_size_hint());
    if n_bytes > limits.n_bytes {
        return Err(ArchiveError::TooLarge { most: limits.n_bytes });
    }
    if n_bytes > FREE_BYTES && n_bytes / limits.ratio.max(1) > n_packed {
        return Err(ArchiveError::TooDense { name, ratio: limits.ratio });
    }
    let found = archive.get_entry(entry.wayfinder()).map_err(|error| damaged(&error))?;
    let (from, to) = found.compressed_data_range();
    let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else {
        return Err(ArchiveError::Damaged { reason: "a file lies beyond its end".to_owned() });
    };
    Ok(Packed { name, range: from..to, is_deflated, n_bytes, crc: entry.crc32() })
}

/// What is wrong with a name: it has to stay in the archive, and to be one on every system.
fn bad_name(name: &str) -> Option<&'static str> {
    let has_drive = name.chars().nth(1) == Some(':');
    if name.starts_with('/') || name.contains('\\') || has_drive || name.split('/').any(|part| part == "..") {
        Some("which leads out of it")
    } else if name.is_empty() || name.contains('\0') {
        Some("which is no name")
    } else {
        None
    }
}
