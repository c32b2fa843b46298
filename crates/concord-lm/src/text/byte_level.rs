//! The alphabet of byte-level BPE: one printable character per byte (Radford et al. 2019, GPT-2).
//!
//! Printable Latin-1 bytes stand for themselves; the 68 others follow from U+0100 on, in order.

/// The character of every byte.
pub(super) fn byte_chars() -> [char; 256] {
    let mut chars = ['\0'; 256];
    let mut spare = '\u{100}'..;
    for byte in 0..=255u8 {
        let is_printable = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
        let char = if is_printable { Some(char::from(byte)) } else { spare.next() };
        chars[usize::from(byte)] = char.unwrap_or('\0');
    }
    chars
}

/// The bytes that a token's characters stand for; `None` when one stands for no byte.
pub(super) fn token_bytes(token: &str, byte_by_char: &[Option<u8>]) -> Option<Vec<u8>> {
    token.chars().map(|char| byte_by_char.get(char as usize).copied().flatten()).collect()
}

/// The byte of every character, indexed by code point.
pub(super) fn bytes_by_char() -> Vec<Option<u8>> {
    let mut bytes = vec![None; 0x100 + 68];
    for (byte, char) in (0..=255u8).zip(byte_chars()) {
        bytes[char as usize] = Some(byte);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_character() {
        let chars = byte_chars();
        // Known from GPT-2's vocabulary: the space is U+0120 and the line feed U+010A.
        assert_eq!(chars[usize::from(b' ')], '\u{120}');
        assert_eq!(chars[usize::from(b'\n')], '\u{10a}');
        assert_eq!(chars[usize::from(b'A')], 'A');
        assert_eq!(chars[0xad], '\u{143}');
        let table = bytes_by_char();
        for (byte, char) in (0..=255u8).zip(chars) {
            assert_eq!(token_bytes(&char.to_string(), &table), Some(vec![byte]));
        }
        assert_eq!(token_bytes("a b", &table), None);
        assert_eq!(token_bytes("語", &table), None);
    }
}
