//! Finds what points to an answer, and the number that it points to.

use super::calculations::MAX_GAP;
use super::latex::{BOX_CLOSE, BOX_OPEN, UNREAD};
use super::lexicon::{Kind, Mark};
use super::numbers::Sort;
use super::page::Page;
use super::results::Pick;
use super::spelled::{self, Spelled};
use super::words::{is_colon, is_letter};

/// What a pointer points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Number(Pick),
    Word(Spelled),
    /// A value that is not read.
    Unread,
}

/// Something that points to an answer, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointed {
    pub(super) found: Found,
    pub(super) is_box: bool,
    /// Where the pointer stands.
    pub(super) at: usize,
    /// Stated outright, and not just the last result after a heading.
    pub(super) is_direct: bool,
}

impl Page<'_> {
    /// The last of `\boxed`, `<answer>`, `####` and "final answer" in a range that leads to an answer.
    pub(super) fn explicit(&self, range: (usize, usize)) -> Option<Pointed> {
        let mut pointers: Vec<Pointed> = self.boxed(range).into_iter().collect();
        pointers.extend(self.tags(range));
        pointers.extend(self.hashes(range));
        let named = self
            .marks_in(Kind::Last, range)
            .rev()
            .take(MAX_MARKS)
            .find_map(|mark| self.pointed_by(mark, range.1));
        pointers.extend(named);
        pointers.into_iter().max_by_key(|pointed| pointed.at)
    }

    /// The answers of a range that markers lead to, the last first.
    pub(super) fn marked(&self, range: (usize, usize)) -> Vec<Pointed> {
        let marks = self.marks_in(Kind::Answer, range).rev().take(MAX_MARKS);
        let pointed = marks
            .filter_map(|mark| self.pointed_by(mark, range.1).or_else(|| self.pointed_before(mark, range.0)));
        pointed.take(8).collect()
    }

    /// The box that is closed last, of those that hold something.
    fn boxed(&self, (from, to): (usize, usize)) -> Option<Pointed> {
        let (mut open, mut boxes) = (Vec::new(), Vec::new());
        for (i, g) in (from..).zip(self.glyphs_in((from, to))) {
            match g.c {
                BOX_OPEN => open.push(i),
                BOX_CLOSE => boxes.extend(open.pop().map(|start| (start, i))),
                _ => {}
            }
        }
        boxes.into_iter().rev().find_map(|(start, end)| {
            let found = self.inside((start + 1, end))?;
            Some(Pointed { found, is_box: true, at: start, is_direct: true })
        })
    }

    /// What a box holds; `None` if it is empty.
    fn inside(&self, range: (usize, usize)) -> Option<Found> {
        let numbers = self.numbers_in(range);
        let glyphs = &self.glyphs[range.0..range.1];
        if glyphs.iter().all(|g| g.c.is_whitespace()) {
            return None;
        }
        let Some(first) = numbers.clone().next() else {
            if let Some(number) = self.choice(range, range.0) {
                return Some(self.of_pick(Pick::sure(number)));
            }
            let word = spelled::all(self.glyphs, range, &self.tag).into_iter().next();
            return Some(word.map_or(Found::Unread, Found::Word));
        };
        let end = self.calculations.end_of(first, numbers.end);
        if self.is_left_open(first, end) {
            return Some(Found::Unread);
        }
        // A dash without a result is a range.
        let is_range = end - first == 2 && !self.calculations.has_equality(first, end);
        let result = if is_range { first } else { self.calculations.result_of(first, end) };
        let after_equality = glyphs.iter().rposition(|g| matches!(g.c, '=' | '≈')).map_or(0, |i| i + 1);
        if glyphs[after_equality..].iter().any(|g| g.c == UNREAD) || !self.is_read(result) {
            return Some(Found::Unread);
        }
        // A letter tied to the number is an unknown: 3x + 2.
        let others: Vec<usize> = numbers
            .filter(|&i| (i < first || i >= end || is_range && i > first) && self.may_be_result(i))
            .collect();
        let end_of = self.numbers[result].end;
        let is_term =
            self.glyphs.get(end_of).is_some_and(|g| matches!(g.c, 'x' | 'y' | 'z' | 'n' | 'p' | 'q' | 'i'))
                && self.glyphs.get(end_of + 1).is_some_and(|g| !is_letter(g.c));
        Some(if is_term { Found::Unread } else { Found::Number(Pick { number: result, others }) })
    }

    /// Whether a calculation that is given as the answer has no result: 9 + 1.
    fn is_left_open(&self, first: usize, end: usize) -> bool {
        let is_dash = |i: usize| self.text((self.numbers[i - 1].end, self.numbers[i].start)).trim() == "-";
        let is_open = end - first > 1 && !self.calculations.has_equality(first, end);
        is_open && !(end - first == 2 && is_dash(first + 1))
    }

    fn is_read(&self, i: usize) -> bool {
        !matches!(self.numbers[i].sort, Sort::Unread | Sort::Date)
    }

    /// `<answer>…</answer>` and the like.
    fn tags(&self, (from, to): (usize, usize)) -> Option<Pointed> {
        let starts = |i: usize, text: &str| {
            text.chars().enumerate().all(|(k, c)| self.glyphs.get(i + k).is_some_and(|g| g.c == c))
        };
        let (start, body) = (from..to).rev().filter(|&i| self.glyphs[i].c == '<').find_map(|i| {
            let tag = ["<answer>", "<final_answer>", "<final answer>", "<result>", "<ans>"]
                .into_iter()
                .find(|tag| starts(i, tag))?;
            Some((i, i + tag.chars().count()))
        })?;
        let end = (body..to).find(|&i| starts(i, "</")).unwrap_or(to);
        let said = self.marked((body, end)).into_iter().next().map(|pointed| pointed.found);
        let found = said.or_else(|| self.result((body, end)).map(|pick| self.of_pick(pick)));
        let found =
            found.or_else(|| spelled::all(self.glyphs, (body, end), &self.tag).pop().map(Found::Word))?;
        Some(Pointed { found, is_box: false, at: start, is_direct: true })
    }

    /// The first `####` with a number right after it.
    fn hashes(&self, (from, to): (usize, usize)) -> Option<Pointed> {
        let is_hash = |i: usize| i >= from && i < to && self.glyphs[i].c == '#';
        let mut found: Vec<Pointed> = (from..to)
            .filter(|&i| is_hash(i) && is_hash(i.wrapping_sub(3)) && !is_hash(i + 1))
            .filter_map(|i| {
                let first = self.first_number(i + 1, to)?;
                let gap = (i + 1, self.numbers[first].start);
                let is_near = gap.1 - gap.0 <= MAX_GAP
                    && self.is_blank(gap)
                    && !self.text(gap).contains('\n')
                    && self.numbers[first].sort != Sort::ListMarker;
                is_near.then(|| self.direct(first, to, i))
            })
            .take(8)
            .collect();
        // After the first, the model is answering a question that it made up, unless it took the first back.
        let last_at = found.last()?.at;
        let is_taken_back = self.marks_in(Kind::Retract, (found[0].at, last_at)).next().is_some();
        let (mut chosen, other) =
            if is_taken_back { (found.pop()?, None) } else { (found.swap_remove(0), found.pop()) };
        if let (Found::Number(pick), Some(Pointed { found: Found::Number(other), .. })) =
            (&mut chosen.found, other)
        {
            pick.others.push(other.number);
        }
        Some(chosen)
    }

    pub(super) fn first_number(&self, from: usize, to: usize) -> Option<usize> {
        self.numbers_in((from, to)).next()
    }

    pub(super) fn of_pick(&self, pick: Pick) -> Found {
        if self.is_read(pick.number) { Found::Number(pick) } else { Found::Unread }
    }

    /// The number `first`, stated outright, or the result of the calculation that it begins.
    pub(super) fn direct(&self, first: usize, to: usize, at: usize) -> Pointed {
        let end = self.calculations.end_of(first, self.numbers_in((0, to)).end);
        if self.is_left_open(first, end) {
            return Pointed { found: Found::Unread, is_box: false, at, is_direct: true };
        }
        let number = self.calculations.result_of(first, end);
        let mut pick = Pick::sure(number);
        // "10 to 12", "between 10 and 12".
        if end == first + 2 && !self.calculations.has_equality(first, end) {
            // A dash without a result is a range.
            return Pointed {
                found: self.of_pick(Pick { number: first, others: vec![first + 1] }),
                is_box: false,
                at,
                is_direct: true,
            };
        }
        if end == first + 1
            && let Some(next) = self.numbers.get(end).filter(|next| next.end <= to)
        {
            let gap = (self.numbers[number].end, next.start);
            let is_dash = next.start - self.numbers[number].end <= 3 && self.text(gap).trim() == "-";
            let is_range = next.start - self.numbers[number].end <= 16
                && self.marks_in(Kind::Range, gap).next().is_some();
            if is_range && !self.text(gap).contains(['.', '\n', '(', ',']) || is_dash {
                pick.others.push(end);
            }
        }
        Pointed { found: self.of_pick(pick), is_box: false, at, is_direct: true }
    }

    /// What a marker points to: the number it is said to be, or the last result after a heading.
    fn pointed_by(&self, mark: &Mark, to: usize) -> Option<Pointed> {
        let m = mark.end;
        let number = self.first_number(m, to);
        let number_at = number.map_or(to, |i| self.numbers[i].start);
        let head = self.head_end(mark, number_at.min(to));
        let is = self.marks_in(Kind::Is, (m, number_at.min(m + MAX_GAP).min(to))).find(|is| {
            is.start <= self.sentence_end(m)
                && !self.text((m, is.start)).contains(['\n', '.', ',', '，', ';', '。'])
                && !self.is_far((m, is.start))
        });
        if self.is_of_check(mark, head.filter(|_| is.is_none())) {
            return None;
        }
        let body = is.map(|is| is.end).or(head).unwrap_or(m);
        if let Some(number) = self.choice((body, to), mark.start) {
            let found = self.of_pick(Pick::sure(number));
            return Some(Pointed { found, is_box: false, at: mark.start, is_direct: true });
        }
        match (is, head) {
            (Some(is), head) if head.is_none_or(|head| is.start < head) => self.said(is.end, to, mark.start),
            (_, Some(head)) if self.is_refused(mark.start, head, to) => {
                Some(Pointed { found: Found::Unread, is_box: false, at: mark.start, is_direct: true })
            }
            (_, Some(head)) => self.headed(head, to, mark.start),
            _ => {
                let first = number?;
                let gap = (m, self.numbers[first].start);
                let is_near = self.is_blank(gap) && !self.text(gap).contains('\n');
                is_near.then(|| self.direct(first, to, mark.start))
            }
        }
    }

    /// Whether a gap has more words than can come between "answer" and "is".
    fn is_far(&self, gap: (usize, usize)) -> bool {
        self.text(gap).split_whitespace().count() > 7
    }

    /// After a word for "is": the first number of the sentence, in digits or in words.
    fn said(&self, from: usize, to: usize, at: usize) -> Option<Pointed> {
        // "The answer is:" goes on below.
        let before_colon = self.glyphs[from..to].iter().take(12);
        let before_colon = before_colon.take_while(|g| !matches!(g.c, '\n' | '0'..='9') && !is_stop(g.c));
        let colon = before_colon.clone().position(|g| is_colon(g.c)).map(|n| from + n + 1);
        let body = colon.unwrap_or(from);
        let first_mark = self.find_glyph((body, to), |c| c.is_alphanumeric() || c == '-');
        let end = if colon.is_some() { self.sentence_end(first_mark) } else { self.sentence_end(from) };
        let end = end.min(to);
        let first = self.first_number(body, to).filter(|&i| self.numbers[i].start < end);
        // "Is not 100 but 99".
        let is_denied = |i: usize| {
            let gap = self.text((body, self.numbers[i].start));
            gap.split(|c: char| !is_letter(c)).any(|word| NOT.contains(&word)) || gap.starts_with('不')
        };
        let next = |i: usize| Some(i + 1).filter(|&n| self.numbers.get(n).is_some_and(|n| n.end <= end));
        let number = first.and_then(|i| if is_denied(i) { next(i) } else { Some(i) });
        let word = self.word_in((body, number.map_or(end, |i| self.numbers[i].start)), false);
        match (word, number) {
            (Some(word), number) if number.is_none() || self.is_blank((body, word.start)) => {
                Some(Pointed { found: self.of_word(word), is_box: false, at, is_direct: true })
            }
            (_, Some(first)) if self.numbers[first].start - body <= MAX_GAP => {
                if self.glyphs_in((body, self.numbers[first].start)).any(|g| g.c == UNREAD) {
                    return Some(Pointed { found: Found::Unread, is_box: false, at, is_direct: true });
                }
                // "Between 8 and 12" says no number.
                let gap = self.text((body, self.numbers[first].start));
                (!BETWEEN.iter().any(|word| gap.contains(word))).then(|| self.direct(first, to, at))
            }
            _ => None,
        }
    }

    /// Other readings of a text that ends with a number in words: the other number words of the sentence, and the result in
    /// digits. None if the sentence draws a conclusion.
    pub(super) fn rivals_of(&self, word: &Spelled) -> Vec<String> {
        if self.concludes_before(word.start) {
            return Vec::new();
        }
        let sentence = self.sentences.get(self.sentence_at(word.start)).copied().unwrap_or_default();
        let words = spelled::all(self.glyphs, sentence, &self.tag);
        let values = words.into_iter().filter_map(|other| other.value).filter(|&v| v > 1);
        let digits = self.result((0, word.start)).map(|pick| self.numbers[pick.number].value.canonical());
        let own = word.value.map(|value| value.to_string());
        let all = values.map(|value| value.to_string()).chain(digits);
        all.filter(|value| Some(value) != own.as_ref()).take(3).collect()
    }

    pub(super) fn of_word(&self, word: Spelled) -> Found {
        if word.value.is_some() { Found::Word(word) } else { Found::Unread }
    }

    /// The first or last number in words of a range. "One" counts only if no word follows it.
    pub(super) fn word_in(&self, range: (usize, usize), last: bool) -> Option<Spelled> {
        let range = (range.0, range.1.min(range.0 + MAX_WORDED));
        let mut words = spelled::all(self.glyphs, range, &self.tag);
        words.retain(|word| {
            word.value != Some(1) || !self.glyphs.get(word.end + 1).is_some_and(|g| is_letter(g.c))
        });
        if last { words.pop() } else { words.into_iter().next() }
    }

    /// The number before a marker, with a word for "is" between: "18 is the answer".
    fn pointed_before(&self, mark: &Mark, from: usize) -> Option<Pointed> {
        let start = self.sentences.get(self.sentence_at(mark.start)).map_or(0, |s| s.0).max(from);
        let last = self.numbers_in((start, mark.start)).next_back()?;
        if self.is_refusal_at(mark) {
            return None;
        }
        let gap = (self.numbers[last].end, mark.start);
        let is_near = gap.1 - gap.0 <= 30 && self.marks_in(Kind::Is, gap).next().is_some();
        let is_unbroken = !self.text(gap).contains([',', ';', ':', '=', '，']);
        (is_near && is_unbroken && self.may_be_result(last)).then(|| Pointed {
            found: self.of_pick(Pick::sure(last)),
            is_box: false,
            at: self.numbers[last].start,
            is_direct: true,
        })
    }
}

/// A mark that always ends a sentence.
fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '。' | '؟' | '।' | '۔' | '።' | '។' | '။')
}

/// How many markers are tried, from the last, so that a text with many stays linear.
const MAX_MARKS: usize = 24;

/// Longest text after a marker in which a number in words is looked for, in characters.
const MAX_WORDED: usize = 4_000;

/// Words before two numbers that are the ends of a range.
const BETWEEN: [&str; 8] = ["between", "zwischen", "entre", "между", "tra ", "tussen", "mellan", "mellem"];

/// Words that deny the number after them.
const NOT: [&str; 9] = ["not", "nicht", "pas", "no", "não", "non", "не", "ikke", "inte"];
