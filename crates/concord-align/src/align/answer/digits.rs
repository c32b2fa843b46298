//! Folds a text into one spelling of letters, digits, marks and spaces. The rest of the reader sees nothing else.

use unicode_normalization::char::{compose, decompose_canonical};

use crate::data::digit_value;

/// One character of a text in the reader's spelling, and where it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The folded character: ASCII digits, one minus, one kind of fixed space.
    pub(super) c: char,
    /// The character as written; for what was rewritten, the folded one.
    pub(super) raw: char,
    /// Byte offset in the text.
    pub(super) at: usize,
    /// Byte offset of its end.
    pub(super) end: usize,
}

/// Stands for every no-break or thin space: what typographers put between groups of digits.
pub(super) const FIXED_SPACE: char = '\u{a0}';

/// Folds a text. Digits of all scripts, full-width forms, minus signs, spaces, slashes and apostrophes each get one spelling.
/// Direction marks, joiners and the vowel points of Arabic and Hebrew are dropped. Letters are composed, and put in lower
/// case where that is one character. The forms of alef, yeh and kaf that differ between languages and keyboards become one.
pub(super) fn fold(text: &str) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    let mut before = '\0';
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or('\0', |&(_, c)| c);
        let end = at + c.len_utf8();
        if let Some(folded) = folded(before, c, after) {
            push(&mut glyphs, Glyph { c: folded, raw: c, at, end });
        }
        before = c;
    }
    glyphs
}

/// A word of the lexicon in the same spelling.
pub(super) fn fold_word(word: &str) -> Vec<char> {
    fold(word).into_iter().map(|g| g.c).collect()
}

/// Adds a glyph, joined to the one before where the two have a composed form.
fn push(glyphs: &mut Vec<Glyph>, glyph: Glyph) {
    // What Unicode never composes (nukta letters) is taken apart, so that both spellings look alike.
    if matches!(glyph.c, '\u{958}'..='\u{95f}' | '\u{9dc}'..='\u{9df}' | '\u{a33}'..='\u{a5e}' | '\u{b5c}' | '\u{b5d}' | '\u{fb1d}'..='\u{fb4e}')
    {
        decompose_canonical(glyph.c, |c| glyphs.push(Glyph { c, ..glyph }));
        return;
    }
    let joined = glyphs.last().filter(|_| !glyph.c.is_ascii()).and_then(|last| compose(last.c, glyph.c));
    match (joined, glyphs.last_mut()) {
        (Some(c), Some(last)) => {
            (last.c, last.end) = (lower(c), glyph.end);
        }
        _ => glyphs.push(glyph),
    }
}

fn folded(before: char, c: char, after: char) -> Option<char> {
    if let Some(value) = digit_value(c) {
        return char::from_digit(value, 10);
    }
    let full_width = |c: char| ('\u{ff10}'..='\u{ff19}').contains(&c);
    match c {
        '\u{200b}'..='\u{200f}'
        | '\u{61c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe0e}'
        | '\u{fe0f}'
        | '\u{640}'
        | '\u{64b}'..='\u{652}'
        | '\u{670}'
        | '\u{591}'..='\u{5bd}'
        | '\u{5bf}'..='\u{5c7}'
        | '\u{ad}'
        | '\u{feff}'
        // The reader's own signs (see `latex`): in a text they would pass for boxes.
        | '\u{e000}'..='\u{e002}' => None,
        '\u{622}' | '\u{623}' | '\u{625}' | '\u{671}' => Some('\u{627}'),
        '\u{649}' | '\u{6cc}' | '\u{6d0}' => Some('\u{64a}'),
        '\u{6a9}' | '\u{6aa}' => Some('\u{643}'),
        '\u{6c1}' | '\u{6d5}' => Some('\u{647}'),
        // A full-width comma is punctuation unless it stands among full-width digits.
        '\u{ff0c}' if !(full_width(before) && full_width(after)) => Some(c),
        '\u{ff0d}' | '\u{2212}' | '\u{fe63}' | '\u{2010}' | '\u{2011}' | '\u{2013}' => Some('-'),
        '\u{ff5e}' | '≃' | '≅' | '∼' => Some('≈'),
        '\u{ff01}'..='\u{ff5d}' => char::from_u32(u32::from(c) - 0xfee0).map(lower),
        '\u{a0}' | '\u{2007}'..='\u{200a}' | '\u{202f}' => Some(FIXED_SPACE),
        '\n' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{2044}' | '\u{2215}' => Some('/'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2b9}' => Some('\''),
        '\u{66a}' => Some('%'),
        '⇒' | '➔' | '➜' | '⟹' | '⟶' => Some('→'),
        c if c.is_whitespace() => Some(' '),
        c => Some(lower(c)),
    }
}

fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    match (all.next(), all.next()) {
        (Some(only), None) => only,
        // The Turkish capital with a dot.
        (Some('i'), Some('\u{307}')) => 'i',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_offsets() {
        let glyphs = fold("–１２\u{200f}٣");
        let spelled: String = glyphs.iter().map(|g| g.c).collect();
        assert_eq!(spelled, "-123");
        assert_eq!(glyphs.iter().map(|g| g.at).collect::<Vec<_>>(), [0, 3, 6, 12]);
        assert_eq!(glyphs.iter().map(|g| g.end).collect::<Vec<_>>(), [3, 6, 9, 14]);
    }

    #[test]
    fn signs_of_the_reader_are_left_out_of_a_text() {
        assert_eq!(fold_word("\u{e000}5\u{e001}\u{e002}"), ['5']);
    }

    #[test]
    fn both_spellings_of_a_letter_look_alike() {
        for (a, b) in
            [("é", "e\u{301}"), ("हज़ार", "हज\u{93c}ार"), ("الإجابة", "الاجابة"), ("می\u{200c}شود", "ميشود")]
        {
            assert_eq!(fold_word(a), fold_word(b), "{a}");
        }
    }
}
