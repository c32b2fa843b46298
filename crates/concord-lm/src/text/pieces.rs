//! What SentencePiece vocabularies share: the visible space, and what stands for unknown characters.

use super::vocabulary::{Entries, TokenType};

/// SentencePiece writes a space as this.
pub(super) const SPACE: char = '\u{2581}';

/// The bytes of a SentencePiece token.
pub(super) fn piece_bytes(text: &str, token_type: TokenType) -> Vec<u8> {
    match (token_type, byte_of(text)) {
        (TokenType::Byte, Some(byte)) => vec![byte],
        _ => text.replace(SPACE, " ").into_bytes(),
    }
}

/// The byte of a token text such as `<0x2A>`.
pub(super) fn byte_of(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() == 2 { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// What characters become that the vocabulary lacks: their bytes, else one unknown token per run, else nothing.
#[derive(Debug)]
pub(super) struct Fallback {
    /// By byte.
    byte_ids: Vec<Option<u32>>,
    unknown_id: Option<u32>,
}

impl Fallback {
    /// Reads the byte tokens, of which some or all may be missing.
    pub(super) fn new(entries: &Entries<'_>, unknown_id: Option<u32>) -> Self {
        let mut byte_ids = vec![None; 256];
        for (id, text, _) in entries.iter().filter(|(_, _, kind)| *kind == TokenType::Byte) {
            if let Some(byte) = byte_of(text) {
                byte_ids[usize::from(byte)] = Some(id);
            }
        }
        Self { byte_ids, unknown_id }
    }

    /// Appends what stands for an unknown character; `after_unknown` says that the one before it in
    /// the same text was unknown too.
    pub(super) fn push(&self, text: &str, after_unknown: bool, ids: &mut Vec<u32>) {
        match self.bytes_of(text) {
            Some(bytes) => ids.extend(bytes),
            None if after_unknown => {}
            None => ids.extend(self.unknown_id),
        }
    }

    /// The tokens of all bytes of a text.
    pub(super) fn bytes_of(&self, text: &str) -> Option<Vec<u32>> {
        text.bytes().map(|byte| self.byte_ids[usize::from(byte)]).collect()
    }
}
