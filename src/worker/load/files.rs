//! A model as a list of named files, each read on its own.

use crate::{
    protocol::{Fault, FaultCode},
    weights::FileDigest,
};

use super::bytes::{ByteSource, MemorySource};

/// The files of a model. One file is the usual case; some come in parts, or with their tokenizer and settings beside them.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait ModelFiles {
    /// The bytes of one file.
    type Source: ByteSource;

    /// The files' names, with the folders below the model's own, such as `1_Pooling/config.json`.
    fn names(&self) -> &[String];

    /// Opens a file from its first byte, by its place in the names.
    ///
    /// # Errors
    /// When the connection or the disk fails, or there is no such file.
    async fn open(&mut self, idx: usize) -> Result<Self::Source, Fault>;
}

/// A small file of the model, whole; `None` when the model has none of that name.
///
/// # Errors
/// When it stops coming, or is longer than `limit` bytes.
pub async fn read_whole<F: ModelFiles>(
    files: &mut F,
    name: &str,
    limit: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(idx) = files.names().iter().position(|found| found == name) else { return Ok(None) };
    let mut source = files.open(idx).await?;
    let known = source.sha256();
    let mut digest = FileDigest::default();
    let (mut all, mut chunk) = (Vec::new(), Vec::new());
    while source.next(&mut chunk).await? {
        if all.len() + chunk.len() > limit {
            let message = format!("{name} is longer than {limit} bytes; it does not belong to a model");
            return Err(Fault::new(FaultCode::BadModel, message));
        }
        digest.push(&chunk);
        all.extend_from_slice(&chunk);
    }
    source.end(&known.unwrap_or_else(|| digest.finish_hex()))?;
    Ok(Some(all))
}

/// Files that are in memory already.
#[derive(Debug)]
pub struct MemoryFiles<'a> {
    names: Vec<String>,
    files: Vec<&'a [u8]>,
    chunk: usize,
}

impl<'a> MemoryFiles<'a> {
    /// Hands out each file in chunks of `chunk` bytes.
    pub fn new(files: &[(&str, &'a [u8])], chunk: usize) -> Self {
        let names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { names, files: files.iter().map(|(_, bytes)| *bytes).collect(), chunk }
    }
}

impl<'a> ModelFiles for MemoryFiles<'a> {
    type Source = MemorySource<'a>;

    fn names(&self) -> &[String] {
        &self.names
    }

    async fn open(&mut self, idx: usize) -> Result<MemorySource<'a>, Fault> {
        self.files
            .get(idx)
            .map(|bytes| MemorySource::new(bytes, self.chunk))
            .ok_or_else(|| Fault::new(FaultCode::Internal, format!("the model has no file number {idx}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollster::block_on;

    #[test]
    fn a_small_file_is_read_whole_by_its_name_and_a_long_one_refused() {
        let long = vec![b'x'; 100];
        let mut files = MemoryFiles::new(&[("a/config.json", b"{}"), ("config.json", &long)], 7);
        assert_eq!(block_on(read_whole(&mut files, "a/config.json", 2)), Ok(Some(b"{}".to_vec())));
        assert_eq!(block_on(read_whole(&mut files, "config.json", 100)), Ok(Some(long.clone())));
        assert_eq!(block_on(read_whole(&mut files, "b.json", 100)), Ok(None));
        let fault = block_on(read_whole(&mut files, "config.json", 99)).unwrap_err();
        assert!(fault.message.contains("config.json is longer than 99 bytes"), "{}", fault.message);
    }
}
