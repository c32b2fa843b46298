//! The reference of a prompt, and why it was picked.

use leptos::prelude::*;

use super::{
    super::{
        super::{due::of_desk, words},
        disclosure::Disclosure,
        evidence::{Evidence, EvidenceBadges},
        speech::Speech,
    },
    candidates::CandidateTable,
    judgement::Judgement,
    pair_side::{AnswerWords, Said},
};
use crate::curation::ReferenceView;

/// The question in the anchor language, the picked response and the reason; all anchor responses on demand.
#[component]
pub fn ReferenceBlock(
    /// Which prompt.
    prompt: usize,
    /// Whether the card shows the desk as it is now.
    is_due: Memo<bool>,
) -> impl IntoView {
    let view = of_desk(is_due, move |desk| desk.reference_view(prompt));
    move || view.get().map(|view| view! { <Reference view /> })
}

#[component]
fn Reference(
    /// What to show.
    view: ReferenceView,
) -> impl IntoView {
    let question = view.prompt.text.get(&view.language).cloned().unwrap_or_default();
    let n = view.candidates.len();
    let candidates = view.candidates.clone();
    let language = view.language.clone();
    let (sample, gold) = (view.sample, view.prompt.answer.clone());
    view! {
        <div class="reference">
            <div class="reference__question"><Speech language=view.language.clone() text=question.clone() /></div>
            <ReferencePick view=view.clone() />
            <Disclosure summary=format!("All {n} responses in {}", words::english(&view.language))>
                <CandidateTable
                    language=language.clone()
                    candidates=candidates.clone()
                    reference=sample
                    score_name="Consistency"
                    question=question.clone()
                    gold=gold.clone()
                />
            </Disclosure>
        </div>
    }
}

/// The picked response and the reason, or why there is none.
#[component]
pub fn ReferencePick(
    /// What to show.
    view: ReferenceView,
    /// Whether nothing may tell how it was picked.
    #[prop(optional)]
    is_blind: bool,
) -> impl IntoView {
    let anchor = view.language.clone();
    let question = view.prompt.text.get(&anchor).cloned().unwrap_or_default();
    let gold = view.prompt.answer.clone();
    let picked = view.candidates.iter().find(|candidate| Some(candidate.sample) == view.sample).cloned();
    let why = words::reference_words(&view);
    let vote_share = view.vote_share.map(|share| format!("vote share {share:.2}"));
    let consistency = picked.as_ref().map(|picked| format!("consistency {}", words::fixed(picked.score, 3)));
    match (&picked, view.skip) {
        (Some(picked), _) => {
            let facts = [vote_share, consistency].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let right = picked.is_right;
            let evidence = Evidence::of(picked, &anchor, &question);
            // What is clear stands in the text itself; what is not is said.
            let answer = (!picked.ambiguous.is_empty()).then(|| picked.clone());
            view! {
                <div class="reference__pick" data-testid="reference" data-sample=picked.sample.to_string()>
                    <p class="reference__label">
                        <i class="mark mark--reference" aria-hidden="true"></i>
                        "Reference · "{words::english(&anchor)}" "
                        <span class="number">{format!("sample {}", picked.sample + 1)}</span>
                        {answer.map(|candidate| view! { " · answer "<AnswerWords candidate /> })}" "
                        <Judgement is_right=right gold=gold.clone() />
                        <EvidenceBadges evidence=evidence.clone() />
                    </p>
                    <Said language=anchor.clone() candidate=picked.clone() evidence />
                    {(!is_blind).then(|| view! { <p class="reference__why">{why}" "<span class="number">{facts}</span></p> })}
                </div>
            }
            .into_any()
        }
        (None, skip) => {
            let (what, then) = match skip {
                Some(reason) => words::skip_words(reason, &anchor),
                None if view.method.has_reference() => {
                    ("No reference was picked.".to_owned(), "Build the pairs again.")
                }
                None => (words::no_reference_words(view.method, &anchor), ""),
            };
            view! {
                <div class="reference__pick" data-testid="reference">
                    <p class="reference__label">"No reference"</p>
                    <p>{what}" "{then}</p>
                </div>
            }
            .into_any()
        }
    }
}
