//! Texts as models write them, with their answers: what reports showed, and two sets written before the reader had
//! seen them.

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
}

fn check_file(lines: &str, n_cases: usize) {
    let cases: Vec<Case> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), n_cases);
    let mut wrong = String::new();
    for case in cases {
        let found = find_answer(&case.text, &Language(case.language));
        if found.as_ref().map(|found| &found.value) != case.answer.as_ref() {
            writeln!(wrong, "{}: {:?}: wanted {:?}, found {found:?}", case.id, case.text, case.answer)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn texts_of_reports() {
    check_file(include_str!("../../../../tests/data/answers.jsonl"), 65);
}

#[test]
fn the_first_fresh_set() {
    check_file(include_str!("../../../../tests/data/answers-fresh-1.jsonl"), 154);
}

#[test]
fn the_second_fresh_set() {
    check_file(include_str!("../../../../tests/data/answers-fresh-2.jsonl"), 212);
}
