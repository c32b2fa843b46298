//! Bytes of a model file, however they come.

use crate::protocol::Fault;

/// A file read once from its start to its end.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait ByteSource {
    /// Length of the file, where it is known.
    fn n_bytes(&self) -> Option<u64>;

    /// Puts the next bytes into `buffer`, replacing what it held; `false` at the end.
    ///
    /// # Errors
    /// When the connection or the disk fails.
    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault>;

    /// SHA-256 of the whole file, where the source knows it and checks every byte that it hands out; else the reader
    /// works it out on the way.
    fn sha256(&self) -> Option<String> {
        None
    }

    /// Told by the reader when it will not read for a while: a connection that is open ends. The next bytes are still
    /// the ones after the last.
    fn pause(&mut self) {}

    /// Told by the reader when it has taken the last byte, with the SHA-256 of all.
    ///
    /// # Errors
    /// When that is not the file that was promised.
    fn end(&mut self, sha256: &str) -> Result<(), Fault> {
        let _any_file_will_do = sha256;
        Ok(())
    }
}

/// Bytes that are in memory already, handed out in chunks.
#[derive(Debug)]
pub struct MemorySource<'a> {
    rest: &'a [u8],
    n_bytes: u64,
    chunk: usize,
}

impl<'a> MemorySource<'a> {
    /// Hands out `bytes` in chunks of `chunk` bytes.
    pub fn new(bytes: &'a [u8], chunk: usize) -> Self {
        Self { rest: bytes, n_bytes: bytes.len() as u64, chunk }
    }
}

impl ByteSource for MemorySource<'_> {
    fn n_bytes(&self) -> Option<u64> {
        Some(self.n_bytes)
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        let (chunk, rest) = self.rest.split_at(self.chunk.min(self.rest.len()));
        buffer.clear();
        buffer.extend_from_slice(chunk);
        self.rest = rest;
        Ok(!chunk.is_empty())
    }
}
