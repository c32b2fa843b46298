//! Reads the final answer of a response as one exact number. The policy is in `docs/answers.md`: where we look, in which
//! order and why, what counts as ambiguous, and what is not read.
//!
//! In short, the first of these that exists: what the text marks as final (`\boxed{…}`, `<answer>`, `####`, "final
//! answer"); what it says the answer is ("the answer is 18"); the last result after a heading ("Solution:", "Lösung:");
//! the last result of the text. An answer that is taken back ("wait, actually") does not count. Reasoning, run-on questions
//! and remarks to the reader are ignored. Where two readings are possible, both are reported.
//!
//! All of this is **ours**: the papers only say "extract the final number".
//!
//! Every rule is a method of `Page`, kept in a file by what it looks for. The rules call each other freely, as they do when
//! a person reads; what is imported between the files goes one way.

mod blank;
mod calculations;
mod checks;
mod choices;
mod digits;
mod endings;
mod headings;
mod latex;
mod lexicon;
mod magnitude;
mod markup;
mod moments;
mod numbers;
mod page;
mod parts;
mod pointers;
mod rational;
mod refusals;
mod results;
mod run_on;
mod runs;
mod signs;
mod spelled;
mod style;
mod sums;
mod value;
mod word_set;
mod words;
mod work;

use serde::{Deserialize, Serialize};

use crate::data::Language;
use lexicon::Kind;
use page::Page;
use pointers::{Found, Pointed};
use rational::Rational;
use results::Pick;
use style::NumberStyle;
pub use sums::{Sum, broken_sums};

/// What pointed to the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerRule {
    /// `\boxed{…}`.
    Boxed,
    /// `####`, a tag, or words such as "the answer is".
    Marker,
    /// The last result of the text.
    LastNumber,
    /// The last number word of a text without digits.
    LastWord,
}

/// An answer and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundAnswer {
    /// Canonical form: no separators, `.` for decimals, no trailing zeros, `p/q` where a decimal would not end.
    pub value: String,
    /// What pointed to it.
    pub rule: AnswerRule,
    /// Byte offset of its first character in the text.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
    /// What else the answer could be, in canonical form; empty where there is no doubt.
    #[serde(default)]
    pub ambiguous: Vec<String>,
}

/// The answer of a response in canonical form, or `None` if it has none.
pub fn extract_answer(text: &str, language: &Language) -> Option<String> {
    find_answer(text, language).map(|found| found.value)
}

/// The answer of a response, what pointed to it, where it stands, and what else it could be.
pub fn find_answer(text: &str, language: &Language) -> Option<FoundAnswer> {
    let glyphs = latex::plain(&markup::plain(digits::fold(text), text));
    let page = Page::new(&glyphs, NumberStyle::of(language), lexicon::tag_of(language));
    let (found, rule) = choose(&page)?;
    let bytes = |start: usize, end: usize| (glyphs[start].at, glyphs[end - 1].end);
    match found {
        Found::Unread => None,
        Found::Word(word) => {
            let (start, end) = bytes(word.start, word.end);
            let value = word.value?.to_string();
            let ambiguous = if rule == AnswerRule::LastWord { page.rivals_of(&word) } else { Vec::new() };
            Some(FoundAnswer { value, rule, start, end, ambiguous })
        }
        Found::Number(Pick { number, others }) => {
            let number = &page.numbers[number];
            let value = number.value.canonical();
            let other = number.other.iter().map(value::Value::canonical);
            let mut ambiguous: Vec<String> =
                other.chain(others.into_iter().map(|i| page.numbers[i].value.canonical())).collect();
            ambiguous.retain(|other| *other != value);
            ambiguous.dedup();
            let (start, end) = bytes(number.start, number.end);
            Some(FoundAnswer { value, rule, start, end, ambiguous })
        }
    }
}

/// The answer of a text and what pointed to it.
fn choose(page: &Page<'_>) -> Option<(Found, AnswerRule)> {
    let all = (0, page.end_of_answer());
    let rule_of = |pointed: &Pointed| if pointed.is_box { AnswerRule::Boxed } else { AnswerRule::Marker };
    let mut marked = page.marked(all);
    if page.is_cut_copy(&marked, all.1) {
        let cut = marked.first().map(|pointed| pointed.found.clone());
        marked.retain(|pointed| Some(&pointed.found) != cut.as_ref());
    }
    if let Some(pointed) = page.explicit(all).or_else(|| marked.first().cloned()) {
        let rule = rule_of(&pointed);
        return Some(after_retraction(page, &pointed, all.1).unwrap_or_else(|| {
            let is_explicit = pointed.is_box || !marked.contains(&pointed);
            (if is_explicit { pointed.found } else { with_rivals(page, pointed, &marked) }, rule)
        }));
    }
    if page.says_nothing(all) {
        return None;
    }
    if let Some(mut pick) = page.result(all) {
        if let Some(word) = page.closing_word(all, &pick) {
            return Some((page.of_word(word), AnswerRule::LastWord));
        }
        if let Some((first, has_reason)) = page.opening(all, &pick) {
            pick.others.insert(0, first);
            if has_reason {
                let first = std::mem::replace(&mut pick.number, first);
                pick.others[0] = first;
            }
        }
        let is_read = !matches!(page.numbers[pick.number].sort, numbers::Sort::Unread);
        return Some((if is_read { Found::Number(pick) } else { Found::Unread }, AnswerRule::LastNumber));
    }
    if page.glyphs[..all.1].iter().any(|g| g.c.is_ascii_digit()) {
        return None;
    }
    // "One" is mostly an article.
    let word =
        spelled::all(page.glyphs, all, &page.tag).into_iter().rev().find(|word| word.value != Some(1))?;
    Some((Found::Word(word), AnswerRule::LastWord))
}

/// The answer after "wait, actually", if there is one.
fn after_retraction(page: &Page<'_>, pointed: &Pointed, to: usize) -> Option<(Found, AnswerRule)> {
    let end = match &pointed.found {
        Found::Number(pick) => page.numbers[pick.number].end.max(pointed.at),
        Found::Word(word) => word.end,
        Found::Unread => pointed.at,
    };
    let mark = page.marks_in(Kind::Retract, (end, to)).rfind(|mark| page.opens_sentence(mark.start))?;
    let rest = (mark.end, to);
    if let Some(again) = page.explicit(rest).or_else(|| page.marked(rest).into_iter().next()) {
        return Some((again.found, if again.is_box { AnswerRule::Boxed } else { AnswerRule::Marker }));
    }
    let mut pick = page.result(rest)?;
    if let Found::Number(old) = &pointed.found {
        pick.others.push(old.number);
    }
    Some((Found::Number(pick), AnswerRule::LastNumber))
}

/// Adds the other answers that the text gave before, as other readings.
fn with_rivals(page: &Page<'_>, pointed: Pointed, marked: &[Pointed]) -> Found {
    let Found::Number(mut pick) = pointed.found else { return pointed.found };
    let taken_back = |at: usize| page.marks_in(Kind::Retract, (at, pointed.at)).next().is_some();
    for rival in marked
        .iter()
        .skip(1)
        .filter(|rival| rival.is_direct && rival.at < pointed.at && !taken_back(rival.at))
    {
        if let Found::Number(other) = &rival.found
            && page.numbers[other.number].value != page.numbers[pick.number].value
        {
            pick.others.push(other.number);
        }
    }
    Found::Number(pick)
}

/// A gold answer or a number typed by a person in canonical form: read as an answer, with the habits of `language`.
pub fn canonical_answer(text: &str, language: &Language) -> Option<String> {
    let parsed = || Rational::parse(text).map(Rational::canonical);
    // Most gold answers are plain digits, which every language reads alike.
    let text_alone = text.trim();
    let is_plain = !text_alone.is_empty() && text_alone.bytes().all(|byte| byte.is_ascii_digit());
    let plain = if is_plain { parsed() } else { None };
    plain.or_else(|| extract_answer(text, language)).or_else(parsed)
}

/// The key by which a vote groups answers: the canonical form, or the trimmed text if it is not a number.
pub fn answer_key(answer: &str) -> String {
    Rational::parse(answer).map_or_else(|| answer.trim().to_owned(), Rational::canonical)
}

/// True if two answers are the same value: exact rationals where both are numbers, else the same trimmed text.
pub fn same_answer(a: &str, b: &str) -> bool {
    a.trim() == b.trim() || answer_key(a) == answer_key(b)
}

#[cfg(test)]
mod tests;
