//! The JSON of a safetensors header, read without trusting any length in it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(super) const MAX_TENSORS: usize = 65_536;
/// Longest tensor name, in bytes.
const MAX_NAME_BYTES: usize = 256;
/// Longest name of a type, in bytes.
const MAX_DTYPE_BYTES: usize = 32;
/// Most dimensions of a tensor.
const MAX_DIMS: usize = 8;

/// One tensor as the header describes it.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(deserialize_with = "short_text")]
    pub(super) dtype: String,
    #[serde(deserialize_with = "shape")]
    /// Outermost dimension first.
    pub(super) shape: Vec<u64>,
    /// Begin and end, from the start of the data.
    pub(super) data_offsets: [u64; 2],
}

/// All tensors in the order of the JSON.
#[derive(Debug)]
pub(super) struct Directory(pub(super) Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Directory {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DirectoryVisitor).map(Directory)
    }
}

struct DirectoryVisitor;

impl<'de> Visitor<'de> for DirectoryVisitor {
    type Value = Vec<(String, Entry)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
            } else if entries.len() == MAX_TENSORS {
                return Err(A::Error::custom(format!("it has more than {MAX_TENSORS} tensors")));
            } else {
                entries.push((name, map.next_value()?));
            }
        }
        Ok(entries)
    }
}

/// A tensor's name, of a length that is checked before it is kept.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, MAX_NAME_BYTES).map(Name)
    }
}

fn short_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer, MAX_DTYPE_BYTES)
}

fn text<'de, D: serde::Deserializer<'de>>(deserializer: D, max_bytes: usize) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let Text(text) = Text::deserialize(deserializer)?;
    if text.len() > max_bytes {
        return Err(D::Error::custom(format!(
            "a name has {} bytes, at most {max_bytes} are sensible",
            text.len()
        )));
    }
    Ok(text.into_owned())
}

/// A list of at most [`MAX_DIMS`] numbers.
fn shape<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Dims;
    impl<'de> Visitor<'de> for Dims {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of dimensions")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut dims = Vec::new();
            while let Some(dim) = seq.next_element()? {
                if dims.len() == MAX_DIMS {
                    return Err(A::Error::custom(format!("a tensor has more than {MAX_DIMS} dimensions")));
                }
                dims.push(dim);
            }
            Ok(dims)
        }
    }
    deserializer.deserialize_seq(Dims)
}
