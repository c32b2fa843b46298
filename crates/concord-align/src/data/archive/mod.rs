//! Zip archives in and out, as bytes.
//!
//! An archive comes from anywhere, so nothing of it is believed: names, counts, declared sizes and ratios have limits, what comes out
//! is counted again and its checksum compared, and parts that overlap are refused. [`read`] and [`write()`] do it in one go;
//! [`Unpacker`] and [`Packer`] in small steps, for a page that must not stand still.

mod pack;
mod unpack;

#[cfg(test)]
mod tests;

pub use pack::{Packer, write};
pub use unpack::{OPEN_DOCUMENT, Piece, Unpacker, has_entry, is_archive, is_office_document, read};

/// What an archive may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in it; folders count too.
    pub n_entries: usize,
    /// Bytes of all files together, unpacked.
    pub n_bytes: u64,
    /// How many times larger than packed a file of more than [`FREE_BYTES`] may be.
    pub ratio: u64,
}

/// Bytes that a file may have whatever its ratio: small files of one letter are no danger.
pub const FREE_BYTES: u64 = 4 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { n_entries: 1_000, n_bytes: 1 << 30, ratio: 200 }
    }
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, with `/` between folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why an archive cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are no zip archive, or not all of one.
    #[error("this zip archive is damaged or not complete ({reason}): get it again")]
    Damaged {
        /// What does not fit.
        reason: String,
    },
    /// A file in it is not what was packed.
    #[error("{name} in this zip archive is damaged ({reason}): get the archive again")]
    DamagedEntry {
        /// Which file.
        name: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// A file in it asks for a password.
    #[error("{name} in this zip archive is encrypted: pack it again without a password")]
    Encrypted {
        /// Which file.
        name: String,
    },
    /// A file in it is packed in a way that is not read here.
    #[error(
        "{name} in this zip archive is packed as {method}, which is not read here: pack it again as an ordinary zip (deflate)"
    )]
    Method {
        /// Which file.
        name: String,
        /// How it is packed.
        method: String,
    },
    /// A name that leads out of the archive, or stands twice.
    #[error("this zip archive has a file named {name:?}, {reason}: pack it again")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too many files.
    #[error("this zip archive holds more than {most} files: pack only those that are needed")]
    TooMany {
        /// How many are read.
        most: usize,
    },
    /// Too much in it.
    #[error("this zip archive unpacks to more than {} MB: pack less into it", most >> 20)]
    TooLarge {
        /// How many bytes are read.
        most: u64,
    },
    /// A file that unpacks to hundreds of times its size is made to fill memory.
    #[error(
        "{name} in this zip archive unpacks to more than {ratio} times its size, as only archives do that are made to fill memory"
    )]
    TooDense {
        /// Which file.
        name: String,
        /// The highest ratio that is read.
        ratio: u64,
    },
    /// The archive could not be written.
    #[error("the zip archive could not be written ({reason})")]
    Unwritable {
        /// Why.
        reason: String,
    },
}
