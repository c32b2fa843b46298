//! A text with all that the reader knows of it: numbers, words of the lexicon, sentences, parentheses.

use super::digits::{FIXED_SPACE, Glyph};
use super::lexicon::{Kind, Mark, marks};
use super::magnitude::Magnitudes;
use super::numbers::{Number, Sort, scan};
use super::signs::is_currency;
use super::style::NumberStyle;
use super::words::is_letter;

/// A text as it is read.
pub(super) struct Page<'a> {
    pub(super) glyphs: &'a [Glyph],
    pub(super) numbers: Vec<Number>,
    pub(super) marks: Vec<Mark>,
    /// First subtag of the language.
    pub(super) tag: String,
    /// Glyph ranges, in order; their stops belong to them.
    pub(super) sentences: Vec<(usize, usize)>,
    /// By number: whether it stands in parentheses.
    in_parentheses: Vec<bool>,
    /// By number: whether it only counts or names a step or a part.
    is_label: Vec<bool>,
}

impl<'a> Page<'a> {
    pub(super) fn new(glyphs: &'a [Glyph], style: NumberStyle, tag: String) -> Self {
        let marks = marks(glyphs, &tag);
        let numbers = scan(glyphs, style, &Magnitudes::of(&marks));
        let in_parentheses = in_parentheses(glyphs, &numbers);
        let is_label = labels(glyphs, &numbers, &marks);
        let sentences = sentences(glyphs);
        Self { glyphs, numbers, marks, tag, sentences, in_parentheses, is_label }
    }

    /// The marks of a kind in a glyph range.
    pub(super) fn marks_in(
        &self,
        kind: Kind,
        (from, to): (usize, usize),
    ) -> impl DoubleEndedIterator<Item = &Mark> {
        let first = self.marks.partition_point(|mark| mark.start < from);
        let last = self.marks.partition_point(|mark| mark.start < to);
        self.marks[first..last.max(first)].iter().filter(move |mark| mark.kind == kind && mark.end <= to)
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
        matches!(self.numbers[i].sort, Sort::Plain | Sort::Unread)
            && !self.in_parentheses[i]
            && !self.is_label[i]
    }

    /// The glyphs of a range as a string.
    pub(super) fn text(&self, (from, to): (usize, usize)) -> String {
        self.glyphs.get(from..to).unwrap_or(&[]).iter().map(|g| g.c).collect()
    }

    /// True if glyph `i` is near the start of its sentence: only signs and at most one short word stand before it.
    pub(super) fn opens_sentence(&self, i: usize) -> bool {
        // Thai, Lao, Khmer and Burmese set sentences apart by a space.
        let has_no_stops = self.glyphs.get(i).is_some_and(
            |g| matches!(g.c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'),
        );
        if has_no_stops && i > 0 && self.glyphs[i - 1].c == ' ' {
            return true;
        }
        let Some(&(from, _)) = self.sentences.get(self.sentence_at(i)) else { return true };
        let before = &self.glyphs[from..i.max(from)];
        before.len() <= 8 && before.iter().filter(|g| is_letter(g.c)).count() <= 4
            || before.iter().all(|g| !is_letter(g.c) && !g.c.is_ascii_digit())
    }

    /// True if glyph `i` is the first of its line, except for signs and list markers.
    pub(super) fn opens_line(&self, i: usize) -> bool {
        let line = self.glyphs[..i].iter().rev().take(12).take_while(|g| g.c != '\n');
        line.into_iter().all(|g| !is_letter(g.c) && !g.c.is_ascii_digit() && !matches!(g.c, ':' | ',' | '='))
    }
}

/// True if the text between two numbers makes them parts of one calculation.
pub(super) fn is_calculation(gap: &[Glyph]) -> bool {
    if gap.len() > MAX_GAP {
        return false;
    }
    // A calculation may go on in the next line with its equals sign.
    let broken = gap.iter().position(|g| g.c == '\n').filter(|&n| {
        let next = gap[n + 1..].iter().find(|g| !matches!(g.c, ' ' | FIXED_SPACE | '&'));
        next.is_some_and(|g| matches!(g.c, '=' | '≈'))
    });
    let n_letters = gap.iter().filter(|g| g.c.is_alphabetic()).count();
    let sentence_ends = gap.windows(2).any(|pair| pair[0].c == '.' && pair[1].c.is_whitespace());
    let stops = gap.iter().enumerate().filter(|(n, _)| broken != Some(*n)).any(|(_, g)| {
        matches!(g.c, '\n' | '!' | '?' | ';' | ',' | '。' | '，' | '、' | '؟' | '،' | '।' | '۔')
    });
    let operator = gap.iter().any(|g| match g.c {
        '=' | '≈' | '→' | '+' | '*' | '×' | '÷' | '·' | '∙' => true,
        '-' | ':' | '/' => n_letters == 0,
        'x' | 'х' => n_letters == 1,
        _ => false,
    });
    operator && !stops && !sentence_ends
}

/// True if the gap has a sign of equality.
pub(super) fn is_equality(gap: &[Glyph]) -> bool {
    gap.iter().any(|g| matches!(g.c, '=' | '≈' | '→'))
}

/// Longest text between a marker and its number, or between two numbers of a calculation, in characters.
pub(super) const MAX_GAP: usize = 60;

/// Words of up to this many letters before a point and a small letter or a digit are taken for abbreviations.
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

fn in_parentheses(glyphs: &[Glyph], numbers: &[Number]) -> Vec<bool> {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut out = Vec::with_capacity(numbers.len());
    for number in numbers {
        for g in glyphs.get(at..number.start).unwrap_or(&[]) {
            match g.c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                // A parenthesis that was never closed ends with its paragraph.
                '\n' => depth = 0,
                _ => {}
            }
        }
        at = at.max(number.start);
        out.push(depth > 0);
    }
    out
}

/// "12 remain" is a result; "4 remainder 3" follows a quotient.
fn is_what_remains(glyphs: &[Glyph], mark: &Mark) -> bool {
    let word: String = glyphs[mark.start..mark.end].iter().map(|g| g.c).collect();
    let near = glyphs[..mark.start].iter().rev().take(14);
    let follows_number = near.take_while(|g| !matches!(g.c, '.' | '。' | '\n')).any(|g| g.c.is_ascii_digit());
    REMAINDER.contains(&word.as_str()) && !follows_number
}

/// Labels that are also words for what is left.
const REMAINDER: [&str; 4] = ["remainder", "rest", "reste", "余"];

fn labels(glyphs: &[Glyph], numbers: &[Number], marks: &[Mark]) -> Vec<bool> {
    let mut out = vec![false; numbers.len()];
    let is_blank = |gap: &[Glyph]| gap.iter().all(|g| matches!(g.c, ' ' | FIXED_SPACE | '#' | '.' | '-'));
    for mark in marks {
        let after = numbers.partition_point(|n| n.start < mark.end);
        if matches!(mark.kind, Kind::Step | Kind::Label)
            && let Some(number) = numbers.get(after).filter(|n| n.start - mark.end <= 2)
        {
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
