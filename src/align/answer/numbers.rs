//! Finds every number of a folded text: groups and decimals by the language's habits, signs, fractions, powers,
//! multiplier words. Units, currencies and percent signs around a number are left aside.

use super::digits::{FIXED_SPACE, Glyph};
use super::rational::Rational;
use super::runs::{Reading, Run, reading};
use super::signs::{CURRENCY_LETTERS, is_currency, vulgar};
use super::style::NumberStyle;
use super::value::Value;
use super::words::{multiplier_after, multiplier_before, negative_word};

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Its canonical spelling.
    pub(super) value: Value,
    /// First glyph, sign included.
    pub(super) start: usize,
    /// One past the last glyph.
    pub(super) end: usize,
    /// True for the `2.` of a numbered list.
    pub(super) is_list_marker: bool,
}

/// Every number of the text, in order.
pub(super) fn scan(glyphs: &[Glyph], style: NumberStyle) -> Vec<Number> {
    let mut scanner = Scanner { glyphs, style, found: Vec::new() };
    let mut i = 0;
    while i < glyphs.len() {
        i = scanner.step(i).max(i + 1);
    }
    scanner.found
}

struct Scanner<'a> {
    glyphs: &'a [Glyph],
    style: NumberStyle,
    found: Vec<Number>,
}

impl Scanner<'_> {
    fn at(&self, i: usize) -> char {
        self.glyphs.get(i).map_or('\0', |g| g.c)
    }

    fn is_digit(&self, i: usize) -> bool {
        self.at(i).is_ascii_digit()
    }

    fn digits_end(&self, mut i: usize) -> usize {
        while self.is_digit(i) {
            i += 1;
        }
        i
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.glyphs[from..to].iter().map(|g| g.c).collect()
    }

    /// Looks at glyph `i`; gives the next one to look at.
    fn step(&mut self, i: usize) -> usize {
        if self.is_digit(i) {
            return if self.is_part_of_a_name(i) { self.digits_end(i) } else { self.run(i) };
        }
        if let Some(value) = vulgar(self.at(i)) {
            return self.finish(i, i + 1, Value::Exact(value), false);
        }
        if self.at(i) == '\\' {
            return self.latex_fraction(i).unwrap_or(i);
        }
        let starts_with_mark = matches!(self.at(i), '.' | '\u{66b}') && self.is_digit(i + 1);
        if starts_with_mark && (i == 0 || !self.at(i - 1).is_alphanumeric()) {
            let end = self.digits_end(i + 1);
            return self.finish(i, end, Value::from_digits("0", &self.text(i + 1, end)), false);
        }
        i
    }

    /// True for the digits of `x2`, `H2O`, `km2`, `v_1`, `m^2`; false for `Rs500`, `US12`.
    fn is_part_of_a_name(&self, i: usize) -> bool {
        let mut start = i;
        while start > 0 && self.at(start - 1).is_lowercase() {
            start -= 1;
        }
        if start == i {
            return i > 0 && matches!(self.at(i - 1), '_' | '^');
        }
        let word = self.text(start, i);
        !CURRENCY_LETTERS.contains(&word.as_str())
    }

    fn run(&mut self, start: usize) -> usize {
        let run = self.read_run(start);
        match reading(&run, self.style) {
            Reading::Number { n_whole } => {
                let value =
                    Value::from_digits(&run.pieces[..n_whole].concat(), &run.pieces[n_whole..].concat());
                let plain = run.marks.is_empty();
                self.finish(start, run.end, value, plain)
            }
            Reading::List => {
                let mut at = start;
                for piece in &run.pieces {
                    let end = at + piece.len();
                    self.found.push(Number {
                        value: Value::from_digits(piece, ""),
                        start: at,
                        end,
                        is_list_marker: false,
                    });
                    at = end + 1;
                }
                run.end
            }
        }
    }

    fn read_run(&self, start: usize) -> Run {
        let mut end = self.digits_end(start);
        let mut run = Run { pieces: vec![self.text(start, end)], marks: Vec::new(), end };
        loop {
            let mark = self.at(end);
            let next_end = self.digits_end(end + 1);
            let n_next = next_end.saturating_sub(end + 1);
            let groups_only = n_next == 3 && run.pieces[0].len() <= 3 && run.marks.iter().all(|&m| m == mark);
            let accepted = n_next > 0
                && match mark {
                    '.' | ',' | '\u{66b}' => true,
                    '\'' | '\u{66c}' | '\u{60c}' | FIXED_SPACE => groups_only,
                    ' ' => groups_only && self.style.space_groups,
                    _ => false,
                };
            if !accepted {
                run.end = end;
                return run;
            }
            run.marks.push(mark);
            run.pieces.push(self.text(end + 1, next_end));
            end = next_end;
        }
    }

    /// Reads what follows a value (fraction, power, multiplier) and what stands before it (sign), and keeps the number.
    fn finish(&mut self, start: usize, end: usize, value: Value, plain: bool) -> usize {
        let marker = plain && self.is_list_marker(start, end);
        let (value, end) = self.with_fraction(value, start, end);
        let (value, end) = self.with_power(value, end);
        let (value, end) = match multiplier_after(&self.glyphs[end..]) {
            Some((factor, n)) => (value.map(|v| v.times(Rational::new(factor, 1)?)), end + n),
            None => (value, end),
        };
        let (value, start) = match multiplier_before(&self.glyphs[..start]) {
            Some((factor, n)) => (value.map(|v| v.times(Rational::new(factor, 1)?)), start - n),
            None => (value, start),
        };
        let (value, start) = match self.sign(start) {
            Some(at) => (value.negated(), at),
            None => (value, start),
        };
        let (value, start) = self.with_mantissa(value, start, end);
        self.found.push(Number { value, start, end, is_list_marker: marker });
        end
    }

    /// `3/4`, `1 1/2`, `2½`; not the parts of `1/2/2024`.
    fn with_fraction(&self, value: Value, start: usize, end: usize) -> (Value, usize) {
        if start > 1 && self.at(start - 1) == '/' && self.is_digit(start - 2) {
            return (value, end);
        }
        if let Some((den, next)) = self.denominator(end) {
            return (value.map(|v| v.divided_by(den)), next);
        }
        if value.whole().is_none() {
            return (value, end);
        }
        let after_space = if matches!(self.at(end), ' ' | FIXED_SPACE) { end + 1 } else { end };
        if let Some(part) = vulgar(self.at(after_space)) {
            return (value.map(|v| v.plus(part)), after_space + 1);
        }
        let num_end = self.digits_end(after_space);
        if after_space > end && num_end > after_space {
            let num = Rational::from_digits(&self.text(after_space, num_end), "");
            if let (Some(num), Some((den, next))) = (num, self.denominator(num_end)) {
                let part = num.divided_by(den).filter(|_| num.whole() < den.whole());
                if let Some(part) = part {
                    return (value.map(|v| v.plus(part)), next);
                }
            }
        }
        (value, end)
    }

    /// A slash and a denominator right at `i`, and where it ends.
    fn denominator(&self, i: usize) -> Option<(Rational, usize)> {
        let end = self.digits_end(i + 1);
        let is_one = self.at(i) == '/' && end > i + 1 && !(self.at(end) == '/' && self.is_digit(end + 1));
        let den = is_one.then(|| Rational::from_digits(&self.text(i + 1, end), ""))??;
        (den.whole() != Some(0)).then_some((den, end))
    }

    /// `\frac{3}{4}`, also after a whole number.
    fn latex_fraction(&mut self, i: usize) -> Option<usize> {
        let head = ["\\frac{", "\\dfrac{", "\\tfrac{"].into_iter().find(|head| self.starts_with(i, head))?;
        let num = i + head.len();
        let num_end = self.digits_end(num);
        let den = num_end + 2;
        let den_end = self.digits_end(den);
        let well_formed =
            self.starts_with(num_end, "}{") && self.at(den_end) == '}' && num_end > num && den_end > den;
        let part = well_formed.then(|| {
            Rational::new(self.text(num, num_end).parse().ok()?, self.text(den, den_end).parse().ok()?)
        })??;
        let end = den_end + 1;
        match self.found.last_mut() {
            Some(whole) if whole.end == i && whole.value.whole().is_some_and(|w| w >= 0) => {
                whole.value = whole.value.clone().map(|v| v.plus(part));
                whole.end = end;
                Some(end)
            }
            _ => Some(self.finish(i, end, Value::Exact(part), false)),
        }
    }

    fn starts_with(&self, i: usize, text: &str) -> bool {
        text.chars().enumerate().all(|(k, c)| self.at(i + k) == c)
    }

    /// `10^3`, `10^{3}`, `10²`, `1.5e3`.
    fn with_power(&self, value: Value, end: usize) -> (Value, usize) {
        let (from, to, next) = match self.at(end) {
            '^' if self.at(end + 1) == '{' => {
                let to = self.digits_end(end + 2);
                (end + 2, to, if self.at(to) == '}' { to + 1 } else { end + 2 })
            }
            '^' => (end + 1, self.digits_end(end + 1), self.digits_end(end + 1)),
            'e' => return self.with_exponent(value, end),
            c => {
                let Some(power) = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c) else {
                    return (value, end);
                };
                return (value.map(|v| power_of(v, power as u32)), end + 1);
            }
        };
        match self.text(from, to.max(from)).parse::<u32>() {
            Ok(power) => (value.map(|v| power_of(v, power)), next),
            Err(_) => (value, end),
        }
    }

    fn with_exponent(&self, value: Value, end: usize) -> (Value, usize) {
        let negative = self.at(end + 1) == '-';
        let from = end + 1 + usize::from(negative || self.at(end + 1) == '+');
        let to = self.digits_end(from);
        let Ok(power) = self.text(from, to.max(from)).parse::<u32>() else { return (value, end) };
        if self.at(to).is_alphabetic() {
            return (value, end);
        }
        let apply = |v: Rational| {
            let factor = power_of(Rational::new(10, 1)?, power)?;
            if negative { v.divided_by(factor) } else { v.times(factor) }
        };
        (value.map(apply), to)
    }

    /// `1.5 × 10^3`: a power of ten right after a factor belongs to it.
    fn with_mantissa(&mut self, value: Value, start: usize, end: usize) -> (Value, usize) {
        let is_power = self.glyphs[start..end].iter().any(|g| g.c == '^') && self.starts_with(start, "10^");
        let Some(mantissa) = self.found.last().filter(|_| is_power).cloned() else { return (value, start) };
        let between = self.text(mantissa.end, start);
        let (Value::Exact(m), true) =
            (&mantissa.value, ["×", "*", "·", "x", "\\times"].contains(&between.trim()))
        else {
            return (value, start);
        };
        self.found.pop();
        (value.map(|v| v.times(*m)), mantissa.start)
    }

    /// Where the sign of a negative number stands; a minus between two numbers, or a dash in a text, is no sign.
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

    /// `2.` or `2)` at the start of a line that goes on with other text.
    fn is_list_marker(&self, start: usize, end: usize) -> bool {
        let line_start = self.glyphs[..start]
            .iter()
            .rev()
            .take_while(|g| g.c != '\n')
            .all(|g| matches!(g.c, ' ' | '*' | '#'));
        let mark = matches!(self.at(end), '.' | ')' | '、');
        let space = self.at(end) == '、' || self.at(end + 1) == ' ' || self.at(end + 1) == '*';
        let rest = self.glyphs.iter().skip(end + 1).take_while(|g| g.c != '\n');
        line_start && mark && space && rest.into_iter().any(|g| g.c.is_alphanumeric())
    }
}

fn power_of(base: Rational, power: u32) -> Option<Rational> {
    (power <= 40).then_some(())?;
    (0..power).try_fold(Rational::new(1, 1)?, |product, _| product.times(base))
}
