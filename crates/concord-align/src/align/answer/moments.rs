//! Times, ratios, dates and ordinals: written in digits, but not quantities.

use super::digits::{FIXED_SPACE, Glyph};

fn at(glyphs: &[Glyph], i: usize) -> char {
    glyphs.get(i).map_or('\0', |g| g.c)
}

/// Length of the run of digits at `i`, capped at more than any part of a date or time has.
fn n_digits(glyphs: &[Glyph], i: usize) -> usize {
    glyphs.get(i..).unwrap_or(&[]).iter().take(6).take_while(|g| g.c.is_ascii_digit()).count()
}

/// `1/2/2024`, `12.03.2024`, `2024-03-05` at `i`: where its year stands, and where it ends.
pub(super) fn date(glyphs: &[Glyph], i: usize) -> Option<((usize, usize), usize)> {
    if "24/7".chars().enumerate().all(|(k, c)| at(glyphs, i + k) == c)
        && !matches!(at(glyphs, i + 4), '0'..='9' | '.' | '/' | '=')
        && at(glyphs, i + 5) != '='
    {
        return Some(((i, i + 2), i + 4));
    }
    if i > 0 && (at(glyphs, i - 1).is_ascii_digit() || matches!(at(glyphs, i - 1), '/' | '.' | '-')) {
        return None;
    }
    let first = n_digits(glyphs, i);
    let mark = at(glyphs, i + first);
    if !matches!(mark, '/' | '.' | '-') {
        return None;
    }
    let from = i + first + 1;
    let second = n_digits(glyphs, from);
    if at(glyphs, from + second) != mark {
        return None;
    }
    let last = from + second + 1;
    let third = n_digits(glyphs, last);
    let end = last + third;
    let goes_on = at(glyphs, end) == mark && n_digits(glyphs, end + 1) > 0;
    match (first, second, third) {
        _ if goes_on => None,
        (1..=2, 1..=2, 4) => Some(((last, end), end)),
        (4, 1..=2, 1..=2) if mark != '.' || second == 2 => Some(((i, i + 4), end)),
        _ => None,
    }
}

/// Most parts of a time or a ratio, so that a text of nothing else stays linear.
const MAX_PARTS: usize = 12;

/// `3:30`, `3:30:15`, `2:1` at `i`, where it ends; not a division, which has a result (`24:6=4`).
pub(super) fn clock_or_ratio(glyphs: &[Glyph], i: usize) -> Option<usize> {
    let mut end = i + n_digits(glyphs, i);
    let mut n_parts = 1;
    while end > i && n_parts < MAX_PARTS && at(glyphs, end) == ':' && n_digits(glyphs, end + 1) > 0 {
        end += 1 + n_digits(glyphs, end + 1);
        n_parts += 1;
    }
    let after = glyphs.get(end..).unwrap_or(&[]).iter().find(|g| !matches!(g.c, ' ' | FIXED_SPACE));
    (n_parts > 1 && !after.is_some_and(|g| matches!(g.c, '=' | '≈'))).then_some(end)
}

/// `2 h 30`, `1h45` at `i`: hours, minutes, and where it ends.
pub(super) fn duration(glyphs: &[Glyph], i: usize) -> Option<(i128, i128, usize)> {
    let number = |from: usize, n: usize| {
        glyphs[from..from + n].iter().fold(0, |sum, g| sum * 10 + i128::from(g.c.to_digit(10).unwrap_or(0)))
    };
    let space = |k: usize| usize::from(matches!(at(glyphs, k), ' ' | FIXED_SPACE));
    let n_hours = n_digits(glyphs, i);
    let sign = i + n_hours + space(i + n_hours);
    let from = sign + 1 + space(sign + 1);
    let fits = matches!(n_hours, 1..=2) && at(glyphs, sign) == 'h' && n_digits(glyphs, from) == 2;
    let goes_on = matches!(at(glyphs, from + 2), '.' | ',') && at(glyphs, from + 3).is_ascii_digit();
    let minutes = if fits && !goes_on { number(from, 2) } else { 60 };
    (minutes < 60).then(|| (number(i, n_hours), minutes, from + 2))
}

/// Whether the ending of an English ordinal is at `i`: 3rd, 18th.
pub(super) fn is_ordinal(glyphs: &[Glyph], i: usize) -> bool {
    let pair = (at(glyphs, i), at(glyphs, i + 1));
    matches!(pair, ('s', 't') | ('n', 'd') | ('r', 'd') | ('t', 'h')) && !at(glyphs, i + 2).is_alphabetic()
}
