//! The result of a stretch of text that does not name one: the last calculation or the last number, and how to decide
//! between them.

use super::lexicon::Kind;
use super::numbers::{Number, Sort};
use super::page::Page;

/// A number that was chosen, and what else could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    /// Index of the number.
    pub(super) number: usize,
    /// Indices of the others.
    pub(super) others: Vec<usize>,
}

impl Pick {
    pub(super) fn sure(number: usize) -> Self {
        Self { number, others: Vec::new() }
    }

    fn or(number: usize, other: usize) -> Self {
        Self { number, others: vec![other] }
    }
}

impl Page<'_> {
    /// The result of a glyph range.
    pub(super) fn result(&self, range: (usize, usize)) -> Option<Pick> {
        let pick = self.last_result(range)?;
        let end = self.without_tail(range);
        // "120 / 15 = 8, … so in the 8th week": an ordinal at the end may be the answer.
        let all = self.numbers_in((range.0, end));
        let Some(place) = all.clone().next_back().filter(|&i| {
            let from = self.numbers[pick.number].end;
            self.numbers[i].sort == Sort::Ordinal && self.numbers[i].start >= self.sentence_end(from)
        }) else {
            return Some(pick);
        };
        let is_place = |i: usize| self.numbers[i].value == self.numbers[place].value;
        Some(match self.last_equation(all) {
            Some((equation, _)) if is_place(equation) => Pick::sure(place),
            _ => Pick::or(pick.number, place),
        })
    }

    /// The numbers of a range, and those of them that may be results.
    pub(super) fn sound_in(&self, range: (usize, usize)) -> (std::ops::Range<usize>, Vec<usize>) {
        let all = self.numbers_in(range);
        (all.clone(), all.filter(|&i| self.may_be_result(i)).collect())
    }

    fn last_result(&self, range: (usize, usize)) -> Option<Pick> {
        let (from, to) = (range.0, self.without_tail(range));
        let (all, sound) = self.sound_in((from, to));
        if sound.is_empty() {
            return self.fallback(all);
        }
        let last = *sound.last()?;
        let (first, end) = self.calculations.around(last, all.clone());
        if end - first > 1 {
            // "9 + 1 =": the text was cut before the result.
            let is_cut = matches!(self.text((self.numbers[end - 1].end, range.1)).trim(), "=" | "≈");
            if self.calculations.has_equality(first, end) {
                return Some(Pick::sure(self.calculations.result_of(first, end)));
            }
            // "A profit of 70, that is 200 − 130": the result precedes the calculation.
            let sentence = self.sentence_at(self.numbers[first].start);
            let named = sound.iter().rev().find(|&&i| i < first).copied();
            let named = named.filter(|&i| self.sentence_at(self.numbers[i].start) == sentence);
            return (!is_cut).then(|| named.map_or(Pick::sure(end - 1), |named| Pick::or(named, end - 1)));
        }
        let Some((equation, equation_end)) = self.last_equation(all.clone()) else {
            let equation = self.last_equation(0..all.start).map(|found| found.0);
            return Some(self.by_last_sentence(&sound, equation));
        };
        let after: Vec<usize> = sound.iter().copied().filter(|&i| i >= equation_end).collect();
        let sentence = self.sentence_at(self.numbers[equation].start);
        if after.iter().all(|&i| self.sentence_at(self.numbers[i].start) == sentence) {
            // "9 × 2 = 18 dollars every 7 days", but "9 × 2 = 18, so 36".
            let gap = self.text((self.numbers[equation].end, self.numbers[last].start));
            let goes_on = gap.contains([',', ';', ':', '，', '、', '،', '—', '؛'])
                || self
                    .marks_in(Kind::So, (self.numbers[equation].end, self.numbers[last].start))
                    .next()
                    .is_some();
            return Some(if goes_on && !self.is_circumstance(last) {
                Pick::or(last, equation)
            } else {
                Pick::sure(equation)
            });
        }
        Some(self.by_last_sentence(&sound, Some(equation)))
    }

    /// The best of the other numbers, if none may be a result: the last quantity, with its calculation, else whatever is last.
    fn fallback(&self, all: std::ops::Range<usize>) -> Option<Pick> {
        let last = |keep: &dyn Fn(&Number) -> bool| all.clone().rev().find(|&i| keep(&self.numbers[i]));
        // The numbers of a list alone say nothing.
        let is_list = all.len() > 1 && all.clone().all(|i| self.numbers[i].sort == Sort::ListMarker);
        let chosen = last(&|n| matches!(n.sort, Sort::Plain | Sort::Unread))
            .or_else(|| last(&|_| true).filter(|_| !is_list))?;
        let (first, end) = self.calculations.around(chosen, all);
        Some(Pick::sure(self.calculations.result_of(first, end)))
    }

    /// The last calculation with a result: the result, and one past its last number.
    pub(super) fn last_equation(&self, all: std::ops::Range<usize>) -> Option<(usize, usize)> {
        let mut before = all.end;
        for i in all.clone().rev() {
            if i >= before || !self.may_be_result(i) {
                continue;
            }
            if !self.calculations.is_linked(i) {
                if self.is_equated(i) {
                    return Some((i, i + 1));
                }
                continue;
            }
            let (first, end) = self.calculations.around(i, all.clone());
            if self.calculations.has_equality(first, end) {
                return Some((self.calculations.result_of(first, end), end));
            }
            before = first;
        }
        None
    }

    /// Whether the number stands right after an equals sign, as in "x = 8".
    fn is_equated(&self, i: usize) -> bool {
        let before = self.glyphs[..self.numbers[i].start]
            .iter()
            .rev()
            .take(6)
            .find(|g| g.c.is_alphanumeric() || "=≈→)".contains(g.c));
        before.is_some_and(|g| matches!(g.c, '=' | '≈' | '→'))
    }

    /// The number that the last sentence is about: the result of the last equation if it is repeated there, else a new one,
    /// else the last.
    fn by_last_sentence(&self, sound: &[usize], equation: Option<usize>) -> Pick {
        let last = sound[sound.len() - 1];
        let sentence = self.sentence_at(self.numbers[last].start);
        let from = self.sentences.get(sentence).map_or(0, |s| s.0);
        let here: Vec<usize> = sound.iter().copied().filter(|&i| self.numbers[i].start >= from).collect();
        let main = self.main_clause(sentence, &here);
        let is_new = |i: &usize| !self.is_said_before(*i, from);
        let fresh: Vec<usize> =
            main.iter().copied().filter(|i| is_new(i) && !self.is_circumstance(*i)).collect();
        let again = equation.and_then(|e| {
            here.iter().copied().rev().find(|&i| self.numbers[i].value == self.numbers[e].value)
        });
        if let (Some(again), true) = (again, fresh.is_empty()) {
            let rival =
                here.iter().copied().find(|&i| i != again && is_new(&i) && main.binary_search(&i).is_ok());
            return rival.map_or(Pick::sure(again), |other| Pick::or(again, other));
        }
        // In a concluding sentence the result comes first; in any other it comes last.
        let conclusion = self.conclusion(sentence, &fresh);
        let concludes = conclusion.is_some() || self.concludes(sentence);
        let chosen = fresh.iter().find(|&&i| Some(i) == conclusion).or(fresh.last());
        let chosen = chosen.or(main.last()).copied().unwrap_or(last);
        let differs = |i: &usize| self.numbers[*i].value != self.numbers[chosen].value;
        let mut rivals: Vec<usize> = fresh.iter().copied().rev().filter(differs).collect();
        rivals.truncate(MAX_RIVALS);
        match equation.filter(differs) {
            _ if !rivals.is_empty() => Pick { number: chosen, others: rivals },
            // A conclusion with one new number needs no equation.
            Some(e) if here.len() > 1 || !concludes => Pick::or(chosen, e),
            None if main.len() == here.len() && differs(&last) => Pick::or(chosen, last),
            _ => Pick::sure(chosen),
        }
    }

    /// The numbers of a sentence outside its subordinate clauses, if there are any: not those after "because", nor those
    /// between an opening "after" and its comma.
    fn main_clause(&self, sentence: usize, here: &[usize]) -> Vec<usize> {
        let (Some(&(from, to)), Some(&first)) = (self.sentences.get(sentence), here.first()) else {
            return here.to_vec();
        };
        let first = self.numbers[first].start;
        let is_comma = |c| matches!(c, ',' | '，' | '،' | '、');
        let mut main = here.to_vec();
        let mut leave_out = |from: usize, until: usize| {
            main.retain(|&i| !(from..until).contains(&self.numbers[i].start));
        };
        // An opening clause ends at its comma. Only the last one can hold the first number.
        let opens = self.marks_in(Kind::Because, (from, first)).next_back();
        if let Some(mark) = opens.filter(|mark| self.find_glyph((mark.end, first), is_comma) == first) {
            let comma = self.find_glyph((first, to), is_comma);
            leave_out(mark.end, if comma < to { comma } else { mark.end });
        }
        if let Some(mark) = self.marks_in(Kind::Because, (first, to)).next() {
            leave_out(mark.end, to);
        }
        if main.is_empty() { here.to_vec() } else { main }
    }

    /// The first new number after the last "so", "in total" or the like that has one after it.
    fn conclusion(&self, sentence: usize, fresh: &[usize]) -> Option<usize> {
        let &range = self.sentences.get(sentence)?;
        let last = self.numbers[*fresh.last()?].start;
        let so = self.marks_in(Kind::So, range).rfind(|mark| mark.start < last)?;
        fresh.iter().copied().find(|&i| self.numbers[i].start > so.start)
    }

    fn concludes(&self, sentence: usize) -> bool {
        self.sentences.get(sentence).is_some_and(|&s| self.marks_in(Kind::So, s).next().is_some())
    }

    /// Whether the number follows a word such as "for" or "after", and so is more often a circumstance than a result.
    pub(super) fn is_circumstance(&self, i: usize) -> bool {
        let start = self.numbers[i].start;
        self.marks_in(Kind::With, (start.saturating_sub(24), start)).any(|mark| {
            let gap = &self.glyphs[mark.end..start];
            gap.iter().all(|g| !g.c.is_alphanumeric())
                || matches!(
                    self.text((mark.end, start)).trim(),
                    "the" | "giving" | "all" | "each" | "every" | "den" | "les" | "los"
                )
        })
    }

    /// Where a range ends if closing remarks are left out: offers, questions to the reader, notes and checks.
    pub(super) fn without_tail(&self, (from, to): (usize, usize)) -> usize {
        let first = self.sentence_at(from);
        let mut end = to;
        let mut cut = to;
        let last = self.sentence_at(to.saturating_sub(1)).saturating_add(1).min(self.sentences.len());
        for s in (first..last).rev() {
            let (start, stop) = (self.sentences[s].0.max(from), self.sentences[s].1.min(to));
            if start >= stop {
                continue;
            }
            let is_offer =
                self.marks_in(Kind::Tail, (start, stop)).any(|mark| self.opens_sentence(mark.start));
            let is_question = self.glyphs_in((start, stop)).any(|g| matches!(g.c, '?' | '؟'));
            let has_numbers = !self.numbers_in((start, stop)).is_empty();
            if is_offer || is_question && s > first {
                cut = start;
            } else if has_numbers {
                break;
            }
        }
        if cut < end && self.has_result((from, cut)) {
            end = cut;
        }
        self.without_check((from, end))
    }
}

/// Most other readings of a sentence with many numbers.
const MAX_RIVALS: usize = 3;
