//! The GGUF container, versions 2 and 3: magic, metadata, tensor directory.
//!
//! Layout (little-endian): `GGUF`, u32 version, u64 tensors, u64 metadata entries; the entries; per
//! tensor its name, u32 count of dimensions, u64 per dimension (fastest first), u32 type, u64 offset
//! into the data; then the data, at the next multiple of `general.alignment` (32 if absent).

use std::collections::BTreeSet;

use super::blocks::TensorType;
use super::cursor::{Cursor, Stop};
use super::error::WeightsError;
use super::metadata::{Metadata, text};

/// Largest header read; vocabularies of 256,000 tokens with their merges stay below 12 MiB. Lists of empty texts take three
/// times as much in memory as in the file: with this limit less than 64 MiB above it.
pub const MAX_HEADER_BYTES: u64 = 20 << 20;
const MAX_ENTRIES: u64 = 65_536;
const MAX_TENSORS: u64 = 65_536;
/// Longest tensor name, in bytes (the format's own limit is 64).
const MAX_NAME_BYTES: u64 = 256;
/// Most dimensions of a tensor.
const MAX_DIMS: u32 = 4;
const MAX_ALIGNMENT: u32 = 1 << 16;
/// Largest file believed when its length is not known: 1 TiB.
const MAX_FILE_BYTES: u64 = 1 << 40;

/// What became of an attempt to read the header.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// The prefix is too short; try again with at least this many bytes from the file's start.
    NeedMore {
        /// Length of the shortest prefix that can get further; never more than the file's length.
        at_least: u64,
    },
    /// The whole header.
    Header(Header),
}

/// A parsed header: all that precedes the tensor data.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Format version, 2 or 3.
    pub version: u32,
    /// Key and value pairs.
    pub metadata: Metadata,
    /// Tensor directory, in the file's order.
    pub tensors: Vec<TensorInfo>,
    /// File offset of the tensor data.
    pub data_start: u64,
    /// File offset after the last tensor: the shortest length a whole file can have.
    pub data_end: u64,
}

/// One tensor of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Name.
    pub name: String,
    /// Dimensions, fastest first, as the file has them.
    pub dims: Vec<u64>,
    /// How values are stored.
    pub tensor_type: TensorType,
    /// Offset in the file of the first byte.
    pub start: u64,
    /// Bytes in the file.
    pub n_bytes: u64,
}

impl TensorInfo {
    /// Length of a row: the fastest dimension.
    pub fn n_cols(&self) -> u64 {
        self.dims[0]
    }

    /// Rows: the product of all other dimensions; 1 for a vector.
    pub fn n_rows(&self) -> u64 {
        self.dims[1..].iter().product()
    }

    /// Bytes of one row.
    pub fn row_bytes(&self) -> usize {
        self.tensor_type.row_bytes(self.n_cols() as usize)
    }
}

impl Header {
    /// Reads the header from the first bytes of a file of `file_len` bytes (`None` when unknown).
    ///
    /// Call it with a growing prefix until it answers with a header or an error. Costs time in the
    /// length of the prefix, so grow by megabytes.
    ///
    /// # Errors
    /// What is wrong with the file; [`WeightsError::Truncated`] when a known `file_len` is too short
    /// for what the header announces, tensor data included.
    pub fn parse(prefix: &[u8], file_len: Option<u64>) -> Result<Parsed, WeightsError> {
        let file_len = file_len.unwrap_or(MAX_FILE_BYTES);
        let usable = prefix.len().min(usize::try_from(file_len).unwrap_or(usize::MAX));
        match read_header(&prefix[..usable], file_len) {
            Ok(header) => Ok(Parsed::Header(header)),
            Err(Stop::Wrong(error)) => Err(error),
            Err(Stop::NeedMore { end, what }) if end > file_len => {
                Err(WeightsError::Truncated { what: what.to_owned(), needed: end, available: file_len })
            }
            Err(Stop::NeedMore { end, .. }) if end > MAX_HEADER_BYTES => {
                Err(WeightsError::HeaderTooLarge { limit: MAX_HEADER_BYTES })
            }
            Err(Stop::NeedMore { end, .. }) => Ok(Parsed::NeedMore { at_least: end }),
        }
    }
}

fn read_header(prefix: &[u8], file_len: u64) -> Result<Header, Stop> {
    let cursor = &mut Cursor::new(prefix);
    if cursor.bytes(4, "the magic number")? != b"GGUF" {
        return Err(WeightsError::NotGguf.into());
    }
    let version = cursor.u32("the version")?;
    if !(2..=3).contains(&version) {
        return Err(WeightsError::Version { version }.into());
    }
    let n_tensors = count(cursor, MAX_TENSORS, "tensors")?;
    let n_entries = count(cursor, MAX_ENTRIES, "metadata entries")?;
    let metadata = Metadata::read(cursor, n_entries)?;
    let alignment = alignment(&metadata)?;
    let mut entries = Vec::new();
    for _ in 0..n_tensors {
        entries.push(read_entry(cursor)?);
    }
    let data_start = cursor.position().next_multiple_of(u64::from(alignment));
    let tensors = place(entries, data_start, alignment, file_len)?;
    let data_end = tensors.iter().map(|tensor| tensor.start + tensor.n_bytes).max().unwrap_or(data_start);
    Ok(Header { version, metadata, tensors, data_start, data_end })
}

/// Reads a count and refuses one that no model has.
fn count(cursor: &mut Cursor<'_>, limit: u64, what: &'static str) -> Result<u64, Stop> {
    let n = cursor.u64(what)?;
    if n > limit {
        return Err(
            WeightsError::damaged(format!("it claims {n} {what}, at most {limit} are sensible")).into()
        );
    }
    Ok(n)
}

/// The alignment of tensor data: a power of two, 32 when not given.
fn alignment(metadata: &Metadata) -> Result<u32, WeightsError> {
    let key = "general.alignment";
    let alignment = match metadata.get(key) {
        None => 32,
        Some(_) => metadata
            .u32(key)
            .ok_or_else(|| WeightsError::Metadata { key: key.to_owned(), expected: "a small integer" })?,
    };
    if !alignment.is_power_of_two() || alignment > MAX_ALIGNMENT {
        return Err(WeightsError::damaged(format!("the alignment is {alignment}, not a small power of two")));
    }
    Ok(alignment)
}

/// A tensor directory entry whose offset is still relative to the data.
struct Entry {
    info: TensorInfo,
    offset: u64,
}

fn read_entry(cursor: &mut Cursor<'_>) -> Result<Entry, Stop> {
    let name = text(cursor.string(MAX_NAME_BYTES, "a tensor name")?, "a tensor name")?;
    let n_dims = cursor.u32("the tensor directory")?;
    if n_dims == 0 || n_dims > MAX_DIMS {
        return Err(WeightsError::damaged(format!("tensor {name} has {n_dims} dimensions")).into());
    }
    let mut dims = Vec::with_capacity(n_dims as usize);
    for _ in 0..n_dims {
        dims.push(cursor.u64("the tensor directory")?);
    }
    let type_id = cursor.u32("the tensor directory")?;
    let offset = cursor.u64("the tensor directory")?;
    let tensor_type = match TensorType::from_ggml_id(type_id) {
        Ok(tensor_type) => tensor_type,
        Err(found) => return Err(WeightsError::TensorType { tensor: name, found }.into()),
    };
    let n_bytes = n_bytes(&name, tensor_type, &dims)?;
    Ok(Entry { info: TensorInfo { name, dims, tensor_type, start: 0, n_bytes }, offset })
}

/// Bytes of a tensor, with every product checked; rows must be whole blocks.
fn n_bytes(name: &str, tensor_type: TensorType, dims: &[u64]) -> Result<u64, WeightsError> {
    let damaged = || WeightsError::damaged(format!("tensor {name} has impossible dimensions {dims:?}"));
    let block_len = tensor_type.block_len() as u64;
    if dims.contains(&0) || !dims[0].is_multiple_of(block_len) || dims[0] > u64::from(u32::MAX) {
        return Err(damaged());
    }
    let n_values =
        dims.iter().try_fold(1u64, |product, &dim| product.checked_mul(dim)).ok_or_else(damaged)?;
    (n_values / block_len).checked_mul(tensor_type.block_bytes() as u64).ok_or_else(damaged)
}

/// Turns relative into file offsets; refuses misaligned, overlapping and duplicate tensors, and those
/// that end after the file.
fn place(
    entries: Vec<Entry>,
    data_start: u64,
    alignment: u32,
    file_len: u64,
) -> Result<Vec<TensorInfo>, WeightsError> {
    let mut tensors = Vec::with_capacity(entries.len());
    for Entry { mut info, offset } in entries {
        let TensorInfo { name, n_bytes, .. } = &info;
        if !offset.is_multiple_of(u64::from(alignment)) {
            let what = format!("tensor {name} starts at {offset}, not a multiple of {alignment}");
            return Err(WeightsError::Damaged { what });
        }
        let start = data_start.saturating_add(offset);
        let needed = start.saturating_add(*n_bytes);
        if needed > file_len {
            let what = format!("tensor {name}");
            return Err(WeightsError::Truncated { what, needed, available: file_len });
        }
        info.start = start;
        tensors.push(info);
    }
    refuse_overlaps(&tensors)?;
    Ok(tensors)
}

fn refuse_overlaps(tensors: &[TensorInfo]) -> Result<(), WeightsError> {
    let mut names = BTreeSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(tensor.name.as_str())) {
        return Err(WeightsError::damaged(format!("tensor {} appears twice", twice.name)));
    }
    let mut by_start: Vec<_> = tensors.iter().collect();
    by_start.sort_by_key(|tensor| tensor.start);
    for pair in by_start.windows(2) {
        if pair[0].start + pair[0].n_bytes > pair[1].start {
            let what = format!("tensors {} and {} overlap", pair[0].name, pair[1].name);
            return Err(WeightsError::Damaged { what });
        }
    }
    Ok(())
}
