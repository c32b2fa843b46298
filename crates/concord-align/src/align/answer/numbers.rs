//! Finds every number in a folded text, with its grouping, decimals, sign, fraction, power and magnitude. Units, currencies
//! and percent signs are ignored. Lookalikes (times, ratios, dates, numbers tied to a root or π) are kept, but marked.

use super::digits::{FIXED_SPACE, Glyph};
use super::latex::UNREAD;
use super::magnitude::Magnitudes;
use super::moments;
use super::rational::Rational;
use super::runs::{Evidence, Reading, Run, reading};
use super::signs::{CURRENCY_LETTERS, is_currency, is_currency_capital, vulgar};
use super::style::NumberStyle;
use super::value::Value;
use super::words::negative_word;
use super::work::looked_at;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A quantity.
    Plain,
    /// The `2.` of a numbered list.
    ListMarker,
    /// `3rd`, which counts a place.
    Ordinal,
    /// The year of a date.
    Date,
    /// A time or a ratio, `3:30`; part of a value that is not read, `2√3`.
    Unread,
}

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: Value,
    /// What else it could be.
    pub(super) other: Option<Value>,
    /// First glyph, sign included.
    pub(super) start: usize,
    /// One past the last glyph.
    pub(super) end: usize,
    pub(super) sort: Sort,
    /// Power of ten of a magnitude before it.
    pub(super) before: Option<u32>,
}

/// Every number of the text, in order.
pub(super) fn scan(glyphs: &[Glyph], style: NumberStyle, magnitudes: &Magnitudes) -> Vec<Number> {
    let mut scanner = Scanner { glyphs, style, magnitudes, evidence: Evidence::default(), found: Vec::new() };
    scanner.gather_evidence();
    let mut i = 0;
    while i < glyphs.len() {
        i = scanner.step(i).max(i + 1);
    }
    for i in members(glyphs, &scanner.found) {
        scanner.found[i].sort = Sort::Unread;
    }
    scanner.found
}

pub(super) struct Scanner<'a> {
    pub(super) glyphs: &'a [Glyph],
    pub(super) style: NumberStyle,
    pub(super) magnitudes: &'a Magnitudes,
    pub(super) evidence: Evidence,
    pub(super) found: Vec<Number>,
}

/// A value that is being read, and where it ends so far.
pub(super) struct Draft {
    pub(super) value: Value,
    pub(super) other: Option<Value>,
    pub(super) end: usize,
}

impl Draft {
    pub(super) fn map(self, end: usize, operation: impl Fn(Rational) -> Option<Rational>) -> Self {
        Self { value: self.value.map(&operation), other: self.other.map(|v| v.map(&operation)), end }
    }
}

impl Scanner<'_> {
    pub(super) fn at(&self, i: usize) -> char {
        looked_at(1);
        self.glyphs.get(i).map_or('\0', |g| g.c)
    }

    pub(super) fn is_digit(&self, i: usize) -> bool {
        self.at(i).is_ascii_digit()
    }

    pub(super) fn is_space(&self, i: usize) -> bool {
        matches!(self.at(i), ' ' | FIXED_SPACE)
    }

    pub(super) fn digits_end(&self, mut i: usize) -> usize {
        while self.is_digit(i) {
            i += 1;
        }
        i
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.glyphs[from..to].iter().map(|g| g.c).collect()
    }

    /// What the unambiguous numbers of the text tell about its marks.
    fn gather_evidence(&mut self) {
        let mut i = 0;
        while i < self.glyphs.len() {
            if self.is_digit(i) && moments::date(self.glyphs, i).is_none() {
                let run = self.read_run(i);
                self.evidence.add(&run, self.style);
                i = run.end;
            } else {
                i += 1;
            }
        }
    }

    /// Reads at glyph `i`, and returns where to go on.
    fn step(&mut self, i: usize) -> usize {
        if self.is_digit(i) {
            return if self.is_part_of_a_name(i) { self.digits_end(i) } else { self.run(i) };
        }
        if let Some(value) = vulgar(self.at(i)) {
            return self.finish(i, Draft { value: Value::Exact(value), other: None, end: i + 1 }, false);
        }
        let starts_with_mark = matches!(self.at(i), '.' | '\u{66b}') && self.is_digit(i + 1);
        if starts_with_mark && (i == 0 || !self.at(i - 1).is_alphanumeric()) {
            let end = self.digits_end(i + 1);
            let value = Value::from_digits("0", &self.text(i + 1, end));
            return self.finish(i, Draft { value, other: None, end }, false);
        }
        i
    }

    /// True for the digits of `x2`, `H2O`, `km2`, `v_1`, `m^2`; false for `Rs500`, `US12`, `N500`.
    fn is_part_of_a_name(&self, i: usize) -> bool {
        let n = self.glyphs[..i].iter().rev().take(8).take_while(|g| g.c.is_lowercase()).count();
        let start = i - n;
        if n == 0 {
            return i > 0 && matches!(self.at(i - 1), '_' | '^');
        }
        let word = self.text(start, i);
        let is_capital = n == 1 && is_currency_capital(self.glyphs[start].raw);
        !(CURRENCY_LETTERS.contains(&word.as_str())
            || is_capital && (self.digits_end(i) > i + 1 || self.is_grouped_by_space(i)))
    }

    fn run(&mut self, start: usize) -> usize {
        if let Some((year, end)) = moments::date(self.glyphs, start) {
            let value = Value::from_digits(&self.text(year.0, year.1), "");
            self.keep(value, None, year, Sort::Date);
            return end;
        }
        if let Some(end) = moments::clock_or_ratio(self.glyphs, start) {
            self.keep(Value::from_digits("0", ""), None, (start, end), Sort::Unread);
            return end;
        }
        if let Some((hours, minutes, end)) = moments::duration(self.glyphs, start) {
            let minutes_in_all = Rational::new(60 * hours + minutes, 1);
            let value = Rational::new(60 * hours + minutes, 60);
            if let (Some(value), Some(all)) = (value, minutes_in_all) {
                self.keep(Value::Exact(value), Some(Value::Exact(all)), (start, end), Sort::Plain);
                return end;
            }
        }
        let run = self.read_run(start);
        match reading(&run, self.style, self.evidence) {
            Reading::Number { .. } if self.is_pair(start, &run) => {
                self.keep(Value::from_digits("0", ""), None, (start, run.end), Sort::Unread);
                run.end
            }
            Reading::Number { n_whole, other } => {
                let value_of =
                    |n: usize| Value::from_digits(&run.pieces[..n].concat(), &run.pieces[n..].concat());
                let plain = run.marks.is_empty();
                let draft = Draft { value: value_of(n_whole), other: other.map(value_of), end: run.end };
                self.finish(start, draft, plain)
            }
            Reading::List => {
                let mut at = start;
                for piece in &run.pieces {
                    let end = at + piece.len();
                    self.keep(Value::from_digits(piece, ""), None, (at, end), Sort::Plain);
                    at = end + 1;
                }
                run.end
            }
        }
    }

    /// `[0,1)` and, where the comma is not the decimal mark, `(0,1)`: an interval or a point, not a decimal.
    fn is_pair(&self, start: usize, run: &Run) -> bool {
        let is_open = matches!(run.marks[..], [','])
            && !(run.pieces[1].len() == 3 && (1..=3).contains(&run.pieces[0].len()));
        let before = start.checked_sub(1).map_or('\0', |i| self.at(i));
        match (before, self.at(run.end)) {
            ('[', ']' | ')') | ('(' | ']', ']') => is_open,
            ('(', ')') => is_open && self.style.decimal == '.',
            _ => false,
        }
    }

    fn keep(&mut self, value: Value, other: Option<Value>, (start, end): (usize, usize), sort: Sort) {
        let other = other.filter(|other| *other != value);
        self.found.push(Number { value, other, start, end, sort, before: None });
    }

    pub(super) fn read_run(&self, start: usize) -> Run {
        let mut end = self.digits_end(start);
        let mut run = Run { pieces: vec![self.text(start, end)], marks: Vec::new(), end, is_money: false };
        let mut is_uniform = true;
        loop {
            let mark = self.at(end);
            let next_end = self.digits_end(end + 1);
            let n_next = next_end.saturating_sub(end + 1);
            is_uniform &= run.marks.last().is_none_or(|&last| last == mark);
            let groups_only = n_next == 3 && run.pieces[0].len() <= 3 && is_uniform;
            let accepted = n_next > 0
                && match mark {
                    '.' | ',' | '\u{66b}' => true,
                    '\u{60c}' => groups_only || run.marks.is_empty(),
                    '\'' | '\u{66c}' | FIXED_SPACE => groups_only,
                    ' ' => {
                        let is_group = self.is_space_group(end, next_end, !run.marks.is_empty());
                        groups_only && (is_group || self.is_rand(start))
                    }
                    _ => false,
                };
            if !accepted {
                let is_sign = |i: usize| is_currency(self.at(i)) && self.at(i) != '\0';
                run.is_money = (start > 0 && is_sign(start - 1))
                    || (start > 1 && self.is_space(start - 1) && is_sign(start - 2))
                    || is_sign(end)
                    || (self.is_space(end) && is_sign(end + 1));
                run.end = end;
                return run;
            }
            run.marks.push(mark);
            run.pieces.push(self.text(end + 1, next_end));
            end = next_end;
        }
    }

    fn is_grouped_by_space(&self, i: usize) -> bool {
        let end = self.digits_end(i);
        self.is_space(end) && self.digits_end(end + 1) == end + 4
    }

    /// South Africa writes R1 500.
    fn is_rand(&self, start: usize) -> bool {
        start > 0
            && self.glyphs[start - 1].raw == 'R'
            && start.checked_sub(2).is_none_or(|i| !self.at(i).is_alphanumeric())
    }

    /// Whether an ordinary space separates groups: if the language writes them so, before 000, or if it happens twice.
    fn is_space_group(&self, space: usize, next_end: usize, is_grouped: bool) -> bool {
        let again = self.at(next_end) == ' ' && self.digits_end(next_end + 1) == next_end + 4;
        self.style.space_groups || is_grouped || again || self.text(space + 1, next_end) == "000"
    }

    /// Reads what follows a value (fraction, power, magnitude) and what precedes it (sign), and keeps the number.
    fn finish(&mut self, start: usize, draft: Draft, plain: bool) -> usize {
        let is_marker = plain && self.is_list_marker(start, draft.end);
        let draft = self.with_fraction(draft, start);
        let draft = self.with_power(draft);
        let draft = self.with_magnitude(draft, start);
        let end = draft.end;
        // No word counts for two numbers.
        let taken = self.found.last().map_or(0, |last| last.end);
        let before = self.magnitudes.before(self.glyphs, start).filter(|&(_, at)| at >= taken);
        let before = before.filter(|_| !self.ends_in_magnitude(end));
        let (draft, start) = match before {
            Some((power, at)) => (draft.map(end, |v| v.times(Rational::power_of_ten(power)?)), at),
            None => (draft, start),
        };
        let Draft { mut value, mut other, .. } = draft;
        let mut start = start;
        if let Some(at) = self.sign(start) {
            (value, other, start) = (value.negated(), other.map(Value::negated), at);
        }
        let (value, start) = self.with_mantissa(value, start, end);
        let (value, start) = self.with_earlier_part(value, start, before.map(|(power, _)| power));
        let sort = if is_marker {
            Sort::ListMarker
        } else if self.is_tied_to_unread(start, end) {
            Sort::Unread
        } else if plain && moments::is_ordinal(self.glyphs, end) {
            Sort::Ordinal
        } else {
            Sort::Plain
        };
        self.keep(value, other, (start, end), sort);
        if let Some(last) = self.found.last_mut() {
            last.before = before.map(|(power, _)| power);
        }
        end
    }

    fn ends_in_magnitude(&self, end: usize) -> bool {
        end > 0 && !self.is_digit(end - 1) && self.at(end - 1).is_alphabetic()
    }

    /// Whether the number is only a part of a value, as in 2√3 and 3π.
    fn is_tied_to_unread(&self, start: usize, end: usize) -> bool {
        let after = end + usize::from(self.is_space(end));
        let before = start.checked_sub(1 + usize::from(start > 0 && self.is_space(start - 1)));
        self.at(after) == UNREAD || before.is_some_and(|i| self.at(i) == UNREAD)
    }

    /// The position of a minus sign before the number. A minus between two numbers, or a dash in a sentence, is not a sign.
    fn sign(&self, start: usize) -> Option<usize> {
        if let Some(n) = negative_word(&self.glyphs[..start]) {
            return Some(start - n);
        }
        let mut at = start;
        while at > 0 && is_currency(self.at(at - 1)) {
            at -= 1;
        }
        let spaces = self.glyphs[..at].iter().rev().take_while(|g| matches!(g.c, ' ' | FIXED_SPACE)).count();
        let minus = (at - spaces).checked_sub(1).filter(|&m| self.at(m) == '-')?;
        let gap = self.glyphs[..minus].iter().rev().take_while(|g| matches!(g.c, ' ' | FIXED_SPACE)).count();
        let before = (minus - gap).checked_sub(1).map_or('\n', |p| self.at(p));
        let is_sign = if spaces > 0 {
            matches!(before, '=' | ':' | '(' | '≈')
        } else {
            let operand =
                before.is_ascii_digit() || matches!(before, ')' | '%' | '-') || vulgar(before).is_some();
            !operand && (gap > 0 || !before.is_alphabetic())
        };
        is_sign.then_some(minus)
    }

    /// Whether the number is a list marker: `2.` or `2)` at the start of a line, with other text after it.
    fn is_list_marker(&self, start: usize, end: usize) -> bool {
        let line_start = self.glyphs[..start]
            .iter()
            .rev()
            .take(12)
            .take_while(|g| g.c != '\n')
            .all(|g| matches!(g.c, ' ' | '*' | '#'));
        let mark = matches!(self.at(end), '.' | ')' | '、');
        let space = self.at(end) == '、' || self.is_space(end + 1) || self.at(end + 1) == '*';
        let rest = self.glyphs.iter().skip(end + 1).take_while(|g| g.c != '\n');
        end - start <= 3 && line_start && mark && space && rest.into_iter().any(|g| g.c.is_alphanumeric())
    }
}

/// The numbers of intervals and points, such as `[0, 1)` and `(2, -3, 5)`: brackets that hold several numbers and nothing else.
fn members(glyphs: &[Glyph], numbers: &[Number]) -> Vec<usize> {
    let at = |i: usize| glyphs.get(i).map_or('\0', |g| g.c);
    let mut out = Vec::new();
    let mut first = 0;
    while first < numbers.len() {
        let is_joined = |i: usize| {
            let gap = glyphs.get(numbers[i].end..numbers[i + 1].start).unwrap_or(&[]);
            let mut signs = gap.iter().filter(|g| !matches!(g.c, ' ' | FIXED_SPACE));
            signs.next().is_some_and(|g| matches!(g.c, ',' | ';')) && signs.next().is_none()
        };
        let last = (first..numbers.len() - 1).find(|&i| !is_joined(i)).unwrap_or(numbers.len() - 1);
        let opens = numbers[first].start.checked_sub(1).is_some_and(|i| matches!(at(i), '(' | '['));
        if last > first && opens && matches!(at(numbers[last].end), ')' | ']') {
            out.extend(first..=last);
        }
        first = last + 1;
    }
    out
}
