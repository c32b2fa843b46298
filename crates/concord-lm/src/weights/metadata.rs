//! Typed metadata of a GGUF file: key and value pairs.

use std::collections::BTreeMap;

use super::cursor::{Cursor, Stop};
use super::error::WeightsError;

/// Longest metadata key, in bytes (the format's own limit).
const MAX_KEY_BYTES: u64 = 65_535;
/// Longest string value, in bytes; chat templates are tens of kilobytes.
const MAX_STRING_BYTES: u64 = 1 << 20;
/// Keys of texts that are used as they are: tokens, merges, the chat template.
const EXACT_KEYS: &str = "tokenizer.";
/// Deepest nesting of arrays in arrays.
const MAX_ARRAY_DEPTH: u32 = 4;

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any unsigned integer type.
    Unsigned(u64),
    /// Any signed integer type.
    Signed(i64),
    /// Either float type.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// Text, without the NULs that end it in some files.
    String(String),
    /// An array of texts.
    Strings(Vec<String>),
    /// An array of numbers or truth values.
    Numbers(Numbers),
    /// An array of arrays.
    Arrays(Vec<Self>),
}

/// An array of numbers, kept as it is stored so that its memory is that of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    kind: Scalar,
    bytes: Vec<u8>,
}

impl Numbers {
    /// Count of numbers.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.kind.n_bytes()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The numbers as values, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value> {
        self.bytes.chunks_exact(self.kind.n_bytes()).map(|bytes| self.kind.value(bytes))
    }
}

/// Scalar types of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scalar {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    U64,
    I64,
    F64,
}

impl Scalar {
    fn from_id(id: u32) -> Option<Self> {
        Some(match id {
            0 => Self::U8,
            1 => Self::I8,
            2 => Self::U16,
            3 => Self::I16,
            4 => Self::U32,
            5 => Self::I32,
            6 => Self::F32,
            7 => Self::Bool,
            10 => Self::U64,
            11 => Self::I64,
            12 => Self::F64,
            _ => return None,
        })
    }

    fn n_bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The value of `self.n_bytes()` little-endian bytes.
    fn value(self, bytes: &[u8]) -> Value {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(wide);
        // Shifting up and back down again carries the sign of the narrow type.
        let shift = 64 - 8 * self.n_bytes() as u32;
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => Value::Unsigned(bits),
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => {
                Value::Signed((bits << shift).cast_signed() >> shift)
            }
            Self::F32 => Value::Float(f64::from(f32::from_bits(bits as u32))),
            Self::F64 => Value::Float(f64::from_bits(bits)),
            Self::Bool => Value::Bool(bits != 0),
        }
    }
}

/// Number of the string type in the format.
const STRING_ID: u32 = 8;
/// Number of the array type in the format.
const ARRAY_ID: u32 = 9;

/// The metadata of a file. Accessors return `None` when the key is absent or of another type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    entries: BTreeMap<String, Value>,
}

impl Metadata {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    /// All keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Puts a key in.
    pub fn insert(&mut self, key: &str, value: Value) {
        self.entries.insert(key.to_owned(), value);
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// A text.
    pub fn string(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A non-negative integer of any stored width that fits in u32.
    pub fn u32(&self, key: &str) -> Option<u32> {
        as_u32(self.get(key)?)
    }

    /// A float of either width, or an integer.
    pub fn f32(&self, key: &str) -> Option<f32> {
        as_f32(self.get(key)?)
    }

    /// A truth value.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match *self.get(key)? {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An array of texts.
    pub fn strings(&self, key: &str) -> Option<&[String]> {
        match self.get(key)? {
            Value::Strings(texts) => Some(texts),
            _ => None,
        }
    }

    /// An array of non-negative integers that fit in u32.
    pub fn u32s(&self, key: &str) -> Option<Vec<u32>> {
        match self.get(key)? {
            Value::Numbers(numbers) => numbers.iter().map(|value| as_u32(&value)).collect(),
            _ => None,
        }
    }

    /// An array of numbers as floats.
    pub fn f32s(&self, key: &str) -> Option<Vec<f32>> {
        match self.get(key)? {
            Value::Numbers(numbers) => numbers.iter().map(|value| as_f32(&value)).collect(),
            _ => None,
        }
    }

    /// An array of bytes, stored signed or unsigned.
    pub fn bytes(&self, key: &str) -> Option<&[u8]> {
        match self.get(key)? {
            Value::Numbers(Numbers { kind: Scalar::U8 | Scalar::I8, bytes }) => Some(bytes),
            _ => None,
        }
    }

    /// Reads `n_entries` pairs.
    pub(super) fn read(cursor: &mut Cursor<'_>, n_entries: u64) -> Result<Self, Stop> {
        let mut entries = BTreeMap::new();
        for _ in 0..n_entries {
            let key = Texts::Readable.read(cursor.string(MAX_KEY_BYTES, "a metadata key")?)?;
            let type_id = cursor.u32("a metadata type")?;
            let texts = if key.starts_with(EXACT_KEYS) { Texts::Exact } else { Texts::Readable };
            let value = read_value(cursor, type_id, texts, 0)?;
            if entries.contains_key(&key) {
                return Err(WeightsError::damaged(format!("metadata key {key:?} appears twice")).into());
            }
            entries.insert(key, value);
        }
        Ok(Self { entries })
    }
}

/// An integer value that fits in u32.
fn as_u32(value: &Value) -> Option<u32> {
    match *value {
        Value::Unsigned(value) => u32::try_from(value).ok(),
        Value::Signed(value) => u32::try_from(value).ok(),
        _ => None,
    }
}

/// A float, or an integer as one.
fn as_f32(value: &Value) -> Option<f32> {
    match *value {
        Value::Float(value) => Some(value as f32),
        Value::Unsigned(value) => Some(value as f32),
        Value::Signed(value) => Some(value as f32),
        _ => None,
    }
}

/// How the texts of an entry are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    /// What is not UTF-8 is refused.
    Exact,
    /// What is not UTF-8 becomes U+FFFD: nothing depends on a licence or an author's name.
    Readable,
}

impl Texts {
    fn read(self, bytes: &[u8]) -> Result<String, WeightsError> {
        match self {
            Self::Exact => text(bytes, "a metadata text"),
            Self::Readable => Ok(String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

/// Checks that bytes are UTF-8.
pub(super) fn text(bytes: &[u8], what: &'static str) -> Result<String, WeightsError> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(WeightsError::damaged(format!("{what} is not UTF-8: {error}"))),
    }
}

/// Reads a value of the given type; `depth` counts the arrays around it.
fn read_value(cursor: &mut Cursor<'_>, type_id: u32, texts: Texts, depth: u32) -> Result<Value, Stop> {
    if let Some(kind) = Scalar::from_id(type_id) {
        return Ok(kind.value(cursor.bytes(kind.n_bytes() as u64, "a metadata value")?));
    }
    match type_id {
        STRING_ID => {
            let bytes = cursor.string(MAX_STRING_BYTES, "a metadata text")?;
            let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            Ok(Value::String(texts.read(&bytes[..end])?))
        }
        ARRAY_ID => read_array(cursor, texts, depth),
        _ => Err(WeightsError::damaged(format!("metadata type {type_id} does not exist")).into()),
    }
}

/// Reads an array: element type, count, elements. Checks that the prefix can hold the elements before
/// it allocates for them, so memory is bounded by what was really read.
fn read_array(cursor: &mut Cursor<'_>, texts: Texts, depth: u32) -> Result<Value, Stop> {
    if depth >= MAX_ARRAY_DEPTH {
        let what = format!("metadata arrays are nested more than {MAX_ARRAY_DEPTH} deep");
        return Err(WeightsError::Damaged { what }.into());
    }
    let type_id = cursor.u32("a metadata array")?;
    let n_values = cursor.u64("a metadata array")?;
    if let Some(kind) = Scalar::from_id(type_id) {
        let n_bytes = n_values.saturating_mul(kind.n_bytes() as u64);
        let bytes = cursor.bytes(n_bytes, "a metadata array")?.to_vec();
        return Ok(Value::Numbers(Numbers { kind, bytes }));
    }
    // A string takes at least its length of 8 bytes, an array its type and count of 12.
    let least_bytes = if type_id == STRING_ID { 8 } else { 12 };
    cursor.reserve(n_values.saturating_mul(least_bytes), "a metadata array")?;
    match type_id {
        STRING_ID => {
            let mut strings = Vec::with_capacity(n_values as usize);
            for _ in 0..n_values {
                let bytes = cursor.string(MAX_STRING_BYTES, "a metadata text")?;
                strings.push(texts.read(bytes)?);
            }
            Ok(Value::Strings(strings))
        }
        ARRAY_ID => (0..n_values)
            .map(|_| read_array(cursor, texts, depth + 1))
            .collect::<Result<_, _>>()
            .map(Value::Arrays),
        _ => Err(WeightsError::damaged(format!("metadata type {type_id} does not exist")).into()),
    }
}
