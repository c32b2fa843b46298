//! A row as a method paired it: the question, chosen and rejected side by side.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{actions::walk, state::Workbench, words},
    evidence::{Evidence, EvidenceBadges},
    pairs::{
        judgement::{Judgement, LanguageBadge},
        pair_side::side_marks,
    },
    speech::Speech,
};
use crate::{
    curation::Candidate,
    data::{Language, Pair},
};

/// What one method picked in a row.
#[component]
pub fn Picked(
    /// The pick.
    pair: Pair,
) -> impl IntoView {
    let page = Workbench::here();
    let sides = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        let prompt = desk.session().prompts.iter().find(|prompt| prompt.id == pair.prompt_id)?;
        let side = |sample: Option<u32>| desk.candidate(prompt, &pair.language, sample?);
        let (question, gold) =
            (prompt.text.get(&pair.language).cloned().unwrap_or_default(), prompt.answer.clone());
        Some((side(pair.chosen), side(pair.rejected), desk.session().config.anchor.clone(), question, gold))
    });
    let language = pair.language.clone();
    sides.map(|(chosen, rejected, anchor, question, gold)| match (chosen, rejected) {
        (Some(chosen), Some(rejected)) => view! {
            <Side is_chosen=true language=language.clone() candidate=chosen question=question.clone() gold=gold.clone() />
            <Side is_chosen=false language candidate=rejected question gold />
        }
        .into_any(),
        _ => {
            let (what, then) = pair.skip.map(|skip| words::skip_words(skip, &anchor)).unwrap_or_default();
            view! { <p class="pair__skip">"No pair. "<strong>{what}</strong>" "{then}</p> }.into_any()
        }
    })
}

#[component]
fn Side(
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
) -> impl IntoView {
    let evidence = Evidence::of(&candidate, &language, &question);
    let (class, mark, word) = side_marks(is_chosen);
    let testid = if is_chosen { "picked-chosen" } else { "picked-rejected" };
    view! {
        <div class=class data-testid=testid data-sample=candidate.sample.to_string()>
            <p class="side__head">
                <i class=mark aria-hidden="true"></i>
                <span class="side__word">{word}</span>
                <span class="number">"sample "{candidate.sample + 1}</span>
                <Judgement is_right=candidate.is_right gold />
                <LanguageBadge candidate=candidate.clone() />
                <EvidenceBadges evidence=evidence.clone() />
            </p>
            <Speech language text=candidate.text is_model_output=true marks=evidence.marks />
        </div>
    }
}

/// Which row it is, the question, and the way to its card.
#[component]
pub fn RowHead(
    /// The prompt's id.
    prompt_id: String,
    /// The row's language.
    language: Language,
) -> impl IntoView {
    let page = Workbench::here();
    let found = page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        let cell = desk.cell_of(&prompt_id, &language)?;
        let prompt = desk.session().prompts.get(cell.prompt)?;
        Some((cell, prompt.text.get(&language).cloned().unwrap_or_default(), prompt.answer.clone()))
    });
    let name = words::english(&language);
    found.map(|(cell, question, gold)| {
        let title = format!("Prompt {}, {name}", cell.prompt + 1);
        let hidden = format!(": {title}");
        let gold = gold.map(|gold| view! { <span class="number">"gold answer "<bdi>{gold}</bdi></span> });
        view! {
            <div class="picked__head">
                <p class="picked__title"><strong>{title}</strong>{gold}</p>
                <button type="button" class="button button--quiet" data-testid="show-row" on:click=move |_| spawn_local(walk::show_row(page, cell))>
                    "Go to the card"<span class="visually-hidden">{hidden}</span>
                </button>
                <Speech language=language.clone() text=question />
            </div>
        }
    })
}
