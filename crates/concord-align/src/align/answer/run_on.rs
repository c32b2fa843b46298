//! Where a response ends if the model goes on to ask itself another question, as base models do.

use super::digits::Glyph;
use super::lexicon::Kind;
use super::page::Page;
use super::words::is_colon;

/// Signs of a chat's turns, in the reader's spelling.
const TURNS: [&str; 9] = [
    "<|im_start|>",
    "<|user|>",
    "<|eot_id|>",
    "[inst]",
    "<start_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|im_end|>",
    "<end_of_turn>",
];

impl Page<'_> {
    /// Where the text stops being an answer: at another speaker's turn, or at the heading of another question.
    pub(super) fn end_of_answer(&self) -> usize {
        let n = self.glyphs.len();
        let named = self.marks_in(Kind::Turn, (0, n)).find(|mark| {
            self.opens_line(mark.start)
                && self.is_heading(mark.start, mark.end)
                && !self.numbers_in((0, mark.start)).is_empty()
        });
        let turn = self.turn().unwrap_or(n).min(named.map_or(n, |mark| mark.start));
        let opens_with_question = self
            .marks_in(Kind::Question, (0, turn))
            .chain(self.marks_in(Kind::Given, (0, turn)))
            .any(|mark| self.is_heading(mark.start, mark.end) && self.numbers_in((0, mark.start)).is_empty());
        // A text with more headings does not answer one question, and must stay linear.
        const MAX_HEADINGS: usize = 6;
        let mut n_headings = 0;
        for mark in self.marks_in(Kind::Question, (0, turn)) {
            if !self.is_heading(mark.start, mark.end) || self.numbers_in((0, mark.start)).is_empty() {
                continue;
            }
            n_headings += 1;
            if n_headings > MAX_HEADINGS {
                break;
            }
            let is_answered = self.explicit((0, mark.start)).is_some()
                || self
                    .marked((0, mark.start))
                    .iter()
                    .any(|pointed| pointed.is_direct || opens_with_question);
            let is_set_apart =
                self.glyphs[..mark.start].iter().rev().take(6).filter(|g| g.c == '\n').count() >= 1;
            let has_sum = self.numbers_in((0, mark.start)).any(|i| self.calculations.is_linked(i))
                || self.marks_in(Kind::So, (0, mark.start)).next().is_some();
            let has_heading =
                self.marks_in(Kind::Given, (0, mark.start)).any(|given| self.opens_line(given.start));
            if is_answered || (!opens_with_question && !has_heading && is_set_apart && has_sum) {
                return mark.start;
            }
        }
        turn
    }

    /// A word at the start of a line or sentence, then perhaps a number, then a colon.
    fn is_heading(&self, start: usize, end: usize) -> bool {
        let is_bracketed = start > 0 && self.glyphs[start - 1].c == '[';
        let colon =
            self.glyphs[end..].iter().take(8).position(|g| is_colon(g.c) || is_bracketed && g.c == ']');
        let is_numbered =
            |n: usize| self.glyphs[end..end + n].iter().all(|g| !g.c.is_alphabetic() && g.c != '\n');
        // "Exercise 2" on a line of its own.
        let line: Vec<char> =
            self.glyphs[end..].iter().take(6).map(|g| g.c).take_while(|&c| c != '\n').collect();
        let is_line = line.len() < 6
            && line.iter().any(char::is_ascii_digit)
            && line.iter().all(|&c| c == ' ' || c.is_ascii_digit());
        if is_line && self.opens_line(start) {
            return true;
        }
        let opens = self.opens_line(start) || self.opens_sentence(start);
        opens && colon.is_some_and(is_numbered)
    }

    fn turn(&self) -> Option<usize> {
        let starts = |i: usize, text: &str| {
            text.chars().enumerate().all(|(k, c)| self.glyphs.get(i + k).is_some_and(|g: &Glyph| g.c == c))
        };
        let is_turn =
            |i: &usize| matches!(self.glyphs[*i].c, '<' | '[') && TURNS.iter().any(|turn| starts(*i, turn));
        (0..self.glyphs.len()).find(|i| is_turn(i) && !self.numbers_in((0, *i)).is_empty())
    }
}
