//! Detokenisation of a growing response: characters come out whole, as soon as they are.

use super::tokenizer::Tokenizer;

/// Holds back the bytes of an unfinished character. What all pushes and the finish return, joined, is
/// [`Tokenizer::decode`] of all ids.
#[derive(Clone, Debug, Default)]
pub struct StreamDecoder {
    /// An incomplete UTF-8 sequence: at most 3 bytes between calls.
    pending: Vec<u8>,
    /// Something has come; what begins a text may lose its first space.
    is_begun: bool,
}

impl StreamDecoder {
    /// A decoder at the start of a response.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next token and returns the characters that it completes. Special tokens give none.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> String {
        let bytes = tokenizer.token_bytes(id, false);
        let begins = !self.is_begun;
        self.is_begun |= !bytes.is_empty();
        self.push_bytes(if begins { tokenizer.without_first_space(bytes) } else { bytes })
    }

    /// Takes bytes and returns the characters that they complete; bytes that can begin no character
    /// become U+FFFD at once.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let n_ready = self.pending.len() - incomplete_tail(&self.pending);
        let ready: Vec<u8> = self.pending.drain(..n_ready).collect();
        String::from_utf8_lossy(&ready).into_owned()
    }

    /// The response is over: what is held back becomes U+FFFD.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }
}

/// Length of the unfinished character at the end of `bytes`: 0 to 3.
fn incomplete_tail(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        match str::from_utf8(rest) {
            Ok(_) => return 0,
            Err(error) => match error.error_len() {
                None => return rest.len() - error.valid_up_to(),
                Some(n_wrong) => rest = &rest[error.valid_up_to() + n_wrong..],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = StreamDecoder::new();
        let mut out: Vec<String> = pieces.iter().map(|piece| decoder.push_bytes(piece)).collect();
        out.push(decoder.finish());
        out
    }

    #[test]
    fn characters_come_out_whole() {
        let cases: [(&[&[u8]], &[&str]); 6] = [
            (&[b"ab", b"c"], &["ab", "c", ""]),
            (&[b"\xe0\xa6", b"\x95x"], &["", "কx", ""]),
            (&[b"\xf0", b"\x9f", b"\x98", b"\x80"], &["", "", "", "😀", ""]),
            (&[b"a\xe4\xb8"], &["a", "\u{fffd}"]),
            (&[b"\xff", b"b"], &["\u{fffd}", "b", ""]),
            (&[b"\xe4\xb8", b"z"], &["", "\u{fffd}z", ""]),
        ];
        for (pieces, expected) in cases {
            assert_eq!(stream(pieces), expected, "{pieces:?}");
        }
    }

    proptest! {
        /// However bytes are cut, the parts join to the lossy text of the whole.
        #[test]
        fn parts_join_to_the_whole(bytes: Vec<u8>, text: String, n_piece in 1usize..5) {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                let pieces: Vec<&[u8]> = bytes.chunks(n_piece).collect();
                prop_assert_eq!(stream(&pieces).concat(), String::from_utf8_lossy(bytes));
            }
        }
    }
}
