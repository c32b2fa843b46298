//! SentencePiece's precompiled character map: replacements for prefixes of a text.
//!
//! Little-endian: the byte length of a double array, the array as 32-bit units, then all replacements,
//! each ended by a zero byte (Darts; Kanda 2018, "Space- and time-efficient string dictionaries").
//! Written here because the `tokenizers` library looks graphemes up, not the longest prefix.

use super::error::TextError;

/// Looks up what the longest known prefix of a text is replaced by.
#[derive(Debug, Default)]
pub(super) struct Charsmap {
    units: Vec<u32>,
    replacements: String,
}

impl Charsmap {
    /// Reads a map; all bounds of its parts are checked, those within the array when it is walked.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, TextError> {
        let damaged = || TextError::vocabulary("its character map is damaged");
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (array, texts) = rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or_else(damaged)?;
        let (units, []) = array.as_chunks::<4>() else { return Err(damaged()) };
        match str::from_utf8(texts) {
            Ok(texts) if texts.ends_with('\0') => Ok(Self {
                units: units.iter().map(|unit| u32::from_le_bytes(*unit)).collect(),
                replacements: texts.to_owned(),
            }),
            _ => Err(damaged()),
        }
    }

    /// Length of the longest prefix of `text` that is replaced, and by what.
    pub(super) fn longest_prefix(&self, text: &str) -> Option<(usize, &str)> {
        let mut longest = None;
        let mut node = base(self.unit(0)?) as usize;
        for (position, byte) in text.bytes().enumerate() {
            node ^= usize::from(byte);
            let Some(unit) = self.unit(node) else { break };
            // The label, with the sign bit that marks values; a zero byte ends every key.
            if byte == 0 || unit & 0x8000_00ff != u32::from(byte) {
                break;
            }
            node ^= base(unit) as usize;
            if unit & 0x100 != 0
                && let Some(value) = self.unit(node)
                && let Some(replacement) = self.replacement(value & 0x7fff_ffff)
                && text.is_char_boundary(position + 1)
            {
                longest = Some((position + 1, replacement));
            }
        }
        longest
    }

    /// No walk leaves the array, and every value is where a replacement can begin. What this module
    /// checks at every step, others take for granted.
    pub(super) fn is_closed(&self) -> bool {
        let Some(root) = self.unit(0) else { return false };
        let mut is_seen = vec![false; self.units.len()];
        let mut nodes = vec![base(root) as usize];
        while let Some(node) = nodes.pop() {
            for byte in 1..=255u8 {
                let child = node ^ usize::from(byte);
                let Some(unit) = self.unit(child) else { return false };
                if unit & 0x8000_00ff != u32::from(byte) || std::mem::replace(&mut is_seen[child], true) {
                    continue;
                }
                let next = child ^ base(unit) as usize;
                let is_text = |value: u32| self.replacement(value & 0x7fff_ffff).is_some();
                if unit & 0x100 != 0 && !self.unit(next).is_some_and(is_text) {
                    return false;
                }
                nodes.push(next);
            }
        }
        true
    }

    fn unit(&self, node: usize) -> Option<u32> {
        self.units.get(node).copied()
    }

    fn replacement(&self, offset: u32) -> Option<&str> {
        self.replacements.get(offset as usize..)?.split('\0').next()
    }
}

/// Where the children of a node are, relative to it.
fn base(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 0x200) >> 6)
}
