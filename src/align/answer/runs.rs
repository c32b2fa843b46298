//! Runs of digits with marks between them, and what the marks mean: groups, decimals, or a list.

use super::style::NumberStyle;

/// Digits and the marks between them: `pieces.len() == marks.len() + 1`.
pub(super) struct Run {
    pub(super) pieces: Vec<String>,
    pub(super) marks: Vec<char>,
    /// One past the last glyph.
    pub(super) end: usize,
}

/// What the marks of a run mean.
pub(super) enum Reading {
    /// One number: the first `n_whole` pieces are its whole part, the rest its decimals.
    Number { n_whole: usize },
    /// A number each.
    List,
}

/// What the marks between the digits mean, first by their shape and only then by the language.
pub(super) fn reading(run: &Run, style: NumberStyle) -> Reading {
    let n_marks = run.marks.len();
    let grouped = Reading::Number { n_whole: n_marks + 1 };
    let decimal = Reading::Number { n_whole: n_marks };
    let Some(&last) = run.marks.last() else { return grouped };
    let leading = &run.marks[..n_marks - 1];
    let is_decimal_mark = matches!(last, '.' | ',' | '\u{66b}');
    if leading.iter().all(|&m| m == last) {
        let groups = valid_groups(&run.pieces, style);
        return match last {
            '\u{66b}' if n_marks == 1 => decimal,
            '.' | ',' if n_marks == 1 => {
                let open = groups && !run.pieces[0].starts_with('0');
                let is_group_mark =
                    last != style.decimal && (style.other_mark_groups || run.pieces[1].len() != 3);
                if open && is_group_mark { grouped } else { decimal }
            }
            '\u{66b}' => Reading::List,
            _ if groups => grouped,
            _ => Reading::List,
        };
    }
    let one_group_mark = leading.windows(2).all(|pair| pair[0] == pair[1]) && leading[0] != '\u{66b}';
    if is_decimal_mark && one_group_mark && valid_groups(&run.pieces[..n_marks], style) {
        decimal
    } else {
        Reading::List
    }
}

/// Groups of three; of two before a last three, as in India; of four, as in East Asia.
fn valid_groups(pieces: &[String], style: NumberStyle) -> bool {
    let (first, rest) = (pieces[0].len(), &pieces[1..]);
    let all = |n: usize| (1..=n).contains(&first) && rest.iter().all(|p| p.len() == n);
    let indian = || {
        let (last, middle) = rest.split_last().map_or((0, rest), |(last, middle)| (last.len(), middle));
        last == 3 && !middle.is_empty() && first <= 2 && middle.iter().all(|p| p.len() == 2)
    };
    all(3) || indian() || (style.groups_of_four && all(4))
}
