//! The result that a stretch of text comes to, where nothing names it: the last calculation, the last number, and what
//! speaks for one or the other.

use std::collections::HashSet;

use super::lexicon::Kind;
use super::numbers::{Number, Sort};
use super::page::{Page, is_calculation, is_equality};

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
    /// Whether number `i` goes on the calculation of the one before it.
    pub(super) fn is_linked(&self, i: usize) -> bool {
        i > 0 && self.glyphs.get(self.numbers[i - 1].end..self.numbers[i].start).is_some_and(is_calculation)
    }

    /// One past the last number of the calculation that number `first` starts.
    pub(super) fn chain_end(&self, first: usize, end: usize) -> usize {
        (first + 1..end).find(|&i| !self.is_linked(i)).unwrap_or(end.max(first + 1))
    }

    /// The result of the calculation of numbers `first..end`: the last side of its equals signs that is one number, so
    /// 7 both in "12 − 5 = 7" and in "7 = 12 − 5"; without an equals sign the last number.
    pub(super) fn result_of(&self, first: usize, end: usize) -> usize {
        let mut sides: Vec<(usize, usize)> = vec![(first, first + 1)];
        for i in first + 1..end {
            if is_equality(&self.glyphs[self.numbers[i - 1].end..self.numbers[i].start]) {
                sides.push((i, i + 1));
            } else if let Some(side) = sides.last_mut() {
                side.1 = i + 1;
            }
        }
        let single = sides.iter().rev().find(|side| side.1 - side.0 == 1).map(|side| side.0);
        single.filter(|_| sides.len() > 1).unwrap_or(end - 1)
    }

    /// Whether the numbers `first..end` have an equals sign between them.
    pub(super) fn has_equality(&self, first: usize, end: usize) -> bool {
        (first + 1..end).any(|i| is_equality(&self.glyphs[self.numbers[i - 1].end..self.numbers[i].start]))
    }

    /// What the text in a glyph range comes to.
    pub(super) fn result(&self, range: (usize, usize)) -> Option<Pick> {
        let pick = self.last_result(range)?;
        let end = self.without_tail(range);
        // "120 / 15 = 8, … so in the 8th week": a place that closes the text may be the answer.
        let (all, sound) = self.sound_in((range.0, end));
        let Some(place) = all.clone().next_back().filter(|&i| {
            let from = self.numbers[pick.number].end;
            self.numbers[i].sort == Sort::Ordinal && self.numbers[i].start >= self.sentence_end(from)
        }) else {
            return Some(pick);
        };
        let is_place = |i: usize| self.numbers[i].value == self.numbers[place].value;
        Some(match self.last_equation(&sound, all) {
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
        let (first, end) = self.chain_around(last, all.clone());
        if end - first > 1 {
            // "9 + 1 =": the text was cut before the result.
            let is_cut = matches!(self.text((self.numbers[end - 1].end, range.1)).trim(), "=" | "≈");
            if self.has_equality(first, end) {
                return Some(Pick::sure(self.result_of(first, end)));
            }
            // "A profit of 70, that is 200 − 130": what is worked out stands before the calculation.
            let sentence = self.sentence_at(self.numbers[first].start);
            let named = sound.iter().rev().find(|&&i| i < first).copied();
            let named = named.filter(|&i| self.sentence_at(self.numbers[i].start) == sentence);
            return (!is_cut).then(|| named.map_or(Pick::sure(end - 1), |named| Pick::or(named, end - 1)));
        }
        let Some((equation, equation_end)) = self.last_equation(&sound, all.clone()) else {
            let earlier: Vec<usize> = (0..all.start).filter(|&i| self.may_be_result(i)).collect();
            let equation = self.last_equation(&earlier, 0..all.start).map(|found| found.0);
            return Some(self.by_last_sentence(&sound, all, equation));
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
        Some(self.by_last_sentence(&sound, all, Some(equation)))
    }

    /// Numbers that are no results, where there is nothing else: the result of a calculation in parentheses, then what
    /// is no label, then whatever there is.
    fn fallback(&self, all: std::ops::Range<usize>) -> Option<Pick> {
        let last = |keep: &dyn Fn(&Number) -> bool| all.clone().rev().find(|&i| keep(&self.numbers[i]));
        // A list says nothing by its numbers.
        let is_list = all.len() > 1 && all.clone().all(|i| self.numbers[i].sort == Sort::ListMarker);
        let chosen = last(&|n| matches!(n.sort, Sort::Plain | Sort::Unread))
            .or_else(|| last(&|_| true).filter(|_| !is_list))?;
        let (first, end) = self.chain_around(chosen, all);
        Some(Pick::sure(self.result_of(first, end)))
    }

    fn chain_around(&self, i: usize, all: std::ops::Range<usize>) -> (usize, usize) {
        let first = (all.start + 1..=i).rev().take_while(|&k| self.is_linked(k)).last().map_or(i, |k| k - 1);
        (first, self.chain_end(first, all.end))
    }

    /// The last calculation with a result: the result, and one past its last number.
    pub(super) fn last_equation(
        &self,
        sound: &[usize],
        all: std::ops::Range<usize>,
    ) -> Option<(usize, usize)> {
        let mut before = all.end;
        for &i in sound.iter().rev() {
            if i >= before {
                continue;
            }
            if !self.is_linked(i) {
                if self.is_equated(i) {
                    return Some((i, i + 1));
                }
                continue;
            }
            let (first, end) = self.chain_around(i, all.clone());
            if self.has_equality(first, end) {
                return Some((self.result_of(first, end), end));
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

    /// The number that the last sentence is about: the result of the last equation if it comes again there, one that is
    /// new, or the last.
    fn by_last_sentence(
        &self,
        sound: &[usize],
        all: std::ops::Range<usize>,
        equation: Option<usize>,
    ) -> Pick {
        let last = sound[sound.len() - 1];
        let sentence = self.sentence_at(self.numbers[last].start);
        let from = self.sentences.get(sentence).map_or(0, |s| s.0);
        let seen: HashSet<String> = (0..all.end)
            .filter(|&i| self.numbers[i].start < from)
            .map(|i| self.numbers[i].value.canonical())
            .collect();
        let here: Vec<usize> = sound.iter().copied().filter(|&i| self.numbers[i].start >= from).collect();
        let main = self.main_clause(sentence, &here);
        let is_new = |i: &usize| !seen.contains(&self.numbers[*i].value.canonical());
        let fresh: Vec<usize> =
            main.iter().copied().filter(|i| is_new(i) && !self.is_circumstance(*i)).collect();
        let again = equation.and_then(|e| {
            here.iter().copied().rev().find(|&i| self.numbers[i].value == self.numbers[e].value)
        });
        if let (Some(again), true) = (again, fresh.is_empty()) {
            let rival = here.iter().copied().find(|&i| i != again && is_new(&i) && main.contains(&i));
            return rival.map_or(Pick::sure(again), |other| Pick::or(again, other));
        }
        // What is concluded comes first in its sentence, what is told comes last.
        let conclusion = self.conclusion(sentence, &fresh);
        let concludes = conclusion.is_some() || self.concludes(sentence);
        let chosen = fresh.iter().find(|&&i| Some(i) == conclusion).or(fresh.last());
        let chosen = chosen.or(main.last()).copied().unwrap_or(last);
        let differs = |i: &usize| self.numbers[*i].value != self.numbers[chosen].value;
        let mut rivals: Vec<usize> = fresh.iter().copied().rev().filter(differs).collect();
        rivals.truncate(MAX_RIVALS);
        match equation.filter(differs) {
            _ if !rivals.is_empty() => Pick { number: chosen, others: rivals },
            // What a sentence concludes with one new number needs no equation.
            Some(e) if here.len() > 1 || !concludes => Pick::or(chosen, e),
            None if main.len() == here.len() && differs(&last) => Pick::or(chosen, last),
            _ => Pick::sure(chosen),
        }
    }

    /// The numbers of a sentence that are not in a clause of reason or circumstance, if there are any: not what comes after
    /// "because", and not what comes between "after" at the start and the comma.
    fn main_clause(&self, sentence: usize, here: &[usize]) -> Vec<usize> {
        let Some(&(from, to)) = self.sentences.get(sentence) else { return here.to_vec() };
        let mut main = here.to_vec();
        for mark in self.marks_in(Kind::Because, (from, to)) {
            let comma = self.glyphs[mark.end..to].iter().position(|g| matches!(g.c, ',' | '，' | '،' | '、'));
            let is_first = here.first().is_none_or(|&i| self.numbers[i].start > mark.start);
            let until = if is_first { comma.map_or(mark.end, |n| mark.end + n) } else { to };
            main.retain(|&i| !(mark.end..until).contains(&self.numbers[i].start));
        }
        if main.is_empty() { here.to_vec() } else { main }
    }

    /// The first number after the last word such as "so" or "in total" that has one after it.
    fn conclusion(&self, sentence: usize, fresh: &[usize]) -> Option<usize> {
        let &range = self.sentences.get(sentence)?;
        let last = self.numbers[*fresh.last()?].start;
        let so = self.marks_in(Kind::So, range).rfind(|mark| mark.start < last)?;
        fresh.iter().copied().find(|&i| self.numbers[i].start > so.start)
    }

    fn concludes(&self, sentence: usize) -> bool {
        self.sentences.get(sentence).is_some_and(|&s| self.marks_in(Kind::So, s).next().is_some())
    }

    /// Whether the number stands after a word such as "for" or "after": a circumstance more often than a result.
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

    /// Where the text of a range ends without remarks to the reader: offers, questions back, notes and checks.
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
            let is_question = self.glyphs[start..stop].iter().any(|g| matches!(g.c, '?' | '؟'));
            let has_numbers = !self.numbers_in((start, stop)).is_empty();
            if is_offer || is_question && s > first {
                cut = start;
            } else if has_numbers {
                break;
            }
        }
        if cut < end && self.numbers_in((from, cut)).any_result(self) {
            end = cut;
        }
        self.without_check((from, end))
    }
}

/// Most other readings of a sentence with many numbers.
const MAX_RIVALS: usize = 3;

pub(super) trait AnyResult {
    fn any_result(self, page: &Page<'_>) -> bool;
}

impl AnyResult for std::ops::Range<usize> {
    fn any_result(mut self, page: &Page<'_>) -> bool {
        self.any(|i| page.may_be_result(i))
    }
}
