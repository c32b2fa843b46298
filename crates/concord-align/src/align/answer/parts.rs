//! The fraction, power or magnitude that follows a value and belongs to it.

use super::magnitude::{next_part, takes_digits};
use super::moments;
use super::numbers::{Draft, Scanner};
use super::rational::Rational;
use super::runs::{Reading, reading};
use super::signs::vulgar;
use super::value::Value;

impl Scanner<'_> {
    /// A magnitude after the value, and the smaller ones after that: 1 lakh 25 thousand, 7万5千, 3万5000.
    pub(super) fn with_magnitude(&self, draft: Draft, start: usize) -> Draft {
        let Some((mut power, end)) = self.magnitudes.after(self.glyphs, start, draft.end) else {
            return draft;
        };
        // "Milioni 2 elfu 7": the first number has a word of its own, so the word between belongs to the second.
        let is_of_next = self.is_digit(end + usize::from(self.is_space(end)));
        if is_of_next && self.magnitudes.before(self.glyphs, start).is_some() {
            return draft;
        }
        let mut whole = draft.map(end, |v| v.times(Rational::power_of_ten(power)?));
        loop {
            let at = next_part(self.glyphs, whole.end);
            if !self.is_digit(at) || moments::clock_or_ratio(self.glyphs, at).is_some() {
                return whole;
            }
            let run = self.read_run(at);
            let Reading::Number { n_whole, other: None } = reading(&run, self.style, self.evidence) else {
                return whole;
            };
            let part = Value::from_digits(&run.pieces[..n_whole].concat(), &run.pieces[n_whole..].concat());
            let Some(number) = part.exact() else { return whole };
            let (factor, end) = match self.magnitudes.after(self.glyphs, at, run.end) {
                Some((next, end)) if next < power => {
                    power = next;
                    (Rational::power_of_ten(next), end)
                }
                // 3万5000, and "3 thousand 500" with all its digits.
                None if run.marks.is_empty()
                    && (run.pieces[0].len() == power as usize
                        || takes_digits(self.glyphs, whole.end) && run.pieces[0].len() <= power as usize) =>
                {
                    power = 0;
                    (Rational::power_of_ten(0), run.end)
                }
                _ => return whole,
            };
            whole = whole.map(end, |v| v.plus(number.times(factor?)?));
            if power == 0 {
                return whole;
            }
        }
    }

    /// "laki 2 na elfu 50": the part before belongs to it.
    pub(super) fn with_earlier_part(
        &mut self,
        value: Value,
        start: usize,
        power: Option<u32>,
    ) -> (Value, usize) {
        let earlier = self.found.last().filter(|earlier| earlier.before > power && power.is_some());
        let Some(earlier) =
            earlier.filter(|earlier| earlier.end < start && start - earlier.end <= 5).cloned()
        else {
            return (value, start);
        };
        let between = self.text(earlier.end, start);
        let (Some(sum), true) = (earlier.value.exact(), matches!(between.trim(), "" | "na" | "da")) else {
            return (value, start);
        };
        self.found.pop();
        (value.map(|v| v.plus(sum)), earlier.start)
    }

    /// `3/4`, `1 1/2`, `2½`; a slash between Persian digits is a decimal mark first.
    pub(super) fn with_fraction(&self, draft: Draft, start: usize) -> Draft {
        let end = draft.end;
        if start > 1 && self.at(start - 1) == '/' && self.is_digit(start - 2) {
            return draft;
        }
        if let Some((den, next)) = self.denominator(end) {
            let is_persian = |i: usize| self.glyphs.get(i).is_some_and(|g| ('۰'..='۹').contains(&g.raw));
            if self.style.slash_decimal && is_persian(end - 1) && is_persian(end + 1) {
                let decimal = Value::from_digits(&self.text(start, end), &self.text(end + 1, next));
                return Draft {
                    value: decimal,
                    other: Some(draft.value.map(|v| v.divided_by(den))),
                    end: next,
                };
            }
            return draft.map(next, |v| v.divided_by(den));
        }
        if draft.value.whole().is_none() {
            return draft;
        }
        let after_space = if self.is_space(end) { end + 1 } else { end };
        if let Some(part) = vulgar(self.at(after_space)) {
            return draft.map(after_space + 1, |v| v.plus(part));
        }
        let num_end = self.digits_end(after_space);
        if after_space > end && num_end > after_space {
            let num = Rational::from_digits(&self.text(after_space, num_end), "");
            if let (Some(num), Some((den, next))) = (num, self.denominator(num_end)) {
                let part = num.divided_by(den).filter(|_| num.whole() < den.whole());
                if let Some(part) = part {
                    return draft.map(next, |v| v.plus(part));
                }
            }
        }
        draft
    }

    /// A slash and a denominator right at `i`, and where it ends.
    pub(super) fn denominator(&self, i: usize) -> Option<(Rational, usize)> {
        let end = self.digits_end(i + 1);
        let is_one = self.at(i) == '/' && end > i + 1 && !(self.at(end) == '/' && self.is_digit(end + 1));
        let den = is_one.then(|| Rational::from_digits(&self.text(i + 1, end), ""))??;
        (den.whole() != Some(0)).then_some((den, end))
    }

    pub(super) fn starts_with(&self, i: usize, text: &str) -> bool {
        text.chars().enumerate().all(|(k, c)| self.at(i + k) == c)
    }

    /// `10^3`, `10^{3}`, `10²`, `1.5e3`.
    pub(super) fn with_power(&self, draft: Draft) -> Draft {
        let end = draft.end;
        let (from, to, next) = match self.at(end) {
            '^' if self.at(end + 1) == '{' => {
                let to = self.digits_end(end + 2);
                (end + 2, to, if self.at(to) == '}' { to + 1 } else { end + 2 })
            }
            '^' => (end + 1, self.digits_end(end + 1), self.digits_end(end + 1)),
            'e' => return self.with_exponent(draft),
            c => {
                let Some(power) = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c) else {
                    return draft;
                };
                return draft.map(end + 1, |v| v.power(power as u32));
            }
        };
        match self.text(from, to.max(from)).parse::<u32>() {
            Ok(power) => draft.map(next, |v| v.power(power)),
            Err(_) => draft,
        }
    }

    pub(super) fn with_exponent(&self, draft: Draft) -> Draft {
        let end = draft.end;
        let negative = self.at(end + 1) == '-';
        let from = end + 1 + usize::from(negative || self.at(end + 1) == '+');
        let to = self.digits_end(from);
        let Ok(power) = self.text(from, to.max(from)).parse::<u32>() else { return draft };
        if self.at(to).is_alphabetic() {
            return draft;
        }
        draft.map(to, |v| {
            let factor = Rational::power_of_ten(power)?;
            if negative { v.divided_by(factor) } else { v.times(factor) }
        })
    }

    /// `1.5 × 10^3`: a power of ten right after a factor belongs to it.
    pub(super) fn with_mantissa(&mut self, value: Value, start: usize, end: usize) -> (Value, usize) {
        let is_power = self.starts_with(start, "10")
            && matches!(self.at(start + 2), '^' | '⁰'..='⁹' | '²' | '³')
            && end > start + 2;
        let Some(mantissa) = self.found.last().filter(|_| is_power).cloned() else { return (value, start) };
        if start - mantissa.end > 8 {
            return (value, start);
        }
        let between = self.text(mantissa.end, start);
        let (Value::Exact(m), true) = (&mantissa.value, ["×", "*", "·", "x"].contains(&between.trim()))
        else {
            return (value, start);
        };
        self.found.pop();
        (value.map(|v| v.times(*m)), mantissa.start)
    }
}
