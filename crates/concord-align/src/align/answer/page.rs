//! A text and everything the reader knows about it: its numbers, lexicon words, sentences and parentheses.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::calculations::Calculations;
use super::digits::{FIXED_SPACE, Glyph};
use super::lexicon::{Kind, Mark, Marks, marks};
use super::magnitude::Magnitudes;
use super::numbers::{Number, Sort, scan};
use super::signs::is_currency;
use super::style::NumberStyle;
use super::words::is_letter;
use super::work::looked_at;

/// A text and what is known about it.
pub(super) struct Page<'a> {
    pub(super) glyphs: &'a [Glyph],
    pub(super) numbers: Vec<Number>,
    pub(super) calculations: Calculations,
    marks: Marks,
    /// First subtag of the language.
    pub(super) tag: String,
    /// Glyph ranges, in order; their stops belong to them.
    pub(super) sentences: Vec<(usize, usize)>,
    /// By sentence: its first letter or digit, or its end.
    first_words: Vec<usize>,
    /// For each number, how many before it may be results; at the end, how many in all.
    n_results: Vec<usize>,
    /// By number: the first of the same value.
    first_alike: OnceCell<Vec<usize>>,
    /// The sentences that check a result: where each starts, and where the words that announce the check end.
    pub(super) checks: OnceCell<Vec<(usize, usize)>>,
}

impl<'a> Page<'a> {
    pub(super) fn new(glyphs: &'a [Glyph], style: NumberStyle, tag: String) -> Self {
        let marks = marks(glyphs, &tag);
        let numbers = scan(glyphs, style, &Magnitudes::of(&marks));
        let sentences = sentences(glyphs);
        let is_word = |g: &Glyph| is_letter(g.c) || g.c.is_ascii_digit();
        let first_word =
            |&(from, to): &(usize, usize)| glyphs[from..to].iter().position(is_word).map_or(to, |n| from + n);
        Self {
            calculations: Calculations::of(glyphs, &numbers),
            first_words: sentences.iter().map(first_word).collect(),
            n_results: n_results(glyphs, &numbers, &marks),
            first_alike: OnceCell::new(),
            checks: OnceCell::new(),
            glyphs,
            numbers,
            marks,
            tag,
            sentences,
        }
    }

    /// The marks of a kind in a glyph range.
    pub(super) fn marks_in(
        &self,
        kind: Kind,
        (from, to): (usize, usize),
    ) -> impl DoubleEndedIterator<Item = &Mark> {
        let marks = self.marks.of(kind);
        let first = marks.partition_point(|mark| mark.start < from);
        let last = marks.partition_point(|mark| mark.start < to);
        marks[first..last.max(first)].iter().inspect(|_| looked_at(1)).filter(move |mark| mark.end <= to)
    }

    /// The numbers in a glyph range, by index.
    pub(super) fn numbers_in(&self, (from, to): (usize, usize)) -> std::ops::Range<usize> {
        let first = self.numbers.partition_point(|n| n.start < from);
        let last = self.numbers.partition_point(|n| n.end <= to);
        first..last.max(first)
    }

    /// The index of the sentence that glyph `i` is in.
    pub(super) fn sentence_at(&self, i: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.1 <= i).min(self.sentences.len().saturating_sub(1))
    }

    /// The end of the sentence that glyph `i` is in.
    pub(super) fn sentence_end(&self, i: usize) -> usize {
        self.sentences.get(self.sentence_at(i)).map_or(self.glyphs.len(), |sentence| sentence.1)
    }

    /// A quantity that may be a result: not in parentheses, no label, no place in a list.
    pub(super) fn may_be_result(&self, i: usize) -> bool {
        looked_at(1);
        self.n_results[i] < self.n_results[i + 1]
    }

    /// Whether a number in a glyph range may be a result.
    pub(super) fn has_result(&self, range: (usize, usize)) -> bool {
        let numbers = self.numbers_in(range);
        self.n_results[numbers.start] < self.n_results[numbers.end]
    }

    /// Whether the value of number `i` occurs before glyph `from`.
    pub(super) fn is_said_before(&self, i: usize, from: usize) -> bool {
        let first_alike = self.first_alike.get_or_init(|| {
            let mut seen = HashMap::new();
            let values = self.numbers.iter().map(|number| number.value.canonical());
            values.enumerate().map(|(i, value)| *seen.entry(value).or_insert(i)).collect()
        });
        self.numbers[first_alike[i]].start < from
    }

    /// The glyphs of a range.
    pub(super) fn slice(&self, (from, to): (usize, usize)) -> &'a [Glyph] {
        self.glyphs.get(from..to).unwrap_or(&[])
    }

    /// The glyphs of a range, one by one.
    pub(super) fn glyphs_in(&self, range: (usize, usize)) -> impl DoubleEndedIterator<Item = &'a Glyph> {
        self.slice(range).iter().inspect(|_| looked_at(1))
    }

    /// The glyphs of a range as a string.
    pub(super) fn text(&self, range: (usize, usize)) -> String {
        self.glyphs_in(range).map(|g| g.c).collect()
    }

    /// The first glyph of a range for which something is true, or the end of the range.
    pub(super) fn find_glyph(&self, range: (usize, usize), is: impl Fn(char) -> bool) -> usize {
        let mut n_before = 0;
        let mut glyphs = self.glyphs_in(range);
        while glyphs.next().is_some_and(|g| !is(g.c)) {
            n_before += 1;
        }
        range.0 + n_before
    }

    /// True if glyph `i` is near the start of its sentence: only signs and at most one short word stand before it.
    pub(super) fn opens_sentence(&self, i: usize) -> bool {
        // Thai, Lao, Khmer and Burmese separate sentences by a space.
        let has_no_stops = self.glyphs.get(i).is_some_and(
            |g| matches!(g.c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'),
        );
        if has_no_stops && i > 0 && self.glyphs[i - 1].c == ' ' {
            return true;
        }
        let sentence = self.sentence_at(i);
        let Some(&(from, _)) = self.sentences.get(sentence) else { return true };
        let before = &self.glyphs[from..i.max(from)];
        before.len() <= 8 && before.iter().filter(|g| is_letter(g.c)).count() <= 4
            || self.first_words[sentence] >= i
    }

    /// True if glyph `i` is the first of its line, except for signs and list markers.
    pub(super) fn opens_line(&self, i: usize) -> bool {
        let line = self.glyphs[..i].iter().rev().take(12).take_while(|g| g.c != '\n');
        line.into_iter().all(|g| !is_letter(g.c) && !g.c.is_ascii_digit() && !matches!(g.c, ':' | ',' | '='))
    }
}

/// Longest abbreviation, in letters.
const SHORT: usize = 5;

fn sentences(glyphs: &[Glyph]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = 0;
    for (i, g) in glyphs.iter().enumerate() {
        let is_end = match g.c {
            '\n' | '!' | '?' | '。' | '؟' | '।' | '۔' | '።' | '។' | '။' | '։' | '॥' => true,
            '.' => ends_sentence(glyphs, i),
            _ => false,
        };
        if is_end {
            out.push((from, i + 1));
            from = i + 1;
        }
    }
    if from < glyphs.len() {
        out.push((from, glyphs.len()));
    }
    out
}

/// Whether the point at `i` ends a sentence: not in a number, not after an abbreviation, not after a list's number.
fn ends_sentence(glyphs: &[Glyph], i: usize) -> bool {
    let Some(next) = glyphs.get(i + 1) else { return true };
    if !next.c.is_whitespace() && next.c != FIXED_SPACE && !matches!(next.c, '"' | ')' | '»' | '”') {
        return false;
    }
    let after = glyphs[i + 1..].iter().find(|g| !g.c.is_whitespace() && g.c != FIXED_SPACE);
    let word: Vec<&Glyph> = glyphs[..i].iter().rev().take(SHORT + 1).take_while(|g| is_letter(g.c)).collect();
    let is_short = !word.is_empty() && word.len() <= SHORT;
    let goes_on = after.is_some_and(|g| g.raw.is_lowercase() || g.c.is_ascii_digit() || is_currency(g.c));
    let is_known = || {
        let spelled: String = word.iter().rev().map(|g| g.c).collect();
        ABBREVIATIONS.contains(&spelled.as_str())
    };
    // The number of a list at the start of a line.
    let line: Vec<&Glyph> = glyphs[..i].iter().rev().take(5).take_while(|g| g.c != '\n').collect();
    let is_list = line.len() < 5
        && line.iter().any(|g| g.c.is_ascii_digit())
        && line.iter().all(|g| g.c.is_ascii_digit() || g.c == ' ');
    !(is_list || is_short && goes_on && is_known())
}

const ABBREVIATIONS: [&str; 44] = [
    "rs", "no", "nr", "approx", "ca", "tk", "тыс", "руб", "млн", "млрд", "стр", "sh", "art", "fig", "eq",
    "p", "vol", "mr", "mrs", "dr", "abs", "usd", "z", "b", "d", "h", "ca", "zt", "bzw", "e", "g", "i", "p",
    "ex", "etc", "env", "aprox", "tys", "tis", "т", "д", "kr", "st", "gr",
];

/// For every `n`: how many of the first `n` numbers are quantities, outside parentheses, that do not label a step or part.
fn n_results(glyphs: &[Glyph], numbers: &[Number], marks: &Marks) -> Vec<usize> {
    let (in_parentheses, is_label) = (in_parentheses(glyphs, numbers), labels(glyphs, numbers, marks));
    let may_be_result = |i: usize| {
        matches!(numbers[i].sort, Sort::Plain | Sort::Unread) && !in_parentheses[i] && !is_label[i]
    };
    let mut n = 0;
    let counts = (0..numbers.len()).map(|i| {
        n += usize::from(may_be_result(i));
        n
    });
    std::iter::once(0).chain(counts).collect()
}

fn in_parentheses(glyphs: &[Glyph], numbers: &[Number]) -> Vec<bool> {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut out = Vec::with_capacity(numbers.len());
    for number in numbers {
        for g in glyphs.get(at..number.start).unwrap_or(&[]) {
            match g.c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                // A parenthesis that is never closed ends with its line.
                '\n' => depth = 0,
                _ => {}
            }
        }
        at = at.max(number.start);
        out.push(depth > 0);
    }
    out
}

/// Whether the word announces a result ("the remainder is 12") instead of following a quotient ("4 remainder 3").
fn is_what_remains(glyphs: &[Glyph], mark: &Mark) -> bool {
    let word: String = glyphs[mark.start..mark.end].iter().map(|g| g.c).collect();
    let near = glyphs[..mark.start].iter().rev().take(14);
    let follows_number = near.take_while(|g| !matches!(g.c, '.' | '。' | '\n')).any(|g| g.c.is_ascii_digit());
    REMAINDER.contains(&word.as_str()) && !follows_number
}

/// Labels that also mean what is left over.
const REMAINDER: [&str; 4] = ["remainder", "rest", "reste", "余"];

fn labels(glyphs: &[Glyph], numbers: &[Number], marks: &Marks) -> Vec<bool> {
    let mut out = vec![false; numbers.len()];
    let is_blank = |gap: &[Glyph]| gap.iter().all(|g| matches!(g.c, ' ' | FIXED_SPACE | '#' | '.' | '-'));
    for mark in marks.of(Kind::Step).iter().chain(marks.of(Kind::Label)) {
        let after = numbers.partition_point(|n| n.start < mark.end);
        if let Some(number) = numbers.get(after).filter(|n| n.start - mark.end <= 2) {
            out[after] |= is_blank(&glyphs[mark.end..number.start]) && !is_what_remains(glyphs, mark);
        }
        let before = numbers.partition_point(|n| n.end <= mark.start).checked_sub(1);
        if mark.kind == Kind::Step
            && let Some(i) = before.filter(|&i| mark.start - numbers[i].end <= 2)
        {
            out[i] |= glyphs[numbers[i].end..mark.start]
                .iter()
                .all(|g| matches!(g.c, ' ' | FIXED_SPACE | '-' | 'つ' | '个'));
        }
    }
    out
}
