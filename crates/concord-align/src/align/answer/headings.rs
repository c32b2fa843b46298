//! Headings such as "Answer:" and "Solution:". Either the answer follows at once, or the working begins there.

use super::latex::BOX_CLOSE;
use super::lexicon::Mark;
use super::numbers::Sort;
use super::page::Page;
use super::pointers::{Found, Pointed};
use super::results::Pick;
use super::words::{is_colon, is_letter};

impl Page<'_> {
    /// Where a marker that is a heading ends: after its colon, equals sign or line.
    pub(super) fn head_end(&self, mark: &Mark, to: usize) -> Option<usize> {
        let mut n_letters = 0;
        for (i, g) in self.glyphs[..to].iter().enumerate().skip(mark.end).take(40) {
            match g.c {
                c if is_colon(c) || matches!(c, '=' | '→') => return Some(i + 1),
                '\n' => return (n_letters == 0 && self.opens_line(mark.start)).then_some(i + 1),
                '.' | '!' | '?' | '。' | '؟' | '।' | ',' | '，' if i > mark.end => return None,
                '-' | '—' if n_letters == 0 && self.opens_line(mark.start) && self.first_is_letter(i + 1) =>
                {
                    return Some(i + 1);
                }
                c if is_letter(c) => n_letters += 1,
                _ => {}
            }
        }
        None
    }

    pub(super) fn first_is_letter(&self, i: usize) -> bool {
        self.glyphs[i.min(self.glyphs.len())..]
            .iter()
            .find(|g| !g.c.is_whitespace())
            .is_some_and(|g| is_letter(g.c))
    }

    /// After a heading: a number that stands there alone, else the last result of what follows.
    pub(super) fn headed(&self, from: usize, to: usize, at: usize) -> Option<Pointed> {
        let Some(first) = self.first_number(from, to) else {
            let word = self.word_in((from, to), true)?;
            return Some(Pointed { found: self.of_word(word), is_box: false, at, is_direct: true });
        };
        let gap = (from, self.numbers[first].start);
        let is_near = self.is_blank(gap) && self.text(gap).matches('\n').count() <= 3;
        if !is_near || self.numbers[first].sort == Sort::ListMarker {
            // "Answer: twelve (3 + 9)".
            let word = self.word_in((from, self.numbers[first].start.min(self.sentence_end(from))), false);
            if let Some(word) = word.filter(|word| self.is_blank((from, word.start))) {
                return Some(Pointed { found: self.of_word(word), is_box: false, at, is_direct: true });
            }
            let pick = self.closing_line(from, to).or_else(|| self.result((from, to)))?;
            return Some(Pointed { found: self.of_pick(pick), is_box: false, at, is_direct: false });
        }
        Some(self.stated_or_worked(first, from, to, at))
    }

    /// The result of the heading's own line, if there is working before the heading and none after that line.
    fn closing_line(&self, from: usize, to: usize) -> Option<Pick> {
        let is_worked = |range| {
            let all = self.numbers_in(range);
            !all.is_empty() && self.calculations.has_equality(all.start, all.end)
        };
        let line_end = self.find_glyph((from, to), |c| c == '\n');
        (is_worked((0, from)) && !is_worked((line_end, to))).then(|| self.result((from, line_end)))?
    }

    /// A number right after a heading is the answer, or the first step of the working.
    pub(super) fn stated_or_worked(&self, first: usize, from: usize, to: usize, at: usize) -> Pointed {
        let stated = self.direct(first, to, at);
        let Found::Number(pick) = &stated.found else { return stated };
        let value = &self.numbers[pick.number].value;
        let end = self.calculations.end_of(first, self.numbers_in((0, to)).end);
        let Some(last) = self.result((from, to)).filter(|last| self.numbers[last.number].value != *value)
        else {
            return stated;
        };
        // A check arrives at the same value.
        let rest = self.numbers_in((self.numbers[first].end, to));
        let again = self.last_equation(rest).map(|found| &self.numbers[found.0].value);
        if end - first == 1 && again == Some(value) {
            return stated;
        }
        let worked = Pointed { found: self.of_pick(last.clone()), is_direct: false, ..stated.clone() };
        let is_sum = end - first > 1;
        // Whether the number has its line to itself.
        let line_end = self.find_glyph((self.numbers[end - 1].end, to), |c| c == '\n');
        let sum = self
            .numbers_in((self.numbers[end - 1].end, to))
            .find(|&i| i > end && self.calculations.is_linked(i) && self.may_be_result(i));
        let is_alone = self.is_complete(self.numbers[end - 1].end, line_end);
        let feeds = sum.is_some_and(|i| {
            let (start, _) = self.calculations.around(i, end..i + 1);
            (start..=i).any(|k| self.numbers[k].value == *value)
        });
        if is_sum && (sum.is_some() || !is_alone) || !is_sum && (feeds || !is_alone && sum.is_some()) {
            let mut worked = worked;
            if let Found::Number(found) = &mut worked.found {
                found.others.push(pick.number);
            }
            return worked;
        }
        let mut stated = stated;
        if let Found::Number(found) = &mut stated.found {
            let is_later_line = self.numbers[last.number].start > line_end;
            if sum.is_some() || is_sum && is_later_line {
                found.others.push(last.number);
            }
        }
        stated
    }

    /// Whether only a unit or a remark follows a number on its line.
    pub(super) fn is_complete(&self, from: usize, line_end: usize) -> bool {
        let rest = self.text((from, line_end));
        let until = rest.find(['(', '.', '。', '।', ',', '，', ';', '[', '（']).unwrap_or(rest.len());
        rest[..until].split_whitespace().count() <= 4
            && rest[until..]
                .trim_matches(['.', '。', ' ', '।', '*', BOX_CLOSE])
                .chars()
                .next()
                .is_none_or(|c| c == '(' || c == '[')
    }
}
