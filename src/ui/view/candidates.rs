//! All responses of a row, with what speaks for and against each, and a way to pick others.

use leptos::prelude::*;

use super::{
    super::{
        actions::review::{Act, act},
        state::Workbench,
        words,
    },
    pair_side::LanguageBadge,
    reference_block::Judgement,
    speech::Speech,
};
use crate::{
    curation::{Candidate, Cell, RowView},
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
) -> impl IntoView {
    let rows = candidates.into_iter().map(|candidate| {
        let is_reference = Some(candidate.sample) == reference;
        let lead = view! {
            <Show when=move || is_reference>
                <i class="mark mark--reference" role="img" aria-label="the reference"></i>
            </Show>
        };
        view! { <CandidateRow language=language.clone() candidate lead=lead.into_any() /> }
    });
    view! {
        <div class="candidates__scroll" tabindex="0" role="group" aria-label="Responses">
            <table class="candidates">
                <CandidateHead score_name last="" />
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// All responses of a row; any two can be made the pair.
#[component]
pub fn CandidatePicker(
    /// Which row.
    cell: Cell,
    /// What it holds.
    row: RowView,
    /// Whether the list is shown.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    // A draft, because a row without a pair needs two picks before it has one.
    let draft = RwSignal::new((row.state.chosen, row.state.rejected));
    let pick = move |is_chosen: bool, sample: u32| {
        draft.update(|draft| *draft = picked(*draft, is_chosen, sample));
        if let (Some(chosen), Some(rejected)) = draft.get_untracked() {
            act(page, cell, Act::Choose { chosen, rejected });
        }
    };
    let n = row.candidates.len();
    let language = row.language.clone();
    let rows = row.candidates.into_iter().map(|candidate| {
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
        view! { <CandidateRow language=language.clone() candidate lead=lead.into_any() /> }
    });
    view! {
        <details
            class="more"
            data-testid="candidates"
            prop:open=is_open.get_untracked()
            on:toggle=move |event| {
                let details: web_sys::HtmlElement = event_target(&event);
                is_open.set(details.has_attribute("open"));
            }
        >
            <summary>{words::plural(n, "response", "responses")}", pick others"</summary>
            <div class="candidates__scroll" tabindex="0" role="group" aria-label="Responses">
                <table class="candidates">
                    <CandidateHead score_name="Score" last="Pick" />
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

/// The draft after a pick; a response cannot be on both sides, so picking it for one takes it off the other.
fn picked(draft: (Option<u32>, Option<u32>), is_chosen: bool, sample: u32) -> (Option<u32>, Option<u32>) {
    let (chosen, rejected) = draft;
    let keep = |side: Option<u32>| side.filter(|other| *other != sample);
    if is_chosen { (Some(sample), keep(rejected)) } else { (keep(chosen), Some(sample)) }
}

#[component]
fn CandidateHead(
    /// What the score is called here.
    score_name: &'static str,
    /// Name of the first column.
    last: &'static str,
) -> impl IntoView {
    let lead = if last.is_empty() { "Reference" } else { last };
    view! {
        <thead>
            <tr>
                <th scope="col"><span class="visually-hidden">{lead}</span></th>
                <th scope="col">"Sample"</th>
                <th scope="col">{score_name}</th>
                <th scope="col">"Cosine"</th>
                <th scope="col">"Answer"</th>
                <th scope="col">"Response"</th>
            </tr>
        </thead>
    }
}

#[component]
fn CandidateRow(
    /// Its language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// What stands in the first column.
    lead: AnyView,
) -> impl IntoView {
    let translated = candidate.translation_of.as_ref().map(|(from, sample)| {
        let of = format!("translation of {} sample {}", words::english(from), sample + 1);
        view! { <span class="candidates__translated">{of}</span>" " }
    });
    view! {
        <tr data-testid="candidate" data-sample=candidate.sample.to_string()>
            <td>{lead}</td>
            <td class="number">{candidate.sample + 1}</td>
            <td class="number">{words::fixed(candidate.score, 3)}</td>
            <td class="number">{words::fixed(candidate.cosine, 3)}</td>
            <td class="number">
                <bdi>{candidate.answer.clone().unwrap_or_else(|| "none".to_owned())}</bdi>" "
                <Judgement is_right=candidate.is_right />
            </td>
            <td>
                <LanguageBadge candidate=candidate.clone() />
                {translated}
                <Speech language text=candidate.text is_model_output=true />
            </td>
        </tr>
    }
}
