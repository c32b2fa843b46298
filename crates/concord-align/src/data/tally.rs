//! Counts and hashes the bytes of a file, some at a time.

use sha2::{Digest, Sha256};

/// What has been written of a file so far: how many bytes, and their SHA-256.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    hash: Sha256,
    n_bytes: u64,
}

impl Tally {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.n_bytes += bytes.len() as u64;
    }

    /// How many bytes were taken.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Their SHA-256 as lower-case hex digits.
    pub fn sha256(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn pieces_count_as_the_whole() {
        let mut tally = Tally::default();
        tally.push(b"a");
        tally.push(b"bc");
        assert_eq!(tally.n_bytes(), 3);
        // FIPS 180-2, example B.1.
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(tally.sha256(), wanted);
    }
}
