//! What a chat template may take: bytes that it makes, bytes that it reads, bytes that it prints.
//!
//! Nothing is ever given back, so a budget bounds memory and time whatever a template does. Every value
//! that a template makes is charged here before it is kept (see `template_code` and `template_library`).

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

/// Longest rendered chat, and longest text that a template may make while rendering, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Bytes that a template may make in all.
const MAX_KEPT: usize = 16 * MAX_BYTES;
/// Bytes that a template may print in all, into its text and into variables.
const MAX_PRINTED: usize = 8 * MAX_BYTES;
/// Bytes that a template may read in all, to compare, to search and to copy.
const MAX_READ: usize = 256 * MAX_BYTES;
/// Bytes of a value by itself, as an item of a list.
pub(super) const VALUE_BYTES: usize = 32;
/// Bytes of an entry of a map.
pub(super) const ENTRY_BYTES: usize = 128;
/// What it takes to look at a value, in bytes of text that could be read instead.
const LOOK_BYTES: usize = 256;
/// Deepest nesting of lists and maps.
const MAX_DEPTH: usize = 32;
/// How the errors of too long values begin.
const TOO_LONG: &str = "a value is too long";

/// What one rendering has taken so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    kept: AtomicUsize,
    printed: AtomicUsize,
    read: AtomicUsize,
}

impl Budget {
    /// Takes `n_bytes` for a new value.
    pub(super) fn keep(&self, n_bytes: usize) -> Result<(), Error> {
        take(&self.kept, n_bytes, MAX_KEPT).ok_or_else(too_long)
    }

    /// Takes the bytes of a new text, which may not be longer than what a template may render.
    pub(super) fn keep_text(&self, n_bytes: usize) -> Result<(), Error> {
        if n_bytes > MAX_BYTES { Err(too_long()) } else { self.keep(n_bytes.saturating_add(VALUE_BYTES)) }
    }

    /// Takes what a text costs that is printed.
    pub(super) fn print(&self, n_bytes: usize) -> Result<(), Error> {
        take(&self.printed, n_bytes, MAX_PRINTED).ok_or_else(too_long)?;
        self.keep(n_bytes)
    }

    /// Takes the time of reading `n_bytes`.
    pub(super) fn read(&self, n_bytes: usize) -> Result<(), Error> {
        take(&self.read, n_bytes, MAX_READ).ok_or_else(|| Error::from(ErrorKind::OutOfFuel))
    }

    /// Takes the time of reading a value and all that is in it, shared parts as often as they are met;
    /// gives the bytes that it would have without sharing.
    pub(super) fn read_value(&self, value: &Value) -> Result<usize, Error> {
        self.walk(value, false, 0)
    }

    /// The same for a value that a namespace shall hold: text, numbers, lists and maps only. A namespace
    /// that held itself would never be freed.
    pub(super) fn read_data(&self, value: &Value) -> Result<usize, Error> {
        self.walk(value, true, 0)
    }

    fn walk(&self, value: &Value, is_data: bool, depth: usize) -> Result<usize, Error> {
        if depth > MAX_DEPTH {
            return Err(failed("a value is nested too deep"));
        }
        let n_text = value.as_str().map_or(0, str::len);
        self.read(LOOK_BYTES + n_text)?;
        let mut n_bytes = VALUE_BYTES + n_text;
        let Some(object) = value.as_object() else { return Ok(n_bytes) };
        if is_data && is_machinery(object.type_name()) {
            return Err(failed("a namespace can hold text, numbers, lists and maps only"));
        }
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => {
                for item in object.try_iter().into_iter().flatten() {
                    n_bytes += self.walk(&item, is_data, depth + 1)?;
                }
            }
            ValueKind::Map => {
                for (key, item) in object.try_iter_pairs().into_iter().flatten() {
                    n_bytes += self.walk(&key, is_data, depth + 1)? + self.walk(&item, is_data, depth + 1)?;
                }
            }
            _ => {}
        }
        Ok(n_bytes)
    }

    /// Takes the bytes of a new value, but not those of lists and maps within its items; a list that
    /// would be computed at every look becomes one that is kept.
    pub(super) fn settle(&self, value: Value) -> Result<Value, Error> {
        match value.kind() {
            ValueKind::String => self.keep_text(value.as_str().map_or(0, str::len))?,
            ValueKind::Seq | ValueKind::Iterable => {
                let mut items = Vec::new();
                for item in value.try_iter()? {
                    self.read(LOOK_BYTES)?;
                    let n_items = if item.as_str().is_some() { 0 } else { item.len().unwrap_or(0) };
                    let n_bytes = item.as_str().map_or(n_items.saturating_mul(VALUE_BYTES), str::len);
                    self.keep(n_bytes.saturating_add(VALUE_BYTES))?;
                    items.push(item);
                }
                return Ok(Value::from(items));
            }
            ValueKind::Map => self.keep(value.len().unwrap_or(0).saturating_mul(ENTRY_BYTES))?,
            _ => self.keep(VALUE_BYTES)?,
        }
        Ok(value)
    }
}

/// Adds `n` to a count unless that leads beyond `limit`.
fn take(count: &AtomicUsize, n: usize, limit: usize) -> Option<()> {
    let taken = count.load(Relaxed).saturating_add(n);
    count.store(taken, Relaxed);
    (taken <= limit).then_some(())
}

/// Objects of the template engine itself: namespaces, loops, macros.
fn is_machinery(type_name: &str) -> bool {
    type_name.contains("::vm::") || type_name.ends_with("Namespace")
}

/// The error of a value that has grown too long.
pub(super) fn too_long() -> Error {
    failed(TOO_LONG)
}

/// The error says that a value has grown too long.
pub(super) fn is_too_long(error: &Error) -> bool {
    error.detail() == Some(TOO_LONG)
}

/// An error with words for a person.
pub(super) fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}
