//! The header of a safetensors file: which tensors it holds, and where.
//!
//! Layout: u64 length of the header (little-endian), the header in JSON, then the data. The header maps
//! a tensor's name to `{"dtype", "shape", "data_offsets": [begin, end]}`, offsets counted from the data's
//! start; `__metadata__` holds notes, which are passed over. The data is never needed here.

mod directory;

use std::collections::BTreeSet;

use directory::{Directory, Entry};

use super::blocks::TensorType;
use super::error::WeightsError;
use super::header::TensorInfo;

/// Largest header read; those of known models stay below 1 MiB.
pub const MAX_HEADER_BYTES: u64 = 16 << 20;
/// Largest file believed when its length is not known: 1 TiB.
const MAX_FILE_BYTES: u64 = 1 << 40;
/// Longest complaint of the JSON parser that is passed on, in characters: it may quote the file.
const MAX_REASON_CHARS: usize = 200;
/// Bytes before the header.
const LENGTH_BYTES: usize = 8;

/// What became of an attempt to read the header.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// The prefix is too short; try again with at least this many bytes from the file's start.
    NeedMore {
        /// Length of the shortest prefix that can get further; never more than the file's length.
        at_least: u64,
    },
    /// The whole header.
    Header(SafetensorsHeader),
}

/// A parsed header: all that precedes the tensor data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetensorsHeader {
    /// Tensors of the types F32, F16 and BF16, in the order of their data; the innermost dimension
    /// comes first, as in GGUF, and a single number has the dimensions `[1]`.
    pub tensors: Vec<TensorInfo>,
    /// Name and type of every other tensor.
    pub others: Vec<(String, String)>,
    /// File offset after the last tensor: the shortest length a whole file can have.
    pub data_end: u64,
}

impl SafetensorsHeader {
    /// Reads the header from the first bytes of a file of `file_len` bytes (`None` when unknown).
    ///
    /// Call it with a growing prefix until it answers with a header or an error: it asks for nine
    /// bytes, then for the whole header, and takes memory only in the length of the header.
    ///
    /// # Errors
    /// [`WeightsError::Damaged`] for what is no safetensors file or contradicts itself,
    /// [`WeightsError::HeaderTooLarge`], and [`WeightsError::Truncated`] when a known `file_len` is too
    /// short for what the header announces, tensor data included.
    pub fn parse(prefix: &[u8], file_len: Option<u64>) -> Result<Parsed, WeightsError> {
        let file_len = file_len.unwrap_or(MAX_FILE_BYTES);
        let usable = &prefix[..prefix.len().min(usize::try_from(file_len).unwrap_or(usize::MAX))];
        let Some((length, rest)) = usable.split_first_chunk::<LENGTH_BYTES>() else {
            return need(LENGTH_BYTES as u64 + 1, file_len, "the length of the header");
        };
        match rest.first() {
            None => return need(LENGTH_BYTES as u64 + 1, file_len, "the header"),
            Some(b'{') => {}
            Some(_) => return Err(WeightsError::damaged("it does not begin as a safetensors file does")),
        }
        let n_bytes = u64::from_le_bytes(*length);
        if n_bytes > MAX_HEADER_BYTES {
            return Err(WeightsError::HeaderTooLarge { limit: MAX_HEADER_BYTES });
        }
        let data_start = LENGTH_BYTES as u64 + n_bytes;
        let Some(json) = rest.get(..n_bytes as usize) else {
            return need(data_start, file_len, "the header");
        };
        let Directory(entries) = serde_json::from_slice(json).map_err(|error| json_error(&error))?;
        read_directory(entries, data_start, file_len).map(Parsed::Header)
    }
}

/// Asks for a prefix of `at_least` bytes, if the file has as many.
fn need(at_least: u64, file_len: u64, what: &str) -> Result<Parsed, WeightsError> {
    if at_least > file_len {
        return Err(WeightsError::Truncated { what: what.to_owned(), needed: at_least, available: file_len });
    }
    Ok(Parsed::NeedMore { at_least })
}

fn json_error(error: &serde_json::Error) -> WeightsError {
    let reason: String = error.to_string().chars().take(MAX_REASON_CHARS).collect();
    WeightsError::damaged(format!("its header cannot be read: {reason}"))
}

/// Checks every tensor by itself, then all of them together.
fn read_directory(
    mut entries: Vec<(String, Entry)>,
    data_start: u64,
    file_len: u64,
) -> Result<SafetensorsHeader, WeightsError> {
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    refuse_overlaps(&entries)?;
    let mut header = SafetensorsHeader { tensors: Vec::new(), others: Vec::new(), data_end: data_start };
    for (name, entry) in entries {
        let [begin, end] = entry.data_offsets;
        if begin > end {
            return Err(WeightsError::damaged(format!(
                "tensor {name} ends at {end}, before its start at {begin}"
            )));
        }
        let needed = data_start.saturating_add(end);
        if needed > file_len {
            let what = format!("tensor {name}");
            return Err(WeightsError::Truncated { what, needed, available: file_len });
        }
        header.data_end = header.data_end.max(needed);
        let Some(tensor_type) = float_type(&entry.dtype) else {
            header.others.push((name, entry.dtype));
            continue;
        };
        let dims = dims(&entry.shape);
        let n_bytes = n_bytes(&name, tensor_type, &dims)?;
        if n_bytes != end - begin {
            let what = format!(
                "tensor {name} has {} bytes, its shape {:?} of {} takes {n_bytes}",
                end - begin,
                entry.shape,
                entry.dtype
            );
            return Err(WeightsError::Damaged { what });
        }
        header.tensors.push(TensorInfo { name, dims, tensor_type, start: data_start + begin, n_bytes });
    }
    Ok(header)
}

/// The types that weights are read from.
fn float_type(dtype: &str) -> Option<TensorType> {
    match dtype {
        "F32" => Some(TensorType::F32),
        "F16" => Some(TensorType::F16),
        "BF16" => Some(TensorType::BF16),
        _ => None,
    }
}

/// Innermost dimension first; a single number is a row of one.
fn dims(shape: &[u64]) -> Vec<u64> {
    if shape.is_empty() { vec![1] } else { shape.iter().rev().copied().collect() }
}

/// Bytes of a tensor, with every product checked.
fn n_bytes(name: &str, tensor_type: TensorType, dims: &[u64]) -> Result<u64, WeightsError> {
    let width = tensor_type.block_bytes() as u64;
    let product = dims.iter().try_fold(width, |product, &dim| product.checked_mul(dim));
    product
        .filter(|_| !dims.contains(&0) && dims[0] <= u64::from(u32::MAX))
        .ok_or_else(|| WeightsError::damaged(format!("tensor {name} has impossible dimensions {dims:?}")))
}

/// Refuses names that come twice and data that two tensors claim; `entries` are sorted by their offsets.
fn refuse_overlaps(entries: &[(String, Entry)]) -> Result<(), WeightsError> {
    let mut names = BTreeSet::new();
    if let Some((twice, _)) = entries.iter().find(|(name, _)| !names.insert(name)) {
        return Err(WeightsError::damaged(format!("tensor {twice} appears twice")));
    }
    for pair in entries.windows(2) {
        let [(first, a), (second, b)] = pair else { continue };
        if a.data_offsets[1] > b.data_offsets[0] {
            return Err(WeightsError::damaged(format!("tensors {first} and {second} overlap")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::directory::MAX_TENSORS;
    use super::*;
    use crate::weights::testing::Noise;

    const JSON: &str = r#"{"__metadata__":{"format":"pt"},
        "b":{"dtype":"F16","shape":[2,3],"data_offsets":[24,36]},
        "a":{"dtype":"F32","shape":[],"data_offsets":[20,24]},
        "ids":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},
        "c":{"dtype":"BF16","shape":[2,1,3],"data_offsets":[8,20]}}  "#;

    /// A file with this header and as much data as [`JSON`] announces.
    fn file(json: &str) -> Vec<u8> {
        [&(json.len() as u64).to_le_bytes()[..], json.as_bytes(), &[0; 36]].concat()
    }

    fn parse(file: &[u8]) -> Result<SafetensorsHeader, WeightsError> {
        match SafetensorsHeader::parse(file, Some(file.len() as u64))? {
            Parsed::Header(header) => Ok(header),
            Parsed::NeedMore { at_least } => panic!("a file of {} bytes asked for {at_least}", file.len()),
        }
    }

    fn refusal(json: &str) -> String {
        match parse(&file(json)) {
            Ok(header) => panic!("{json} gave {header:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn tensors_are_placed() {
        let header = parse(&file(JSON)).unwrap();
        let start = 8 + JSON.len() as u64;
        let tensor = |name: &str, dims: &[u64], tensor_type, offset, n_bytes| TensorInfo {
            name: name.to_owned(),
            dims: dims.to_vec(),
            tensor_type,
            start: start + offset,
            n_bytes,
        };
        let expected = [
            tensor("c", &[3, 1, 2], TensorType::BF16, 8, 12),
            tensor("a", &[1], TensorType::F32, 20, 4),
            tensor("b", &[3, 2], TensorType::F16, 24, 12),
        ];
        assert_eq!(header.tensors, expected);
        assert_eq!(header.others, [("ids".to_owned(), "I64".to_owned())]);
        assert_eq!(header.data_end, start + 36);
        let empty = parse(&file("{}")).unwrap();
        assert_eq!((empty.tensors.len(), empty.data_end), (0, 10));
    }

    #[test]
    fn a_growing_prefix_ends_in_the_header_and_a_cut_file_is_called_so() {
        let whole = file(JSON);
        let (n_header, n_file) = (8 + JSON.len(), whole.len() as u64);
        for n_bytes in 0..whole.len() {
            match SafetensorsHeader::parse(&whole[..n_bytes], Some(n_file)).unwrap() {
                Parsed::NeedMore { at_least } => {
                    assert_eq!(at_least, if n_bytes < 9 { 9 } else { n_header as u64 }, "{n_bytes}");
                    assert!(n_bytes < n_header);
                }
                Parsed::Header(header) => {
                    assert!(n_bytes >= n_header);
                    assert_eq!(header, parse(&whole).unwrap());
                }
            }
            match parse(&whole[..n_bytes]) {
                Err(error @ WeightsError::Truncated { .. }) => {
                    assert!(error.to_string().contains("cut short"), "{error}");
                }
                other => panic!("{n_bytes} bytes gave {other:?}"),
            }
        }
    }

    /// Whatever the bytes, an answer comes back, and what is accepted lies within the file.
    #[test]
    fn corrupt_bytes_never_panic() {
        let whole = file(JSON);
        let mut noise = Noise::new(7);
        let (mut n_refused, mut n_accepted) = (0, 0);
        for _ in 0..20_000 {
            let mut file = whole.clone();
            for _ in 0..=noise.bits() % 2 {
                let position = (noise.bits() % (8 + JSON.len() as u64)) as usize;
                file[position] = match noise.bits() % 3 {
                    0 => file[(noise.bits() % 300) as usize],
                    1 => b'0' + (noise.bits() % 10) as u8,
                    _ => noise.bits() as u8,
                };
            }
            match parse(&file) {
                Ok(header) => {
                    n_accepted += 1;
                    assert!(header.data_end <= file.len() as u64);
                    for tensor in &header.tensors {
                        assert!(tensor.start + tensor.n_bytes <= header.data_end);
                        assert_eq!(tensor.n_rows() * tensor.row_bytes() as u64, tensor.n_bytes);
                    }
                }
                Err(_) => n_refused += 1,
            }
        }
        assert!(n_refused > 100 && n_accepted > 100, "{n_refused} refused, {n_accepted} accepted");
    }

    #[test]
    fn refusals_name_the_thing() {
        let long = "n".repeat(300);
        let cases = [
            ("[1,2]".to_owned(), "does not begin"),
            (JSON.replace("[8,20]", "[7,20]"), "tensors ids and c overlap"),
            (JSON.replace("[8,20]", "[8,21]"), "tensors c and a overlap"),
            (JSON.replace("[24,36]", "[24,37]"), "tensor b needs"),
            (JSON.replace("[24,36]", "[24,18446744073709551615]"), "tensor b needs"),
            (JSON.replace("[24,36]", "[24,18446744073709551616]"), "cannot be read"),
            (JSON.replace("[24,36]", "[24,35]"), "tensor b has 11 bytes"),
            (JSON.replace("[24,36]", "[36,24]"), "before its start"),
            (JSON.replace("[24,36]", "[24]"), "invalid length 1"),
            (JSON.replace("[24,36]", "[24,36,36]"), "cannot be read"),
            (JSON.replace("[24,36]", "[-1,36]"), "cannot be read"),
            (JSON.replace("[2,3]", "[2,3.0]"), "cannot be read"),
            (JSON.replace("[2,3]", "[0,3]"), "impossible dimensions [3, 0]"),
            (JSON.replace("[2,3]", "[4294967296,4294967296,9]"), "impossible dimensions"),
            (JSON.replace("[2,3]", "[1,1,1,1,1,1,1,2,3]"), "more than 8 dimensions"),
            (JSON.replace("\"b\"", "\"a\""), "tensor a appears twice"),
            (JSON.replace("\"b\"", "\"ids\""), "tensor ids appears twice"),
            (JSON.replace("\"b\"", &format!("\"{long}\"")), "300 bytes"),
            (JSON.replace("\"I64\"", &format!("\"{long}\"")), "300 bytes"),
            (JSON.replace("\"dtype\":\"F16\",", ""), "missing field `dtype`"),
            (JSON.replace("\"I64\"", &format!("[{long:?}]")), "cannot be read"),
            (JSON.replace("}}  ", "}  "), "EOF"),
            (format!("{JSON}x"), "trailing"),
            ("{\"a\":".repeat(200_000), "cannot be read"),
        ];
        for (json, expected) in cases {
            let error = refusal(&json);
            assert!(error.contains(expected), "{error} does not say {expected}");
            assert!(error.len() < 400, "{error}");
        }
        let entry = |n: usize| format!("\"{n}\":{{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[0,0]}}");
        let many = |n: usize| format!("{{{}}}", (0..n).map(entry).collect::<Vec<_>>().join(","));
        assert_eq!(parse(&file(&many(MAX_TENSORS))).unwrap().others.len(), MAX_TENSORS);
        assert!(refusal(&many(MAX_TENSORS + 1)).contains("more than 65536 tensors"));
    }

    #[test]
    fn other_files_and_hostile_lengths_are_refused_at_once() {
        let error = SafetensorsHeader::parse(b"<!DOCTYPE html>", None).unwrap_err();
        assert!(error.to_string().contains("does not begin"), "{error}");
        let huge = [&u64::MAX.to_le_bytes()[..], b"{"].concat();
        for file_len in [None, Some(9), Some(1 << 30)] {
            let error = SafetensorsHeader::parse(&huge, file_len).unwrap_err();
            assert_eq!(error, WeightsError::HeaderTooLarge { limit: MAX_HEADER_BYTES });
        }
    }
}
