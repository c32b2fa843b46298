//! The one spelling of digits, marks and spaces that the rest of the reader sees.

use crate::data::digit_value;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_offsets() {
        let glyphs = fold("–१２\u{200f}٣");
        let spelled: String = glyphs.iter().map(|g| g.c).collect();
        assert_eq!(spelled, "-123");
        assert_eq!(glyphs.iter().map(|g| g.at).collect::<Vec<_>>(), [0, 3, 6, 12]);
    }
}
