//! Which numbers belong to one calculation. Computed once per text, because every rule of the reader asks.

use super::digits::{FIXED_SPACE, Glyph};
use super::numbers::Number;
use super::work::looked_at;

/// Longest text between a marker and its number, or between two numbers of a calculation, in characters.
pub(super) const MAX_GAP: usize = 60;

/// The calculations of a text, by the numbers in them.
pub(super) struct Calculations {
    /// By number: the first number of its calculation, and one past the last.
    chains: Vec<(usize, usize)>,
    /// By number: how many of the gaps before it hold a sign of equality.
    n_equalities: Vec<usize>,
}

impl Calculations {
    pub(super) fn of(glyphs: &[Glyph], numbers: &[Number]) -> Self {
        let mut chains: Vec<(usize, usize)> = Vec::with_capacity(numbers.len());
        let mut n_equalities = Vec::with_capacity(numbers.len());
        let (mut first, mut n_signs) = (0, 0);
        for i in 0..numbers.len() {
            let gap = i.checked_sub(1).and_then(|before| glyphs.get(numbers[before].end..numbers[i].start));
            looked_at(gap.map_or(0, <[Glyph]>::len));
            if !gap.is_some_and(is_calculation) {
                chains[first..i].iter_mut().for_each(|chain| chain.1 = i);
                first = i;
            }
            n_signs += usize::from(gap.is_some_and(is_equality));
            chains.push((first, numbers.len()));
            n_equalities.push(n_signs);
        }
        Self { chains, n_equalities }
    }

    /// Whether number `i` continues the calculation of the number before it.
    pub(super) fn is_linked(&self, i: usize) -> bool {
        self.chains[i].0 < i
    }

    /// One past the last number before `end` of the calculation that number `first` is in.
    pub(super) fn end_of(&self, first: usize, end: usize) -> usize {
        self.chains[first].1.min(end).max(first + 1)
    }

    /// The numbers of `all` that are in the calculation of number `i`: the first, and one past the last.
    pub(super) fn around(&self, i: usize, all: std::ops::Range<usize>) -> (usize, usize) {
        let first = self.chains[i].0.max(all.start).min(i);
        (first, self.end_of(first, all.end))
    }

    /// Whether the numbers `first..end` have a sign of equality between them.
    pub(super) fn has_equality(&self, first: usize, end: usize) -> bool {
        first < end && self.n_equalities[first] < self.n_equalities[end - 1]
    }

    /// The result of the calculation of numbers `first..end`: the last side of its equals signs that is one number, so
    /// 7 both in "12 − 5 = 7" and in "7 = 12 − 5"; without an equals sign the last number.
    pub(super) fn result_of(&self, first: usize, end: usize) -> usize {
        let is_side = |i: usize| {
            looked_at(1);
            (i == first || self.has_equality(i - 1, i + 1)) && (i + 1 == end || self.has_equality(i, i + 2))
        };
        let has_sides = self.has_equality(first, end);
        let side = if has_sides { (first..end).rev().find(|&i| is_side(i)) } else { None };
        side.unwrap_or(end - 1)
    }
}

/// Whether the text between two numbers makes them parts of one calculation.
fn is_calculation(gap: &[Glyph]) -> bool {
    if gap.len() > MAX_GAP {
        return false;
    }
    // A calculation may go on in the next line with its equals sign.
    let broken = gap.iter().position(|g| g.c == '\n').filter(|&n| {
        let next = gap[n + 1..].iter().find(|g| !matches!(g.c, ' ' | FIXED_SPACE | '&'));
        next.is_some_and(|g| matches!(g.c, '=' | '≈'))
    });
    let n_letters = gap.iter().filter(|g| g.c.is_alphabetic()).count();
    let sentence_ends = gap.windows(2).any(|pair| pair[0].c == '.' && pair[1].c.is_whitespace());
    let stops = gap.iter().enumerate().filter(|(n, _)| broken != Some(*n)).any(|(_, g)| {
        matches!(g.c, '\n' | '!' | '?' | ';' | ',' | '。' | '，' | '、' | '؟' | '،' | '।' | '۔')
    });
    let operator = gap.iter().any(|g| match g.c {
        '=' | '≈' | '→' | '+' | '*' | '×' | '÷' | '·' | '∙' => true,
        '-' | ':' | '/' => n_letters == 0,
        'x' | 'х' => n_letters == 1,
        _ => false,
    });
    operator && !stops && !sentence_ends
}

fn is_equality(gap: &[Glyph]) -> bool {
    gap.iter().any(|g| matches!(g.c, '=' | '≈' | '→'))
}
