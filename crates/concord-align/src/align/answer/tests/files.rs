//! Texts as models write them, with their answers: what reports showed, and seven sets written before the reader had
//! seen them. The last three were written by people who had not read the code; `docs/answers.md` has what was measured.

use std::fmt::Write;

use serde::Deserialize;

use super::super::find_answer;
use crate::data::Language;

#[derive(Deserialize)]
struct Case {
    id: String,
    language: String,
    text: String,
    answer: Option<String>,
    /// Other readings that a careful reader could defend.
    #[serde(default)]
    also: Vec<Option<String>>,
}

/// Every text must be read right, but for `n_unsure` that name the right answer as another reading. A text that can be read
/// in two ways is right by either, or where the reader names another.
fn check_file(lines: &str, n_cases: usize, n_unsure: usize) {
    let cases: Vec<Case> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), n_cases);
    let mut wrong = String::new();
    let mut unsure = 0;
    for case in cases {
        let found = find_answer(&case.text, &Language::from(case.language.as_str()));
        let names_it = |wanted| found.as_ref().is_some_and(|found| found.ambiguous.contains(wanted));
        let value = found.as_ref().map(|found| found.value.clone());
        let is_marked = found.as_ref().is_some_and(|found| !found.ambiguous.is_empty());
        if !case.also.is_empty() && (is_marked || case.also.contains(&value)) {
            continue;
        }
        if case.answer.as_ref().is_some_and(names_it) {
            unsure += 1;
        } else if value != case.answer {
            writeln!(wrong, "{}: {:?}: wanted {:?}, found {found:?}", case.id, case.text, case.answer)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(unsure <= n_unsure, "{unsure} texts are read otherwise than they should be");
}

#[test]
fn texts_of_reports() {
    check_file(include_str!("../../../../tests/data/answers.jsonl"), 65, 0);
}

#[test]
fn the_first_fresh_set() {
    check_file(include_str!("../../../../tests/data/answers-fresh-1.jsonl"), 154, 0);
}

#[test]
fn the_second_fresh_set() {
    check_file(include_str!("../../../../tests/data/answers-fresh-2.jsonl"), 212, 0);
}

#[test]
fn the_third_fresh_set() {
    check_file(include_str!("../../../../tests/data/answers-fresh-3.jsonl"), 148, 2);
}

#[test]
fn headings_retractions_and_run_on_questions_in_many_languages() {
    check_file(include_str!("../../../../tests/data/answers-fresh-4.jsonl"), 133, 0);
}

#[test]
fn the_first_blind_set() {
    check_file(include_str!("../../../../tests/data/answers-blind-1.jsonl"), 105, 0);
}

#[test]
fn the_second_blind_set() {
    check_file(include_str!("../../../../tests/data/answers-blind-2.jsonl"), 69, 2);
}

#[test]
fn the_third_blind_set() {
    check_file(include_str!("../../../../tests/data/answers-blind-3.jsonl"), 47, 0);
}
