//! Files in pieces, packed with gzip or not.

use std::io::Write;

use flate2::write::MultiGzDecoder;

/// How every file begins that gzip packed.
const GZIP: &[u8] = b"\x1f\x8b";

/// What takes files in pieces.
pub trait Sink {
    /// Begins a file.
    fn begin(&mut self, name: &str);
    /// Takes the next bytes of it.
    fn push(&mut self, bytes: &[u8]);
    /// Ends it.
    fn end(&mut self);
    /// It could not be read to its end.
    fn cut(&mut self, name: &str);
}

/// A file on its way into a sink.
#[derive(Debug)]
pub struct Unpacking {
    unpacker: Option<MultiGzDecoder<Vec<u8>>>,
    name: String,
    is_first: bool,
    is_damaged: bool,
}

impl Unpacking {
    /// Begins a file.
    pub fn begin(name: &str, sink: &mut dyn Sink) -> Self {
        sink.begin(name);
        Self { unpacker: None, name: name.to_owned(), is_first: true, is_damaged: false }
    }

    /// Takes the next bytes of it.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        if std::mem::take(&mut self.is_first) && bytes.starts_with(GZIP) {
            self.unpacker = Some(MultiGzDecoder::new(Vec::new()));
        }
        let Some(unpacker) = &mut self.unpacker else { return sink.push(bytes) };
        // So little at a time that a bomb cannot fill the memory.
        for piece in bytes.chunks(4 << 10) {
            if self.is_damaged {
                return;
            }
            self.is_damaged = unpacker.write_all(piece).is_err();
            sink.push(unpacker.get_ref());
            unpacker.get_mut().clear();
        }
    }

    /// Ends it. What was unpacked of a damaged file counts; its end is cut off.
    pub fn end(self, sink: &mut dyn Sink) {
        if let Some(mut unpacker) = self.unpacker {
            let is_whole = !self.is_damaged && unpacker.try_finish().is_ok();
            sink.push(unpacker.get_ref());
            if !is_whole {
                sink.cut(&self.name);
            }
        }
        sink.end();
    }
}
