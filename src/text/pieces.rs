//! What SentencePiece vocabularies share: the visible space, and what stands for unknown characters.

use super::error::TextError;
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

/// What characters become that the vocabulary lacks: their bytes, else one unknown token per run.
#[derive(Debug)]
pub(super) struct Fallback {
    byte_ids: Option<Vec<u32>>,
    unknown_id: u32,
}

impl Fallback {
    /// Byte tokens count only if all 256 are there.
    pub(super) fn new(entries: &Entries<'_>, unknown_id: Option<u32>) -> Result<Self, TextError> {
        let mut byte_ids = vec![None; 256];
        for (id, text, _) in entries.iter().filter(|(_, _, kind)| *kind == TokenType::Byte) {
            let Some(byte) = byte_of(text) else {
                return Err(TextError::vocabulary(format!("byte token {text:?} names no byte")));
            };
            byte_ids[usize::from(byte)] = Some(id);
        }
        let byte_ids: Option<Vec<u32>> = byte_ids.into_iter().collect();
        let unknown_id = match (unknown_id, &byte_ids) {
            (Some(id), _) => id,
            // Never used: every character has bytes.
            (None, Some(_)) => u32::MAX,
            (None, None) => {
                return Err(TextError::vocabulary(
                    "it has neither an unknown token nor tokens for all bytes",
                ));
            }
        };
        Ok(Self { byte_ids, unknown_id })
    }

    /// Appends what stands for an unknown character; `after_unknown` says that the one before it in
    /// the same text was unknown too.
    pub(super) fn push(&self, text: &str, after_unknown: bool, ids: &mut Vec<u32>) {
        match &self.byte_ids {
            Some(byte_ids) => ids.extend(text.bytes().map(|byte| byte_ids[usize::from(byte)])),
            None if after_unknown => {}
            None => ids.push(self.unknown_id),
        }
    }
}
