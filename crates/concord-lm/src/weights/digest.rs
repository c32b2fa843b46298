//! SHA-256 of a file that arrives in chunks.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Running SHA-256 of a file.
#[derive(Clone, Debug, Default)]
pub struct FileDigest {
    hasher: Sha256,
    n_bytes: u64,
}

impl FileDigest {
    /// Takes the next bytes of the file.
    pub fn push(&mut self, chunk: &[u8]) {
        self.hasher.update(chunk);
        self.n_bytes += chunk.len() as u64;
    }

    /// Bytes taken so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The digest as 64 lower-case hexadecimal digits.
    pub fn finish_hex(self) -> String {
        let digest = self.hasher.finalize();
        digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_do_not_matter() {
        let mut digest = FileDigest::default();
        digest.push(b"a");
        digest.push(b"");
        digest.push(b"bc");
        assert_eq!(digest.n_bytes(), 3);
        // The example of FIPS 180-4.
        assert_eq!(digest.finish_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
