//! All responses of the row, each with the digit that picks it and what speaks for and against it.

use leptos::prelude::*;

use super::{
    super::{
        super::{
            actions::review::{self, Keyboard},
            state::{Part, Workbench},
            words,
        },
        evidence::{Evidence, EvidenceBadges},
    },
    edit_field::{EditField, EditedMark},
    judgement::{Judgement, LanguageBadge},
    pair_side::{AnswerWords, Said, side_marks},
};
use crate::{
    curation::{Candidate, Cell, RowView},
    data::Language,
};

/// The responses; equal texts stand once, with their count.
#[component]
pub fn Offers(
    /// The row.
    view: RowView,
) -> impl IntoView {
    let page = Workbench::here();
    let (cell, row) = (view.cell, view.row);
    let gold = page.sheet.with_untracked(|sheet| sheet.prompts.get(cell.prompt)?.answer.clone());
    let blind = page.review.blind.get_untracked();
    let is_blind = blind.is_some();
    let candidates = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.offered(cell, blind)));
    let items = candidates.unwrap_or_default().into_iter().enumerate().map(|(at, candidate)| {
        let holds = |side: Option<u32>| side.is_some_and(|side| candidate.same.contains(&side));
        let side = match () {
            () if is_blind => None,
            () if holds(row.state.chosen) => Some(true),
            () if holds(row.state.rejected) => Some(false),
            () => None,
        };
        // A blind judge finds what is wrong with a text alone, as in the two sides.
        let evidence = match is_blind {
            true => Evidence::default(),
            false => Evidence::of(&candidate, &row.language, &view.question),
        };
        let translation_of = candidate.translation_of.clone().filter(|_| !is_blind);
        let candidate = Candidate { translation_of, ..candidate };
        let gold = gold.clone();
        view! { <Offer cell number=at + 1 language=row.language.clone() candidate evidence gold side is_blind /> }
    });
    view! {
        <section class="box offers" aria-label="All responses" tabindex="0" data-scrolls="" data-testid="offers">
            <ol class="offers__list">{items.collect_view()}</ol>
        </section>
    }
}

#[component]
fn Offer(
    /// Which row.
    cell: Cell,
    /// The digit that picks it.
    number: usize,
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// What was found in its text.
    evidence: Evidence,
    /// The gold answer of the prompt.
    gold: Option<String>,
    /// Chosen, rejected, or neither.
    side: Option<bool>,
    /// Whether nothing may tell where it came from.
    is_blind: bool,
) -> impl IntoView {
    let page = Workbench::here();
    let sample = candidate.sample;
    let picks =
        move |is_rejected: bool| move |_| review::pick(page, cell, sample, is_rejected, Keyboard::Follows);
    let draft = move |is_rejected: bool| {
        page.review.draft.with(|draft| {
            let picked = if is_rejected { draft.rejected } else { draft.chosen };
            picked.map_or(side == Some(!is_rejected), |picked| picked == sample)
        })
    };
    let label = side.map(|is_chosen| {
        let (_, mark, word) = side_marks(is_chosen);
        view! { <span class="offer__side"><i class=mark aria-hidden="true"></i>{word}</span> }
    });
    let facts = (!is_blind).then(|| facts(&candidate));
    let count = (candidate.same.len() > 1)
        .then(|| view! { <span class="badge badge--plain" data-testid="equal">{format!("{} equal", candidate.same.len())}</span> });
    let answer = candidate.answer.is_some().then(|| {
        view! { <span class="number">"answer "<AnswerWords candidate=candidate.clone() /></span> }
    });
    let is_edited = Memo::new(move |_| page.review.part.get() == Some(Part::Edit(sample)) && side.is_none());
    let text = {
        let (language, candidate, evidence) = (language.clone(), candidate.clone(), evidence.clone());
        move || {
            match is_edited.get() {
            true => view! { <EditField cell sample language=language.clone() /> }.into_any(),
            false => view! { <Said language=language.clone() candidate=candidate.clone() evidence=evidence.clone() /> }.into_any(),
        }
        }
    };
    view! {
        <li class="offer" data-testid="candidate" data-sample=sample.to_string() data-number=number.to_string()>
            <p class="offer__head">
                {(number <= 9).then(|| view! { <kbd>{number}</kbd> })}
                {label}
                {count}
                {answer}
                <Judgement is_right=candidate.is_right.filter(|_| !is_blind) gold />
                <LanguageBadge candidate=candidate.clone() />
                <EvidenceBadges evidence />
            </p>
            {facts.map(|facts| view! { <p class="offer__facts number">{facts}</p> })}
            <EditedMark cell language candidate />
            <div class="offer__text">{text}</div>
            <p class="offer__acts">
                <button type="button" class="button button--small" aria-pressed=move || draft(false).to_string()
                    aria-label=format!("Choose response {number}") on:click=picks(false)>
                    <i class="mark mark--chosen" aria-hidden="true"></i>"Choose"
                </button>
                <button type="button" class="button button--small" aria-pressed=move || draft(true).to_string()
                    aria-label=format!("Reject response {number}") on:click=picks(true)>
                    <i class="mark mark--rejected" aria-hidden="true"></i>"Reject"
                </button>
                <button type="button" class="button button--small" aria-label=format!("Edit response {number}")
                    data-testid="edit-response" on:click=move |_| page.review.part.set(Some(Part::Edit(sample)))>
                    "Edit"
                </button>
            </p>
        </li>
    }
}

/// Score, rank, nearness to the reference, and the detected language.
fn facts(candidate: &Candidate) -> String {
    let score = candidate.score.map(|score| format!("score {score:.2}"));
    let rank = candidate.rank.map(|rank| format!("rank {rank}"));
    let cosine = candidate.cosine.map(|cosine| format!("cosine to the reference {cosine:.3}"));
    let language = candidate.detected_language.as_ref().map(words::english);
    let samples = if let [sample] = candidate.same.as_slice() {
        format!("sample {}", sample + 1)
    } else {
        let samples: Vec<String> = candidate.same.iter().map(|sample| (sample + 1).to_string()).collect();
        format!("samples {}", samples.join(", "))
    };
    let model = candidate.model.clone();
    [Some(samples), model, score, rank, cosine, language]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}
