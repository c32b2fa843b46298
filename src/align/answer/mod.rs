//! The final answer of a response, as one exact number.
//!
//! Where it is looked for, in this order: the last `\boxed{…}`; after the last `####`; after the last answer marker
//! ("the answer is", "Antwort:", "答案是", …) with a connective before the number; the last number of the text. In a
//! calculation ("12 − 5 = 7") the result counts. Number words (0..=100, the eight languages of the teaching model) are
//! read after a marker that no digits follow, or where a text has no digits at all; "one" alone only after a marker,
//! because it is an article in too many languages. A text without any of these has no answer.
//!
//! **ours**, all of it: the papers say "extract the final number". Decisions: a percent sign is a unit, so `50%` is the
//! answer 50 and not 0.5 (as gold answers to "how many percent" have it); a fraction is its value, so `1/2` = `0.5` =
//! `½`; a rounded decimal is not the fraction it rounds (`0.33` is not `1/3`); an ambiguous mark is read by the
//! language's habit (`2.125` is 2125 in German and 2.125 in English).

mod digits;
mod markers;
mod numbers;
mod rational;
mod runs;
mod signs;
mod spelled;
mod style;
mod value;
mod words;

use serde::{Deserialize, Serialize};

use crate::data::Language;
use digits::{Glyph, fold};
use numbers::Number;
use rational::Rational;
use style::NumberStyle;

/// What pointed to the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerRule {
    /// `\boxed{…}`.
    Boxed,
    /// `####`, or words such as "the answer is".
    Marker,
    /// The last number of the text.
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
}

/// The answer of a response in canonical form, or `None` if it has none.
pub fn extract_answer(text: &str, language: &Language) -> Option<String> {
    find_answer(text, language).map(|found| found.value)
}

/// The answer of a response, what pointed to it and where it stands.
pub fn find_answer(text: &str, language: &Language) -> Option<FoundAnswer> {
    let glyphs = fold(text);
    let numbers = numbers::scan(&glyphs, NumberStyle::of(language));
    let byte = |i: usize| glyphs.get(i).map_or(text.len(), |g| g.at);
    let found =
        |value: String, rule, start, end| FoundAnswer { value, rule, start: byte(start), end: byte(end) };
    let of_number = |number: &Number, rule| found(number.value.canonical(), rule, number.start, number.end);

    if let Some(number) = markers::boxed(&glyphs).and_then(|inside| result_within(&glyphs, &numbers, inside))
    {
        return Some(of_number(number, AnswerRule::Boxed));
    }
    for marker in markers::ends(&glyphs).into_iter().rev() {
        match numbers.iter().position(|number| number.start >= marker) {
            Some(first) if markers::connects(&glyphs, marker, numbers[first].start) => {
                return Some(of_number(result_from(&glyphs, &numbers, first), AnswerRule::Marker));
            }
            None => {
                if let Some(word) = spelled::first_after(&glyphs, marker, language) {
                    return Some(found(word.value.to_string(), AnswerRule::Marker, word.start, word.end));
                }
            }
            _ => {}
        }
    }
    if let Some(number) = last_result(&glyphs, &numbers) {
        return Some(of_number(number, AnswerRule::LastNumber));
    }
    if glyphs.iter().any(|g| g.c.is_ascii_digit()) {
        return None;
    }
    let word = spelled::last(&glyphs, language)?;
    Some(found(word.value.to_string(), AnswerRule::LastWord, word.start, word.end))
}

/// A gold answer or a number typed by a person in canonical form: read as an answer, with the habits of `language`.
pub fn canonical_answer(text: &str, language: &Language) -> Option<String> {
    Rational::parse(text).map(Rational::canonical).or_else(|| extract_answer(text, language))
}

/// What answers are grouped by in a vote: the canonical form, or the trimmed text where it is no number.
pub fn answer_key(answer: &str) -> String {
    Rational::parse(answer).map_or_else(|| answer.trim().to_owned(), Rational::canonical)
}

/// True if two answers are the same value: exact rationals where both are numbers, else the same trimmed text.
pub fn same_answer(a: &str, b: &str) -> bool {
    answer_key(a) == answer_key(b)
}

/// The result of the last calculation, or the last number; the numbers of a list only if there is nothing else.
fn last_result<'a>(glyphs: &[Glyph], numbers: &'a [Number]) -> Option<&'a Number> {
    let last = numbers.iter().rposition(|n| !n.is_list_marker).or_else(|| numbers.len().checked_sub(1))?;
    let linked = |i: usize| markers::is_calculation(&glyphs[numbers[i - 1].end..numbers[i].start]);
    let first = (1..=last).rev().take_while(|&i| linked(i)).last().map_or(last, |i| i - 1);
    Some(result_from(glyphs, numbers, first))
}

fn result_within<'a>(
    glyphs: &[Glyph],
    numbers: &'a [Number],
    (from, to): (usize, usize),
) -> Option<&'a Number> {
    let inside = numbers.iter().position(|n| n.start >= from && n.end <= to)?;
    Some(result_from(&glyphs[..to], numbers, inside))
}

/// The result of the calculation that starts with number `first`: the last side of its equals signs that is one number,
/// so 7 both in "12 − 5 = 7" and in "7 = 12 − 5"; without an equals sign the last number of a calculation.
fn result_from<'a>(glyphs: &[Glyph], numbers: &'a [Number], first: usize) -> &'a Number {
    let mut sides = vec![vec![first]];
    for next in first + 1..numbers.len() {
        let (before, after) = (numbers[next - 1].end, numbers[next].start);
        let Some(gap) = glyphs.get(before..after).filter(|gap| markers::is_calculation(gap)) else { break };
        if gap.iter().any(|g| matches!(g.c, '=' | '≈')) {
            sides.push(Vec::new());
        }
        sides.iter_mut().last().into_iter().for_each(|side| side.push(next));
    }
    let single = sides.iter().rev().find(|side| side.len() == 1).map(|side| side[0]);
    let last = sides.last().and_then(|side| side.last()).copied().unwrap_or(first);
    &numbers[single.filter(|_| sides.len() > 1).unwrap_or(last)]
}

#[cfg(test)]
mod tests;
