//! Another person's decisions on the open session: what a file would add, before anything is added.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{
        actions::sessions,
        state::{MergeOffer, Workbench},
        words,
    },
    fields::FileButton,
};
use crate::{browser::picked::Picked, curation::PERSON, data::Merged};

/// How many rows on which people differ are named.
const LISTED_ROWS: usize = 8;

/// The button that opens a file, and what is in it.
#[component]
pub fn MergePanel() -> impl IntoView {
    let page = Workbench::here();
    let open = move |picked: Vec<Picked>| {
        if let Some((name, file)) = picked.into_iter().next() {
            spawn_local(sessions::offer_merge(page, name, file.into()));
        }
    };
    let offer = Memo::new(move |_| page.merge.get());
    view! {
        <div class="row">
            <FileButton
                label="Add another person's decisions"
                accept=".json,.zip,application/json,application/zip"
                testid="open-merge"
                on_files=open
            />
        </div>
        {move || offer.get().map(|offer| view! { <Offer offer /> })}
    }
}

#[component]
fn Offer(
    /// What was read.
    offer: MergeOffer,
) -> impl IntoView {
    let page = Workbench::here();
    let merged = page
        .desk
        .with_untracked(|desk| desk.as_ref().map(|desk| offer.merged(&desk.session().events)))
        .unwrap_or_default();
    let blocker = offer.blocker(&merged);
    let is_blocked = blocker.is_some() || merged.added == 0;
    let names =
        offer.names.clone().into_iter().map(|(from, to)| view! { <NameField from to /> }).collect_view();
    let added = &merged.events[merged.events.len() - merged.added..];
    let lead = match merged.added {
        0 => "holds no decision that is not here already.".to_owned(),
        n => format!(
            "holds {} of {}.",
            words::plural(n, "new decision", "new decisions"),
            sessions::actors(added)
        ),
    };
    view! {
        <div class="note" role="group" aria-label="Another person's decisions" data-testid="merge-offer">
            <p><bdi>{offer.file.clone()}</bdi>" "{lead}</p>
            <ul class="note__list" data-testid="merge-facts">{facts(&offer, &merged)}</ul>
            {names}
            {blocker.map(|blocker| view! { <p class="session__problem" data-testid="merge-blocker">{blocker}</p> })}
            <div class="note__acts">
                <button
                    type="button"
                    class="button button--strong"
                    data-testid="merge"
                    disabled=is_blocked
                    on:click=move |_| sessions::merge(page)
                >
                    "Add them"
                </button>
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid="cancel-merge"
                    on:click=move |_| page.merge.set(None)
                >
                    "Leave them out"
                </button>
            </div>
        </div>
    }
}

/// What is here already, where people differ, and what else to know.
fn facts(offer: &MergeOffer, merged: &Merged) -> impl IntoView + use<> {
    let mut facts = Vec::new();
    if merged.already > 0 {
        facts.push(format!("{} here already.", words::plural(merged.already, "is", "are")));
    }
    if merged.added > 0 {
        let rows: Vec<String> = merged.conflicts.iter().take(LISTED_ROWS).map(row_words).collect();
        let more = if merged.conflicts.len() > LISTED_ROWS { ", …" } else { "" };
        facts.push(match merged.conflicts.len() {
            0 => "Nobody differs.".to_owned(),
            n => format!("People differ in {}: {}{more}.", words::plural(n, "row", "rows"), rows.join(", ")),
        });
        facts.push("Every decision stays; none takes the place of another.".to_owned());
    }
    if offer.has_other_picks {
        facts.push("Its pairs were picked with other settings; the responses are the same.".to_owned());
    }
    facts.into_iter().map(|fact| view! { <li>{fact}</li> }).collect_view()
}

fn row_words((prompt, language): &(String, crate::data::Language)) -> String {
    format!("{prompt} in {}", words::english(language))
}

/// The name that takes the place of one that stands for two people.
#[component]
fn NameField(
    /// As the file has it.
    from: String,
    /// As it will be.
    to: String,
) -> impl IntoView {
    let page = Workbench::here();
    let label = if from == PERSON {
        "Who decided in that file?".to_owned()
    } else {
        format!("Name for the decisions of {from} in that file")
    };
    let rename = move |event| {
        let to: String = event_target_value(&event);
        page.merge.update(|offer| {
            if let Some(offer) = offer {
                offer.names.insert(from.clone(), to);
            }
        });
    };
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input class="field__input" type="text" dir="auto" maxlength="60" data-testid="merge-name" value=to on:change=rename />
        </label>
    }
}
