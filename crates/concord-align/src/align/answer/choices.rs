//! Multiple choice: "The answer is (B)" stands for the value that the text lists under (B).

use super::latex::{BOX_CLOSE, BOX_OPEN};
use super::numbers::Sort;
use super::page::Page;
use super::words::is_letter;

impl Page<'_> {
    /// The number that a single letter at `from` stands for: that of the option of this letter, listed before `before`.
    pub(super) fn choice(&self, (from, to): (usize, usize), before: usize) -> Option<usize> {
        let blank = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | ':' | BOX_OPEN);
        let n = self.glyphs.get(from..to)?.iter().take_while(|g| blank(g.c)).take(8).count();
        let at = from + n + self.option_word(from + n);
        let letter = self.glyphs[..to].get(at)?;
        let after = self.glyphs[..to].get(at + 1).map_or('\n', |g| g.c);
        let is_alone = matches!(after, ')' | ']' | '.' | ',' | ':' | '"' | '\n' | '$' | BOX_CLOSE);
        let rest = &self.glyphs[(at + 1).min(to)..to];
        let says_value = rest.iter().find(|g| g.c.is_alphanumeric()).is_some_and(|g| g.c.is_ascii_digit())
            && rest.iter().take_while(|g| !g.c.is_alphanumeric()).all(|g| g.c != '\n');
        (letter.raw.is_ascii_uppercase() && is_alone && !says_value)
            .then(|| self.option(letter.raw, before))?
    }

    /// Length of "option " or "choice " at `i`.
    fn option_word(&self, i: usize) -> usize {
        let is_at = |word: &&str| self.text((i, (i + word.len()).min(self.glyphs.len()))) == **word;
        ["option ", "option (", "choice ", "choice ("].iter().find(|word| is_at(word)).map_or(0, |w| w.len())
    }

    /// The last number before a glyph that follows "(B)", "B)" or "B.".
    fn option(&self, letter: char, before: usize) -> Option<usize> {
        let all = self.numbers_in((0, before));
        all.rev().filter(|&i| matches!(self.numbers[i].sort, Sort::Plain)).find(|&i| {
            let head = &self.glyphs[..self.numbers[i].start];
            let is_gap = |c: char| !is_letter(c) && !c.is_ascii_digit() && c != '\n';
            let gap = head.iter().rev().take(6).take_while(|g| is_gap(g.c)).count();
            let gap_has_mark = head[head.len() - gap..].iter().any(|g| matches!(g.c, ')' | '.' | ':'));
            let named = head.len().checked_sub(gap + 1).map(|k| (head[k].raw, k));
            named.is_some_and(|(raw, k)| {
                raw == letter && gap_has_mark && (k == 0 || !head[k - 1].c.is_alphanumeric())
            })
        })
    }
}
