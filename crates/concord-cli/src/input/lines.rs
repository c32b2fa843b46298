//! Lines of a text file, packed or not, none longer than a limit.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::kind::{FileKind, kind_of};
use crate::error::{CliError, Place};

/// The longest line, in bytes.
pub(crate) const MOST_LINE_BYTES: u64 = 64 << 20;
const BUFFER_BYTES: usize = 1 << 18;

/// Reads line after line into one buffer.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    is_packed: bool,
    place: Place,
    line: Vec<u8>,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        let file =
            BufReader::with_capacity(BUFFER_BYTES, File::open(path).map_err(CliError::unreadable(path))?);
        let is_packed = kind_of(path) == Some(FileKind::PackedLines);
        let reader: Box<dyn BufRead> = if is_packed {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self { reader, is_packed, place: Place { path: path.to_owned(), line: 0 }, line: Vec::new() })
    }

    /// Where the line that was read last stands.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The next line that is not empty, without its end; `None` after the last.
    pub(crate) fn next_line(&mut self) -> Result<Option<&[u8]>, CliError> {
        loop {
            self.line.clear();
            self.place.line += 1;
            let mut limited = self.reader.by_ref().take(MOST_LINE_BYTES + 1);
            let n = match limited.read_until(b'\n', &mut self.line) {
                Ok(n) => n,
                Err(error) => return Err(self.broken(error)),
            };
            if n == 0 {
                return Ok(None);
            }
            if n as u64 > MOST_LINE_BYTES {
                return Err(CliError::LongLine { place: self.place() });
            }
            if self.place.line == 1 && self.line.starts_with("\u{feff}".as_bytes()) {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(self.line.trim_ascii()));
            }
        }
    }

    fn broken(&self, error: std::io::Error) -> CliError {
        let is_of_gzip = matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput
        );
        if self.is_packed && is_of_gzip {
            return CliError::CutGzip { place: self.place() };
        }
        CliError::Unreadable { path: self.place.path.clone(), reason: error }
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("place", &self.place).finish_non_exhaustive()
    }
}
