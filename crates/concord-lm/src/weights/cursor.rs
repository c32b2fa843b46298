//! Reads little-endian values from a prefix of a file, and says how much more is needed.

use super::error::WeightsError;

/// Why a read stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The prefix is too short: the value ends at this file offset.
    NeedMore { end: u64, what: &'static str },
    /// The file is wrong.
    Wrong(WeightsError),
}

impl From<WeightsError> for Stop {
    fn from(error: WeightsError) -> Self {
        Self::Wrong(error)
    }
}

/// A position in the prefix of a file.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    prefix: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(prefix: &'a [u8]) -> Self {
        Self { prefix, position: 0 }
    }

    /// Offset in the file of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.position as u64
    }

    /// The next `n_bytes` bytes.
    pub(super) fn bytes(&mut self, n_bytes: u64, what: &'static str) -> Result<&'a [u8], Stop> {
        let rest = &self.prefix[self.position..];
        match usize::try_from(n_bytes).ok().and_then(|n_bytes| rest.get(..n_bytes)) {
            Some(bytes) => {
                self.position += bytes.len();
                Ok(bytes)
            }
            None => Err(self.need(n_bytes, what)),
        }
    }

    /// Stops unless `n_bytes` more bytes are in the prefix. Nothing is read.
    pub(super) fn reserve(&self, n_bytes: u64, what: &'static str) -> Result<(), Stop> {
        let available = (self.prefix.len() - self.position) as u64;
        if n_bytes <= available { Ok(()) } else { Err(self.need(n_bytes, what)) }
    }

    fn need(&self, n_bytes: u64, what: &'static str) -> Stop {
        Stop::NeedMore { end: self.position().saturating_add(n_bytes), what }
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Stop> {
        let bytes = self.bytes(N as u64, what)?;
        let mut array = [0; N];
        array.copy_from_slice(bytes);
        Ok(array)
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, Stop> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, Stop> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A string: its length in bytes as u64, then the bytes.
    pub(super) fn string(&mut self, max_bytes: u64, what: &'static str) -> Result<&'a [u8], Stop> {
        let n_bytes = self.u64(what)?;
        if n_bytes > max_bytes {
            let what = format!("{what} claims {n_bytes} bytes, at most {max_bytes} are sensible");
            return Err(WeightsError::Damaged { what }.into());
        }
        self.bytes(n_bytes, what)
    }
}
