//! What speaks for or against a response in its own text: the marks in it, and the badges beside it.

use std::ops::Range;

use leptos::prelude::*;

use super::{
    super::words,
    speech::{Mark, MarkKind},
};
use crate::{
    align::evidence::{answer_span, broken_sums, foreign_words},
    curation::Candidate,
    data::Language,
};

/// What was found in a response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// What to mark in its text.
    pub marks: Vec<Mark>,
    /// Words in a script that the language does not use.
    pub n_foreign: usize,
    /// Sums that do not hold.
    pub n_broken: usize,
}

impl Evidence {
    /// Looks at one response, in time in proportion to its length. Words that the question has are not foreign.
    pub fn of(candidate: &Candidate, language: &Language, question: &str) -> Self {
        let text = candidate.text.as_str();
        // Where the whole response is in another language, its badge says so.
        let foreign =
            if candidate.is_wrong_language { Vec::new() } else { foreign_words(text, language, question) };
        let answer = candidate.answer.as_ref().and_then(|_| answer_span(text, language));
        let sums = broken_sums(text, language);
        let (n_foreign, n_broken) = (foreign.len(), sums.len());
        let foreign = phrases(text, foreign).into_iter().map(|range| Mark { range, kind: MarkKind::Foreign });
        let answer = answer.map(|range| Mark { range, kind: MarkKind::Answer });
        let sums = sums
            .into_iter()
            .map(|sum| Mark { range: sum.range, kind: MarkKind::BrokenSum { holds: sum.holds } });
        Self { marks: foreign.chain(sums).chain(answer).collect(), n_foreign, n_broken }
    }
}

/// Words with nothing but a space between them, as one range.
fn phrases(text: &str, words: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for word in words {
        match out.last_mut() {
            Some(last) if text[last.end..word.start].chars().all(|c| c == ' ') => last.end = word.end,
            _ => out.push(word),
        }
    }
    out
}

/// How much was found in a response, where anything was.
#[component]
pub fn EvidenceBadges(
    /// What was found.
    evidence: Evidence,
) -> impl IntoView {
    let badge = |n: usize, one: &'static str, many: &'static str, testid: &'static str| {
        (n > 0).then(|| view! { <span class="badge" data-testid=testid>{words::plural(n, one, many)}</span> })
    };
    view! {
        {badge(evidence.n_foreign, "word in another script", "words in another script", "foreign-words")}
        {badge(evidence.n_broken, "sum that does not hold", "sums that do not hold", "broken-sums")}
    }
}
