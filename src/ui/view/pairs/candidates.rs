//! All responses of a row, with what speaks for and against each, and a way to pick others.

use leptos::prelude::*;

use super::{
    super::{
        super::{
            actions::review::{Keyboard, Target, decide},
            state::Workbench,
            words,
        },
        disclosure::Disclosure,
        evidence::{Evidence, EvidenceBadges},
    },
    judgement::{Judgement, LanguageBadge},
    pair_side::{AnswerWords, Said},
};
use crate::{
    curation::{Act, Candidate, Decision, RowView},
    data::Language,
};

/// A table of responses to read.
#[component]
pub fn CandidateTable(
    /// Their language.
    language: Language,
    /// The responses.
    candidates: Vec<Candidate>,
    /// Which one is the reference.
    reference: Option<u32>,
    /// What the score is called here.
    score_name: &'static str,
    /// The question in their language.
    question: String,
    /// The gold answer of the prompt.
    gold: Option<String>,
) -> impl IntoView {
    let rows = candidates.into_iter().map(|candidate| {
        let is_reference = Some(candidate.sample) == reference;
        let lead = view! {
            <Show when=move || is_reference>
                <i class="mark mark--reference" role="img" aria-label="the reference"></i>
            </Show>
        };
        let (question, gold) = (question.clone(), gold.clone());
        view! { <CandidateRow language=language.clone() candidate question gold lead=lead.into_any() /> }
    });
    view! { <Responses score_name lead="Reference" rows=rows.collect_view().into_any() /> }
}

/// All responses of a row; any two can be made the pair.
#[component]
pub fn CandidatePicker(
    /// Which row.
    view: RowView,
    /// Whether the list is shown.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let (cell, state) = (view.cell, view.row.state);
    // A draft, because a row without a pair needs two picks before it has one.
    let draft = RwSignal::new((state.chosen, state.rejected));
    let pick = move |is_chosen: bool, sample: u32| {
        draft.update(|draft| *draft = picked(*draft, is_chosen, sample));
        if let (Some(chosen), Some(rejected)) = draft.get_untracked() {
            let decision = Decision::On(Target::At(cell), Act::Choose { chosen, rejected });
            decide(page, decision, Keyboard::Follows);
        }
    };
    let language = view.row.language;
    let question = view.question;
    let gold =
        page.desk.with_untracked(|desk| desk.as_ref()?.session().prompts.get(cell.prompt)?.answer.clone());
    let to_row = move |candidate: Candidate| {
        let sample = candidate.sample;
        let number = sample + 1;
        let lead = view! {
            <span class="pick">
                <button type="button" class="pick__button pick__button--chosen" title="Choose"
                    aria-label=format!("Choose sample {number}")
                    aria-pressed=move || (draft.get().0 == Some(sample)).to_string()
                    on:click=move |_| pick(true, sample)>
                    <i class="mark mark--chosen" aria-hidden="true"></i>
                </button>
                <button type="button" class="pick__button pick__button--rejected" title="Reject"
                    aria-label=format!("Reject sample {number}")
                    aria-pressed=move || (draft.get().1 == Some(sample)).to_string()
                    on:click=move |_| pick(false, sample)>
                    <i class="mark mark--rejected" aria-hidden="true"></i>
                </button>
            </span>
        };
        let (question, gold) = (question.clone(), gold.clone());
        view! { <CandidateRow language=language.clone() candidate question gold lead=lead.into_any() /> }
    };
    // The row is rebuilt whenever it changes, so what it holds is read once.
    let rows = move || {
        let candidates = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.candidates(cell)));
        candidates.unwrap_or_default().into_iter().map(&to_row).collect_view().into_any()
    };
    let summary = format!("{}, pick others", words::plural(view.n_candidates, "response", "responses"));
    view! {
        <Disclosure summary is_open>
            <Responses score_name="Score" lead="Pick" rows=rows() />
        </Disclosure>
    }
}

/// The draft after a pick; a response cannot be on both sides, so picking it for one takes it off the other.
fn picked(draft: (Option<u32>, Option<u32>), is_chosen: bool, sample: u32) -> (Option<u32>, Option<u32>) {
    let (chosen, rejected) = draft;
    let keep = |side: Option<u32>| side.filter(|other| *other != sample);
    if is_chosen { (Some(sample), keep(rejected)) } else { (keep(chosen), Some(sample)) }
}

/// The table around rows of responses.
#[component]
fn Responses(
    /// What the score is called here.
    score_name: &'static str,
    /// Name of the first column.
    lead: &'static str,
    /// The rows.
    rows: AnyView,
) -> impl IntoView {
    view! {
        <div class="candidates__scroll" tabindex="0" role="group" aria-label="Responses">
            // The roles are named because a narrow screen lays the rows out as grids.
            <table class="candidates" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader"><span class="visually-hidden">{lead}</span></th>
                        <th scope="col" role="columnheader">"Sample"</th>
                        <th scope="col" role="columnheader">{score_name}</th>
                        <th scope="col" role="columnheader">"Cosine"</th>
                        <th scope="col" role="columnheader">"Answer"</th>
                        <th scope="col" role="columnheader">"Response"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn CandidateRow(
    /// Its language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// The question in its language.
    question: String,
    /// The gold answer of the prompt.
    gold: Option<String>,
    /// What stands in the first column.
    lead: AnyView,
) -> impl IntoView {
    let evidence = Evidence::of(&candidate, &language, &question);
    view! {
        <tr role="row" data-testid="candidate" data-sample=candidate.sample.to_string()>
            <td role="cell">{lead}</td>
            <td role="cell" class="number">{candidate.sample + 1}</td>
            <td role="cell" class="number">{words::fixed(candidate.score, 3)}</td>
            <td role="cell" class="number">{words::fixed(candidate.cosine, 3)}</td>
            <td role="cell" class="number">
                <span class="candidates__cap" aria-hidden="true">"answer "</span>
                <AnswerWords candidate=candidate.clone() />" "
                <Judgement is_right=candidate.is_right gold />
            </td>
            <td role="cell">
                <LanguageBadge candidate=candidate.clone() />
                <EvidenceBadges evidence=evidence.clone() />
                <Said language candidate=candidate.clone() evidence />
            </td>
        </tr>
    }
}
