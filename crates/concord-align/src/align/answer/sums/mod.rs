//! Sums of a text that do not hold. A mark is a claim, so whatever could be meant otherwise is let pass: numbers that are
//! rounded, quantities that are converted, unknowns, remainders, chains that go on from a result. `docs/answers.md` has the rules.

mod compare;
mod expression;
mod tokens;
mod units;

use std::ops::Range;

use super::digits::{Glyph, fold};
use super::lexicon::tag_of;
use super::page::Page;
use super::style::NumberStyle;
use super::{latex, markup};
use crate::data::{InOrder, Language};
use compare::said_and_held;
use expression::Side;
use tokens::{Kind, tokens};

/// An equation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Where it is in the text, in bytes, from the first number of the side before the sign of equality to the last after it.
    pub range: Range<usize>,
    /// The result that the text says, in canonical form.
    pub said: String,
    /// What the other side comes to, in canonical form.
    pub holds: String,
}

/// The equations of a text that surely do not hold, in order.
///
/// Read are numbers in every script's digits, `+ − × ÷ /`, brackets, percentages, fractions, powers, chains `a = b = c`, LaTeX,
/// and the calculator notes of GSM8K. An equation is marked only if it fails under every reading: either decimal mark, a
/// percentage as a share or a number, a result rounded or cut at its last digit, a result in another unit.
pub fn broken_sums(text: &str, language: &Language) -> Vec<Sum> {
    if !text.contains(['=', '＝', '﹦']) {
        return Vec::new();
    }
    let glyphs = latex::plain(&markup::plain(fold(text), text));
    let mut out = broken_in(&glyphs, language);
    for note in notes(text) {
        let inside = latex::plain(&fold(&text[note.clone()]));
        let shifted = broken_in(&inside, language)
            .into_iter()
            .map(|sum| Sum { range: sum.range.start + note.start..sum.range.end + note.start, ..sum });
        out.extend(shifted);
    }
    out.order_by_key(|sum| (sum.range.start, sum.range.end));
    // In a chain one wrong side can break the equation on both sides of it.
    let mut end = 0;
    out.retain(|sum| {
        let is_new = sum.range.start >= end;
        end = if is_new { sum.range.end } else { end };
        is_new
    });
    out
}

/// What stands between `<<` and `>>` on one line.
fn notes(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.match_indices("<<").filter_map(|(at, sign)| {
        let from = at + sign.len();
        let near = &text.as_bytes()[from..text.len().min(from + NOTE)];
        let n = near.windows(2).position(|pair| pair == b">>")?;
        Some(from..from + n)
    })
}

/// The broken sums of folded glyphs: those that fail whichever mark is the decimal one.
fn broken_in(glyphs: &[Glyph], language: &Language) -> Vec<Sum> {
    let style = NumberStyle::of(language);
    let found = broken_as(glyphs, style, language);
    if found.is_empty() {
        return found;
    }
    let decimal = if style.decimal == '.' { ',' } else { '.' };
    let others = broken_as(glyphs, NumberStyle { decimal, ..style }, language);
    let is_other = |sum: &Sum| {
        others.iter().any(|other| other.range.start < sum.range.end && sum.range.start < other.range.end)
    };
    found.into_iter().filter(is_other).collect()
}

fn broken_as(glyphs: &[Glyph], style: NumberStyle, language: &Language) -> Vec<Sum> {
    let tag = tag_of(language);
    let divides = COLON_DIVIDES.split(' ').any(|known| known == tag);
    let page = Page::new(glyphs, style, tag);
    let tokens = tokens(&page, divides);
    let is_equals = |i: &usize| tokens[*i].kind == Kind::Equals;
    let broken = |i: usize| {
        let (left, right) = (Side::before(&tokens, i)?, Side::after(&tokens, i + 1)?);
        let next = page.numbers.partition_point(|number| number.start < right.end);
        let follows_number = page.numbers.get(next).is_some_and(|number| {
            let gap = &glyphs[right.end..number.start];
            gap.len() < NEAR && gap.iter().all(|g| g.c != '\n')
        });
        let (said, holds) = said_and_held(&left, &right, follows_number)?;
        let range = glyphs[left.start].at..glyphs[right.end - 1].end;
        Some(Sum { range, said: said.canonical(), holds: holds.canonical() })
    };
    (0..tokens.len()).filter(is_equals).filter_map(broken).collect()
}

/// Longest note, in bytes.
const NOTE: usize = 120;

/// How far after a quotient its remainder may stand, in glyphs.
const NEAR: usize = 40;

/// Languages that write a division with a colon.
const COLON_DIVIDES: &str = "de ru uk be bg pl cs sk hu sl hr sr bs mk lt lv et fi sv nb da is it ro kk ky uz tr el id nl he es ca gl pt eu";

#[cfg(test)]
mod tests;
