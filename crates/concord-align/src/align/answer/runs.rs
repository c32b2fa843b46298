//! Runs of digits with marks between them, and what the marks mean: groups, decimals, or a list.
//!
//! Shape decides first: `70,000` and `1.234,56` are clear in any language. Only "1–3 digits, mark, 3 digits" is not. Then
//! the rest of the text decides (`12,50` elsewhere means that the comma is the decimal mark). Failing that, the habit of
//! the language decides, and the reading is marked as ambiguous.

use super::style::NumberStyle;

/// Digits and the marks between them: `pieces.len() == marks.len() + 1`.
pub(super) struct Run {
    pub(super) pieces: Vec<String>,
    pub(super) marks: Vec<char>,
    /// One past the last glyph.
    pub(super) end: usize,
    /// A currency stands before or after: nobody writes thousandths of one.
    pub(super) is_money: bool,
}

/// What the marks of a run mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// One number: the first `n_whole` pieces are its whole part, the rest its decimals.
    Number {
        n_whole: usize,
        /// The other way to read it, where there is one.
        other: Option<usize>,
    },
    /// A number each.
    List,
}

/// What the unambiguous numbers of a text show: how often each mark is a decimal mark, and how often it groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    point_decimals: usize,
    point_groups: usize,
    comma_decimals: usize,
    comma_groups: usize,
}

impl Evidence {
    /// Counts a run if its shape is unambiguous.
    pub(super) fn add(&mut self, run: &Run, style: NumberStyle) {
        let Reading::Number { n_whole, other: None } = reading(run, style, Self::default()) else { return };
        let n_marks = run.marks.len();
        let is_open = n_marks == 1
            && run.pieces[1].len() == 3
            && run.pieces[1] != "000"
            && !run.pieces[0].starts_with('0');
        if n_marks == 0 || is_open && run.pieces[0].len() <= 3 {
            return;
        }
        for (i, mark) in run.marks.iter().enumerate() {
            let is_decimal = i + 1 >= n_whole;
            match (mark, is_decimal) {
                ('.', true) => self.point_decimals += 1,
                ('.', false) => self.point_groups += 1,
                (',', true) => self.comma_decimals += 1,
                (',', false) => self.comma_groups += 1,
                _ => {}
            }
        }
    }

    /// True if the text uses `mark` for decimals, false if for groups, `None` if it does not say or says both.
    fn is_decimal(self, mark: char) -> Option<bool> {
        let (own, own_groups, other, other_groups) = match mark {
            '.' => (self.point_decimals, self.point_groups, self.comma_decimals, self.comma_groups),
            _ => (self.comma_decimals, self.comma_groups, self.point_decimals, self.point_groups),
        };
        match (own + other_groups > 0, own_groups + other > 0) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }
}

/// What the marks between the digits mean: by their shape, then by the text, then by the language.
pub(super) fn reading(run: &Run, style: NumberStyle, evidence: Evidence) -> Reading {
    let n_marks = run.marks.len();
    let grouped = Reading::Number { n_whole: n_marks + 1, other: None };
    let decimal = Reading::Number { n_whole: n_marks, other: None };
    let Some(&last) = run.marks.last() else { return grouped };
    let leading = &run.marks[..n_marks - 1];
    let is_decimal_mark = matches!(last, '.' | ',' | '\u{66b}' | '\u{60c}');
    if leading.iter().all(|&m| m == last) {
        let groups = valid_groups(&run.pieces, style);
        return match last {
            '\u{66b}' if n_marks == 1 => decimal,
            '\u{60c}' if n_marks == 1 && !groups => decimal,
            '.' | ',' if n_marks == 1 => {
                if groups && !run.pieces[0].starts_with('0') {
                    one_mark(run, style, evidence)
                } else {
                    decimal
                }
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

/// A single mark before a valid group.
fn one_mark(run: &Run, style: NumberStyle, evidence: Evidence) -> Reading {
    let (mark, group) = (run.marks[0], run.pieces[1].as_str());
    let number = |is_decimal: bool, is_open: bool| {
        let (n_whole, other) = if is_decimal { (1, 2) } else { (2, 1) };
        Reading::Number { n_whole, other: is_open.then_some(other) }
    };
    let said = evidence.is_decimal(mark);
    if group.len() != 3 {
        return number(mark == style.decimal, false);
    }
    if group == "000" {
        return number(false, said == Some(true) && mark == style.decimal);
    }
    if let Some(is_decimal) = said {
        return number(is_decimal, false);
    }
    let is_decimal = (mark == style.decimal && !(mark == ',' && run.is_money))
        || (!style.other_mark_groups && !run.is_money);
    // Where the point is the decimal mark, nobody writes a decimal comma.
    number(is_decimal, !(mark == ',' && style.decimal == '.'))
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
