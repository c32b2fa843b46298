//! The parallel card of a prompt: the reference, then a row per language, then the pictures.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::state::{PAGE, Workbench},
        disclosure::Disclosure,
    },
    pair_row::PairRow,
    prompt_pictures::PromptPictures,
    reference_block::ReferenceBlock,
};
use crate::{
    browser::clock,
    curation::{Cell, RowFilter},
};

/// The cards of the page that the board shows.
#[component]
pub fn ResultCards() -> impl IntoView {
    let page = Workbench::here();
    let shape = Memo::new(move |_| {
        let first = page.focus.with(|focus| focus.page()) * PAGE;
        let n_prompts = page.sheet.with(|sheet| sheet.prompts.len());
        (first, (first + PAGE).min(n_prompts), page.sheet.with(|sheet| sheet.languages.len()))
    });
    // A card after each frame, so that a page of cards never holds up a key or a click: how many there are of the page that
    // begins here. Then, where the desk has changed in more than a row, each of them again.
    let ready = RwSignal::new((0_usize, 0_usize));
    let n_ready = move |first: usize| ready.with(|(of, n)| if *of == first { *n } else { 0 });
    Effect::new(move |_| {
        let (first, last, _) = shape.get();
        let (n, n_due) = (n_ready(first), page.n_cards_due.get());
        if first + n < last || n_due < PAGE {
            spawn_local(async move {
                clock::next_frame().await;
                // The cards may be gone.
                if first + n < last {
                    let _gone = ready.try_set((first, n + 1));
                } else {
                    // Or the desk has changed again meanwhile.
                    let _gone = page.n_cards_due.try_update(|now| *now += usize::from(*now == n_due));
                }
            });
        }
    });
    let prompts = move || {
        let (first, last, n_languages) = shape.get();
        (first..last.min(first + n_ready(first))).map(move |prompt| (prompt, n_languages))
    };
    let is_busy = move || {
        let (first, last, _) = shape.get();
        (first + n_ready(first) < last || page.n_cards_due.get() < PAGE).to_string()
    };
    view! {
        <div class="cards" data-testid="cards" aria-busy=is_busy>
            <For each=prompts key=|card| *card let((prompt, n_languages))>
                <ResultCard prompt n_languages />
            </For>
        </div>
    }
}

#[component]
fn ResultCard(
    /// Which prompt.
    prompt: usize,
    /// Languages of the session.
    n_languages: usize,
) -> impl IntoView {
    let page = Workbench::here();
    let title = format!("Prompt {}", prompt + 1);
    let title_id = format!("card-{prompt}");
    let labelled_by = title_id.clone();
    let id = Memo::new(move |_| {
        page.sheet.with(|sheet| sheet.prompts.get(prompt).map(|prompt| prompt.id.clone()).unwrap_or_default())
    });
    let gold = Memo::new(move |_| page.sheet.with(|sheet| sheet.prompts.get(prompt)?.answer.clone()));
    // A card of which no row passes the filter has nothing to show.
    let is_hidden = Memo::new(move |_| {
        let passes = |language: usize| {
            page.review.listing.with(|listing| listing.place_of(Cell { prompt, language }).is_some())
        };
        page.review.filter.with(|filter| *filter != RowFilter::default())
            && page.focus.with(|focus| focus.cell.prompt != prompt)
            && !(0..n_languages).any(passes)
    });
    let is_due = Memo::new(move |_| page.n_cards_due.get() > prompt % PAGE);
    let rows = (0..n_languages)
        .map(|language| view! { <PairRow cell=Cell { prompt, language } is_due /> })
        .collect_view();
    view! {
        <article class="card" aria-labelledby=labelled_by data-testid="result-card" data-prompt=id hidden=is_hidden>
            <header class="card__head">
                <h3 id=title_id>{title}</h3>
                <p class="card__facts">
                    <bdi class="number">{id}</bdi>
                    {move || gold.get().map(|gold| view! { <span>" · gold answer "<b class="number">{gold}</b></span> })}
                </p>
            </header>
            <ReferenceBlock prompt is_due />
            <div class="pairs">
                <div class="pairs__head" aria-hidden="true">
                    <span>"Language"</span><span>"Chosen"</span><span>"Rejected"</span><span>"Margin"</span>
                </div>
                <ol class="pairs__rows">{rows}</ol>
            </div>
            <Disclosure class="card__map" summary="Pictures of the responses" testid="open-heat-map">
                <PromptPictures prompt />
            </Disclosure>
        </article>
    }
}
