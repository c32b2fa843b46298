//! Magnitudes before and after numbers: "2 lakh 50 thousand", 1億2000万, "elfu 70", $70k.

use super::digits::{FIXED_SPACE, Glyph};
use super::lexicon::{Kind, Mark, Marks};
use super::signs::is_currency;
use super::words::{is_letter, is_unspaced};
use crate::data::InOrder;

/// The magnitude words of a text, by where they start and end.
pub(super) struct Magnitudes {
    /// Sorted by start: start, end, power of ten.
    after: Vec<(usize, usize, u32)>,
    /// Sorted by end: end, start, power of ten.
    before: Vec<(usize, usize, u32)>,
}

impl Magnitudes {
    pub(super) fn of(marks: &Marks) -> Self {
        let power = |mark: &Mark| match mark.kind {
            Kind::Factor(power) | Kind::Before(power) => power,
            _ => 0,
        };
        let after = marks.of(Kind::Factor(0)).iter().map(|mark| (mark.start, mark.end, power(mark)));
        let before = marks.of(Kind::Before(0)).iter().map(|mark| (mark.end, mark.start, power(mark)));
        let mut before: Vec<_> = before.collect();
        before.order();
        Self { after: after.collect(), before }
    }

    /// The power of ten of a magnitude right after a number that ends at `end` and began at `start`, and where it ends.
    pub(super) fn after(&self, glyphs: &[Glyph], start: usize, end: usize) -> Option<(u32, usize)> {
        let space = usize::from(glyphs.get(end).is_some_and(|g| matches!(g.c, ' ' | FIXED_SPACE)));
        let at = end + space;
        let first = self.after.partition_point(|word| word.0 < at);
        if let Some(&(_, word_end, power)) = self.after.get(first).filter(|word| word.0 == at) {
            let next = glyphs.get(word_end).map(|g| g.c);
            // 千克 and 千米 are kilograms and kilometres.
            let is_unit =
                power == 3 && next.is_some_and(|c| "克米瓦卡焦赫帕伏".contains(c)) && glyphs[at].c == '千';
            return (!is_unit).then_some((power, word_end));
        }
        suffix(glyphs, start, end)
    }

    /// The power of ten of a magnitude right before a number that begins at `start`, and where it starts.
    pub(super) fn before(&self, glyphs: &[Glyph], start: usize) -> Option<(u32, usize)> {
        let gap = glyphs[..start]
            .iter()
            .rev()
            .take(2)
            .take_while(|g| matches!(g.c, ' ' | FIXED_SPACE | '-'))
            .count();
        let at = start - gap;
        let first = self.before.partition_point(|word| word.0 < at);
        let found = self.before[first..].iter().take_while(|word| word.0 == at).min_by_key(|word| word.1)?;
        Some((found.2, found.1))
    }
}

/// `70k`, and after a currency `2M` and `3B`, which otherwise are metres and bytes.
fn suffix(glyphs: &[Glyph], start: usize, end: usize) -> Option<(u32, usize)> {
    let letter = glyphs.get(end)?;
    if glyphs.get(end + 1).is_some_and(|next| is_letter(next.c) || matches!(next.c, '²' | '³' | '/')) {
        return None;
    }
    let is_money = start > 0 && is_currency(glyphs[start - 1].c);
    match letter.raw {
        'k' | 'K' => Some((3, end + 1)),
        'M' | 'm' if is_money => Some((6, end + 1)),
        'B' if is_money => Some((9, end + 1)),
        _ => None,
    }
}

/// Where the next part of a compound magnitude may begin after one that ends at `end`: 2 lakh | 50 thousand.
pub(super) fn next_part(glyphs: &[Glyph], end: usize) -> usize {
    let is_space = |i: usize| glyphs.get(i).is_some_and(|g| matches!(g.c, ' ' | FIXED_SPACE));
    let at = end + usize::from(is_space(end));
    for joint in ["and ", "und ", "y ", "e ", "et ", "na ", "da ", "en ", "og ", "och ", "और ", "و"] {
        let n = joint.chars().count();
        let fits = joint.chars().enumerate().all(|(k, c)| glyphs.get(at + k).is_some_and(|g| g.c == c));
        if fits && at > end {
            return at + n + usize::from(is_space(at + n));
        }
    }
    at
}

/// True where plain digits may follow the magnitude that ends at `end`, as in 3万5000.
pub(super) fn takes_digits(glyphs: &[Glyph], end: usize) -> bool {
    end > 0
        && glyphs.get(end - 1).is_some_and(|g| {
            matches!(g.c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') && is_unspaced(g.c)
        })
}
