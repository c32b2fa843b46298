//! Writes archives: the same files give the same bytes, on every machine and at any time.

use std::io::Write;

use miniz_oxide::{
    DataFormat,
    deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress},
};
use rawzip::{CompressionMethod, Crc32, DataDescriptorOutput, ZipArchiveWriter, time::UtcDateTime};

use super::ArchiveError;

/// How hard is packed, of 10: above it, texts take much longer and get hardly smaller.
const LEVEL: u8 = 4;
/// Bytes that come out of the compressor at once.
const OUT_BYTES: usize = 32 << 10;
/// 1 January 1980, in seconds since 1970: the earliest date that a zip can have. A date of today would make every file another.
const DATE: i64 = 315_532_800;

/// Writes an archive of files in this order.
///
/// # Errors
/// [`ArchiveError::Unwritable`] where a name is too long, and [`ArchiveError::Name`] where one stands twice.
pub fn write(entries: &[(&str, &[u8])]) -> Result<Vec<u8>, ArchiveError> {
    let mut packer = Packer::default();
    for (name, bytes) in entries {
        packer.begin(name)?;
        packer.push(bytes)?;
    }
    packer.finish()
}

/// Writes an archive in steps, each as long as the bytes that it is given.
#[derive(Debug)]
pub struct Packer {
    archive: ZipArchiveWriter<Vec<u8>>,
    names: Vec<String>,
    open: Option<Open>,
}

/// The file that is being packed.
struct Open {
    compressor: Box<CompressorOxide>,
    packed: Vec<u8>,
    crc: Crc32,
    n_bytes: u64,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("n_bytes", &self.n_bytes).finish_non_exhaustive()
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self { archive: ZipArchiveWriter::new(Vec::new()), names: Vec::new(), open: None }
    }
}

impl Packer {
    /// Begins a file; the one before it is complete.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn begin(&mut self, name: &str) -> Result<(), ArchiveError> {
        self.end()?;
        if self.names.iter().any(|known| known == name) {
            return Err(ArchiveError::Name { name: name.to_owned(), reason: "which stands in it twice" });
        }
        self.names.push(name.to_owned());
        let mut compressor = Box::<CompressorOxide>::default();
        compressor.set_format_and_level(DataFormat::Raw, LEVEL);
        self.open = Some(Open { compressor, packed: Vec::new(), crc: Crc32::new(), n_bytes: 0 });
        Ok(())
    }

    /// Adds to the file that was begun.
    ///
    /// # Errors
    /// As [`write()`], and where none was begun.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let open = self.open.as_mut().ok_or_else(|| unwritable(&"no file was begun"))?;
        open.crc.update(bytes);
        open.n_bytes += bytes.len() as u64;
        open.compress(bytes, TDEFLFlush::None)
    }

    fn end(&mut self) -> Result<(), ArchiveError> {
        let (Some(mut open), Some(name)) = (self.open.take(), self.names.last()) else { return Ok(()) };
        open.compress(&[], TDEFLFlush::Finish)?;
        let file = self.archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, _counts_itself) =
            file.last_modified(UtcDateTime::from_unix(DATE)).start().map_err(|error| unwritable(&error))?;
        entry.write_all(&open.packed).map_err(|error| unwritable(&error))?;
        let counted = DataDescriptorOutput::new(open.crc.checksum(), open.n_bytes);
        entry.finish(counted).map_err(|error| unwritable(&error))?;
        Ok(())
    }

    /// The whole archive.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        self.end()?;
        self.archive.finish().map_err(|error| unwritable(&error))
    }
}

impl Open {
    fn compress(&mut self, mut bytes: &[u8], flush: TDEFLFlush) -> Result<(), ArchiveError> {
        loop {
            let at = self.packed.len();
            self.packed.resize(at + OUT_BYTES, 0);
            let (status, n_in, n_out) = compress(&mut self.compressor, bytes, &mut self.packed[at..], flush);
            self.packed.truncate(at + n_out);
            bytes = &bytes[n_in..];
            match status {
                TDEFLStatus::Done => return Ok(()),
                TDEFLStatus::Okay if bytes.is_empty() && flush == TDEFLFlush::None && n_out < OUT_BYTES => {
                    return Ok(());
                }
                TDEFLStatus::Okay => {}
                _ => return Err(unwritable(&"packing failed")),
            }
        }
    }
}

fn unwritable(error: &dyn std::fmt::Display) -> ArchiveError {
    ArchiveError::Unwritable { reason: error.to_string() }
}
