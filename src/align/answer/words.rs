//! Words that belong to a number: multipliers ("million", "万", "elfu"), and words for a negative sign.

use super::digits::{FIXED_SPACE, Glyph};

/// The factor of a multiplier word right after a number (a space may stand between), and how many glyphs it takes.
pub(super) fn multiplier_after(rest: &[Glyph]) -> Option<(i128, usize)> {
    let skip = usize::from(rest.first().is_some_and(|g| matches!(g.c, ' ' | FIXED_SPACE)));
    let rest = &rest[skip..];
    let fits = |word: &&(&str, i128)| {
        let n = word.0.chars().count();
        let next = rest.get(n).map(|g| g.c);
        // 千克 and 千米 are kilograms and kilometres.
        let is_unit = word.0 == "千" && next.is_some_and(|c| "克米瓦卡焦赫帕伏".contains(c));
        let goes_on = word.0.chars().all(char::is_alphabetic)
            && !word.0.chars().any(is_unspaced)
            && next.is_some_and(char::is_alphabetic);
        word.0.chars().enumerate().all(|(i, c)| rest.get(i).is_some_and(|g| g.c == c)) && !is_unit && !goes_on
    };
    let word = AFTER.iter().filter(fits).max_by_key(|word| word.0.chars().count())?;
    Some((word.1, skip + word.0.chars().count()))
}

/// The factor of a multiplier word right before a number, as Swahili has it, and how many glyphs it takes.
pub(super) fn multiplier_before(head: &[Glyph]) -> Option<(i128, usize)> {
    let (word, n) = word_before(head)?;
    let factor = match word.as_str() {
        "elfu" => 1_000,
        "laki" => 100_000,
        "milioni" => 1_000_000,
        "bilioni" => 1_000_000_000,
        _ => return None,
    };
    Some((factor, n))
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
    let n = head.iter().rev().take_while(|g| g.c.is_alphabetic() || is_mark(g.c)).count();
    let word: String = head[head.len() - n..].iter().map(|g| g.c).collect();
    (n > 0).then_some((word, n + 1))
}

/// Vowel signs and viramas of Indic and Arabic scripts, which continue a word.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{93a}'..='\u{94f}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9d7}' | '\u{200c}' | '\u{200d}')
}

/// Scripts that do not set words apart by spaces.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

const NEGATIVE: [&str; 11] =
    ["minus", "negative", "menos", "минус", "سالب", "ناقص", "ঋণাত্মক", "মাইনাস", "hasi", "منفی", "moins"];

const AFTER: [(&str, i128); 66] = [
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
    ("lakh", 100_000),
    ("crore", 10_000_000),
    ("tausend", 1_000),
    ("millionen", 1_000_000),
    ("mio", 1_000_000),
    ("milliarde", 1_000_000_000),
    ("milliarden", 1_000_000_000),
    ("mrd", 1_000_000_000),
    ("mil", 1_000),
    ("mil millones", 1_000_000_000),
    ("millón", 1_000_000),
    ("millones", 1_000_000),
    ("тыс", 1_000),
    ("тысяча", 1_000),
    ("тысячи", 1_000),
    ("тысяч", 1_000),
    ("млн", 1_000_000),
    ("миллион", 1_000_000),
    ("миллиона", 1_000_000),
    ("миллионов", 1_000_000),
    ("млрд", 1_000_000_000),
    ("миллиард", 1_000_000_000),
    ("миллиарда", 1_000_000_000),
    ("миллиардов", 1_000_000_000),
    ("千", 1_000),
    ("万", 10_000),
    ("萬", 10_000),
    ("百万", 1_000_000),
    ("千万", 10_000_000),
    ("亿", 100_000_000),
    ("億", 100_000_000),
    ("만", 10_000),
    ("억", 100_000_000),
    ("ألف", 1_000),
    ("ألفا", 1_000),
    ("ألفًا", 1_000),
    ("آلاف", 1_000),
    ("مليون", 1_000_000),
    ("ملايين", 1_000_000),
    ("مليار", 1_000_000_000),
    ("হাজার", 1_000),
    ("লাখ", 100_000),
    ("লক্ষ", 100_000),
    ("কোটি", 10_000_000),
    ("हजार", 1_000),
    ("हज़ार", 1_000),
    ("लाख", 100_000),
    ("करोड़", 10_000_000),
    ("هزار", 1_000),
    ("میلیون", 1_000_000),
    ("میلیارد", 1_000_000_000),
    ("พัน", 1_000),
    ("หมื่น", 10_000),
    ("แสน", 100_000),
    ("ล้าน", 1_000_000),
    ("ribu", 1_000),
    ("juta", 1_000_000),
    ("millions", 1_000_000),
    ("milliard", 1_000_000_000),
    ("milliards", 1_000_000_000),
    ("milhões", 1_000_000),
    ("milioni", 1_000_000),
];
