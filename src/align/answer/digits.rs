//! Decimal digits of every script (Unicode general category Nd), and the one spelling the rest of the reader sees.
//!
//! Digits come in runs of ten code points, zero first, so a table of zeros is enough (Unicode 16).

/// One character of a text in the reader's spelling, and where it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The folded character: ASCII digits, one minus, one kind of fixed space.
    pub(super) c: char,
    /// Byte offset in the text.
    pub(super) at: usize,
}

/// A space that does not break, or a thin one: what typographers put between groups of digits.
pub(super) const FIXED_SPACE: char = '\u{a0}';

/// The value of a decimal digit of any script.
pub fn digit_value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let idx = ZEROS.partition_point(|&zero| zero <= u32::from(c)).checked_sub(1)?;
    let value = u32::from(c) - ZEROS[idx];
    (value < 10).then_some(value)
}

/// Folds a text: digits of all scripts, full-width forms, minus signs, spaces, slashes and apostrophes each get one
/// spelling; marks of direction go. Letters stay, in lower case where that is one character.
pub(super) fn fold(text: &str) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    let mut before = '\0';
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or('\0', |&(_, c)| c);
        if let Some(c) = folded(before, c, after) {
            glyphs.push(Glyph { c, at });
        }
        before = c;
    }
    glyphs
}

fn folded(before: char, c: char, after: char) -> Option<char> {
    if let Some(value) = digit_value(c) {
        return char::from_digit(value, 10);
    }
    let full_width = |c: char| ('\u{ff10}'..='\u{ff19}').contains(&c);
    match c {
        '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => None,
        // A full-width comma is punctuation unless it stands among full-width digits.
        '\u{ff0c}' if !(full_width(before) && full_width(after)) => Some(c),
        '\u{ff0d}' | '\u{2212}' | '\u{fe63}' | '\u{2010}' | '\u{2011}' | '\u{2013}' => Some('-'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map(lower),
        '\u{a0}' | '\u{2007}'..='\u{200a}' | '\u{202f}' => Some(FIXED_SPACE),
        '\n' => Some('\n'),
        '\u{2044}' | '\u{2215}' => Some('/'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => Some('\''),
        '\u{66a}' => Some('%'),
        c if c.is_whitespace() => Some(' '),
        c => Some(lower(c)),
    }
}

fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    match (all.next(), all.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

/// The code points of digit zero, ascending.
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da,
    0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0,
    0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0,
    0x1e5f1, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_ascend_and_do_not_overlap() {
        assert!(ZEROS.windows(2).all(|pair| pair[0] + 10 <= pair[1]));
        for zero in ZEROS {
            for value in 0..10 {
                let c = char::from_u32(zero + value).unwrap();
                assert_eq!(digit_value(c), Some(value), "{c}");
            }
        }
    }

    #[test]
    fn every_digit_is_numeric_and_neighbours_are_no_digits() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            if let Some(value) = digit_value(c) {
                assert!(value < 10 && c.is_numeric(), "{c:?}");
            }
        }
        for c in ['½', '²', 'Ⅻ', '十', '①', '௰', '٫'] {
            assert_eq!(digit_value(c), None, "{c}");
        }
    }

    #[test]
    fn folding_keeps_offsets() {
        let glyphs = fold("–१２\u{200f}٣");
        let spelled: String = glyphs.iter().map(|g| g.c).collect();
        assert_eq!(spelled, "-123");
        assert_eq!(glyphs.iter().map(|g| g.at).collect::<Vec<_>>(), [0, 3, 6, 12]);
    }
}
