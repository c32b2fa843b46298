//! Kinds of characters, and words for a negative sign.

use super::digits::{FIXED_SPACE, Glyph};

/// A letter, or a mark that belongs to one.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_mark(c)
}

/// A colon of any script.
pub(super) fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '៖' | '꞉' | '፡' | '፦' | '׃')
}

/// How many glyphs a word for "minus" takes that stands right before a number and after no other number.
pub(super) fn negative_word(head: &[Glyph]) -> Option<usize> {
    if head.last().is_some_and(|g| matches!(g.c, '负' | '負')) {
        return Some(1);
    }
    let (word, n) = word_before(head)?;
    let before = head[..head.len() - n].iter().rev().find(|g| !g.c.is_whitespace());
    let is_operation = before.is_some_and(|g| g.c.is_ascii_digit());
    (NEGATIVE.contains(&word.as_str()) && !is_operation).then_some(n)
}

/// The word before a single space at the end of `head`, and its length with the space.
fn word_before(head: &[Glyph]) -> Option<(String, usize)> {
    let (last, head) = head.split_last()?;
    if !matches!(last.c, ' ' | FIXED_SPACE) {
        return None;
    }
    let n = head.iter().rev().take(MAX_WORD).take_while(|g| is_letter(g.c)).count();
    let word: String = head[head.len() - n..].iter().map(|g| g.c).collect();
    (n > 0).then_some((word, n + 1))
}

/// Longer than any word for "minus".
const MAX_WORD: usize = 16;

/// Vowel signs and viramas of Indic and Arabic scripts, which continue a word.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}'
        | '\u{962}' | '\u{963}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9d7}' | '\u{a01}'..='\u{a03}'
        | '\u{a3c}'..='\u{a51}' | '\u{a70}'..='\u{a75}' | '\u{a81}'..='\u{a83}' | '\u{abc}'..='\u{acd}'
        | '\u{b01}'..='\u{b03}' | '\u{b3c}'..='\u{b57}' | '\u{b82}' | '\u{bbe}'..='\u{bd7}'
        | '\u{c00}'..='\u{c04}' | '\u{c3c}'..='\u{c56}' | '\u{c81}'..='\u{c83}' | '\u{cbc}'..='\u{cd6}'
        | '\u{d00}'..='\u{d03}' | '\u{d3b}'..='\u{d57}' | '\u{d81}'..='\u{d83}' | '\u{dca}'..='\u{df3}'
        | '\u{7a6}'..='\u{7b0}' | '\u{200c}' | '\u{200d}')
}

/// Scripts that do not set words apart by spaces.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// In the reader's spelling.
const NEGATIVE: [&str; 19] = [
    "minus",
    "negative",
    "menos",
    "минус",
    "мінус",
    "سالب",
    "ناقص",
    "ঋণাত্মক",
    "মাইনাস",
    "hasi",
    "منفي",
    "moins",
    "meno",
    "eksi",
    "âm",
    "ऋण",
    "माइनस",
    "マイナス",
    "마이너스",
];
