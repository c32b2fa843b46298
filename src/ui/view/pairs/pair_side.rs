//! One side of a pair.

use leptos::prelude::*;

use super::{
    super::{
        super::words,
        evidence::{Evidence, EvidenceBadges},
        speech::{Mark, Speech},
    },
    judgement::{Judgement, LanguageBadge},
};
use crate::{curation::Candidate, data::Language};

/// Class, mark and word of a side.
pub fn side_marks(is_chosen: bool) -> (&'static str, &'static str, &'static str) {
    if is_chosen {
        ("side side--chosen", "mark mark--chosen", "Chosen")
    } else {
        ("side side--rejected", "mark mark--rejected", "Rejected")
    }
}

/// The chosen or the rejected response with its facts.
#[component]
pub fn PairSide(
    /// Chosen, or else rejected.
    is_chosen: bool,
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// The question in the row's language.
    question: String,
    /// The gold answer of the prompt.
    gold: Option<String>,
    /// What else is to be marked in the text.
    #[prop(optional)]
    marks: Vec<Mark>,
) -> impl IntoView {
    let (class, mark, word) = side_marks(is_chosen);
    let mut evidence = Evidence::of(&candidate, &language, &question);
    evidence.marks.extend(marks);
    let counted = candidate.answer.as_ref().filter(|_| !candidate.ambiguous.is_empty());
    let facts = format!(
        "sample {} · score {} · cosine {}{}",
        candidate.sample + 1,
        words::fixed(candidate.score, 2),
        words::fixed(candidate.cosine, 3),
        counted.map(|answer| format!(" · counts as {answer}")).unwrap_or_default()
    );
    view! {
        <div class=class>
            <p class="side__head">
                <i class=mark aria-hidden="true"></i>
                <span class="side__word">{word}</span>
                {candidate.answer.is_some().then(|| {
                    view! { <span class="number">"answer "<AnswerWords candidate=candidate.clone() /></span> }
                })}
                <Judgement is_right=candidate.is_right gold />
                <LanguageBadge candidate=candidate.clone() />
                <EvidenceBadges evidence=evidence.clone() />
            </p>
            <Said language candidate=candidate.clone() evidence />
            <p class="side__facts number">{facts}</p>
        </div>
    }
}

/// The answer of a response, and what else it could be; "none" without one.
#[component]
pub fn AnswerWords(
    /// The response.
    candidate: Candidate,
) -> impl IntoView {
    let readings = candidate.ambiguous.into_iter();
    let others = readings.map(|other| view! { " or "<bdi>{other}</bdi> }).collect_view();
    let is_open = !others.is_empty();
    let note = is_open.then(|| {
        view! { " "<span class="badge" title="The number can be read in more than one way. The first reading counts.">"ambiguous"</span> }
    });
    view! { <bdi>{candidate.answer.unwrap_or_else(|| "none".to_owned())}</bdi>{others}{note} }
}

/// What a response says, and on demand what was thought before it; where nothing was said, why.
#[component]
pub fn Said(
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// What was found in its text.
    evidence: Evidence,
) -> impl IntoView {
    let Candidate { text, reasoning, still_reasoning, is_cut, .. } = candidate;
    let why = still_reasoning.map(|n| {
        let n = words::plural(n, "token", "tokens");
        let why = match is_cut {
            true => format!("No response: still reasoning when it was cut short, after {n}."),
            false => format!("No response: the model stopped while still reasoning, after {n}."),
        };
        view! { <p class="reasoning__why" data-testid="still-reasoning">{why}</p> }
    });
    let thought = reasoning.map(|reasoning| {
        view! {
            <details class="reasoning" data-testid="reasoning">
                <summary>"Reasoning"</summary>
                <Speech language=language.clone() text=reasoning is_model_output=true />
            </details>
        }
    });
    view! {
        {thought}
        {why}
        <Speech language text is_model_output=true marks=evidence.marks />
    }
}
