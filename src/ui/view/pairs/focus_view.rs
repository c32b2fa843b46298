//! One row at a time: the question and the reference above, the two sides and all responses below, each in a box of its own
//! that scrolls inside, so that all of them stay in view however long the texts are.

use std::ops::Range;

use leptos::prelude::*;

use super::{
    super::{
        super::{
            actions::review::sides_of,
            row_focus::{self, HEADING_ID},
            state::{Part, Workbench},
            words,
        },
        speech::{Mark, MarkKind, Speech},
    },
    edit_field::{EditField, EditedMark},
    offers::Offers,
    pair_row::{no_pair_words, row_facts},
    pair_side::{PairSide, side_marks},
    reference_block::ReferencePick,
};
use crate::{
    align::evidence::{found_in, word_diff},
    curation::{Candidate, Cell, RowView},
    data::{Language, SkipReason},
};

/// The row that is looked at.
#[component]
pub fn FocusView() -> impl IntoView {
    let page = Workbench::here();
    let cell = Memo::new(move |_| page.focus.with(|focus| focus.cell));
    let shown = Memo::new(move |_| page.desk.with(|desk| desk.as_ref()?.row_view(cell.get())));
    let fact = move |name: &'static str| {
        move || shown.with(|shown| row_facts(&shown.as_ref()?.row).into_iter().find(|(of, _)| *of == name)?.1)
    };
    let search = Memo::new(move |_| page.review.filter.with(|filter| filter.search.clone()));
    let title = move || {
        let Cell { prompt, language } = cell.get();
        let language = page.sheet.with(|sheet| sheet.languages.get(language).map(words::english));
        format!("Prompt {} · {}", prompt + 1, language.unwrap_or_default())
    };
    view! {
        <article
            class="one"
            data-testid="focus-row"
            aria-labelledby=HEADING_ID
            data-prompt=fact("prompt")
            data-language=fact("language")
            data-chosen=fact("chosen")
            data-rejected=fact("rejected")
            data-state=fact("state")
            on:click=move |event| row_focus::enter_by_click(cell.get_untracked(), &event)
        >
            <header class="one__head">
                <h3 id=HEADING_ID class="one__title" tabindex="-1">{title}</h3>
                <RowState shown />
            </header>
            <div class="one__ask">
                <Question cell />
                <Reference cell />
            </div>
            {move || {
                // What the body shows of these it reads once.
                page.review.blind.track();
                page.review.repeat.track();
                page.review.has_differences.track();
                search.track();
                match shown.get() {
                    Some(view) => view! { <Body view /> }.into_any(),
                    None => view! {
                        <p class="one__none">"This prompt has no row in this language. Go to another row."</p>
                    }
                    .into_any(),
                }
            }}
        </article>
    }
}

/// What was decided of the row, and what is known of it.
#[component]
fn RowState(
    /// The row.
    shown: Memo<Option<RowView>>,
) -> impl IntoView {
    let page = Workbench::here();
    move || {
        let row = shown.get()?.row;
        let is_blind = page.review.blind.get().is_some();
        let margin = row.margin.filter(|_| !is_blind);
        // What was decided of a row that is shown once more would tell.
        let is_repeat = page.review.repeat.get().is_some();
        let state = if is_repeat { "undecided" } else { words::shown_state(&row, is_blind) };
        Some(view! {
            <p class="one__state">
                <span class=format!("state state--{}", state.replace(' ', "-"))>{state}</span>
                {margin.map(|margin| view! { <span class="number">{format!("margin {margin:.3}")}</span> })}
                {row.state.flagged.then(|| view! { <span class="badge">"⚑ flagged"</span> })}
                {row.is_conflict().then(|| view! { <span class="badge">"people disagree"</span> })}
                {row.note.clone().map(|note| view! { <span class="one__note">"Note: "<bdi>{note}</bdi></span> })}
            </p>
        })
    }
}

/// The question in the row's language, and in the anchor's where that is another.
#[component]
fn Question(
    /// Which row.
    cell: Memo<Cell>,
) -> impl IntoView {
    let page = Workbench::here();
    let texts = Memo::new(move |_| {
        let cell = cell.get();
        page.sheet.with(|sheet| {
            let prompt = sheet.prompts.get(cell.prompt)?;
            let own = sheet.languages.get(cell.language)?;
            let mut languages = vec![own.clone()];
            if *own != sheet.anchor {
                languages.push(sheet.anchor.clone());
            }
            let text = |language: Language| {
                let draft = prompt.drafted_by(&language).map(words::draft_mark);
                Some((language.clone(), prompt.text.get(&language)?.clone(), draft))
            };
            Some(languages.into_iter().filter_map(text).collect::<Vec<_>>())
        })
    });
    let items = move || {
        let texts = texts.get().unwrap_or_default().into_iter();
        let item = |(language, text, draft): (Language, String, Option<String>)| {
            let mark =
                draft.map(|mark| view! { <p class="field__help" data-testid="question-draft">{mark}</p> });
            view! { <Speech language text />{mark} }
        };
        texts.map(item).collect_view()
    };
    view! {
        <div class="box one__question" tabindex="0" role="group" aria-label="Question" data-scrolls="" data-testid="focus-question">
            {items}
        </div>
    }
}

/// The reference of the row's prompt.
#[component]
fn Reference(
    /// Which row.
    cell: Memo<Cell>,
) -> impl IntoView {
    let page = Workbench::here();
    let prompt = Memo::new(move |_| cell.get().prompt);
    let view = Memo::new(move |_| page.desk.with(|desk| desk.as_ref()?.reference_view(prompt.get())));
    view! {
        <div class="box one__reference" tabindex="0" role="group" aria-label="Reference" data-scrolls="" data-testid="focus-reference">
            {move || {
                let is_blind = page.review.blind.get().is_some();
                match view.get() {
                    Some(view) => view! { <ReferencePick view is_blind /> }.into_any(),
                    None => view! { <p class="reference__label">"No reference was picked for this prompt."</p> }.into_any(),
                }
            }}
        </div>
    }
}

/// The two sides and all responses.
#[component]
fn Body(
    /// The row.
    view: RowView,
) -> impl IntoView {
    let page = Workbench::here();
    let row = view.row.clone();
    let is_blind = page.review.blind.get_untracked().is_some();
    let (chosen, rejected) = (view.chosen.clone(), view.rejected.clone());
    let sides = untrack(|| sides_of(page, view.cell, &row)).zip(chosen.zip(rejected));
    let has_pair = sides.is_some();
    let cell = view.cell;
    let language = row.language.clone();
    let shown = match sides {
        Some(([first, _], (chosen, rejected))) => {
            let is_chosen_first = chosen.sample == first;
            let both = if is_chosen_first { [chosen, rejected] } else { [rejected, chosen] };
            let marks = untrack(|| differences(page, &both[0].text, &both[1].text));
            let both = both.into_iter().zip(marks).enumerate().map(|(at, (candidate, marks))| {
                let name = if is_blind { ["Response A", "Response B"][at] } else { "" };
                let is_chosen = (at == 0) == is_chosen_first;
                let question = view.question.clone();
                view! { <Side cell name is_chosen language=language.clone() candidate question marks /> }
            });
            both.collect_view().into_any()
        }
        None => {
            let anchor = page.sheet.with_untracked(|sheet| sheet.anchor.clone());
            // Why the method picked nothing is what a method says.
            let skip = row.skip.filter(|skip| !is_blind || *skip == SkipReason::AnchorLanguage);
            let (what, then) = no_pair_words(skip, &anchor);
            let pick = (row.skip != Some(SkipReason::AnchorLanguage)).then_some(
                " Press the digit of the better response, then Shift and the digit of the worse one.",
            );
            view! { <p class="box one__skip"><strong>{what}</strong>" "{then}{pick}</p> }.into_any()
        }
    };
    let offers = (!is_blind || !has_pair).then(|| view! { <Offers view /> });
    view! {
        <div class="one__body" class:one__body--blind=is_blind && has_pair>
            {shown}
            {offers}
        </div>
    }
}

/// What is marked in the two sides: what was looked for, and, where they are alike or the person wants it, where they differ.
fn differences(page: Workbench, first: &str, second: &str) -> [Vec<Mark>; 2] {
    let search = page.review.filter.with(|filter| filter.search.clone());
    let marks = |ranges: Vec<Range<usize>>, kind: MarkKind| {
        ranges.into_iter().map(move |range| Mark { range, kind: kind.clone() })
    };
    let found = |text: &str| marks(found_in(text, &search), MarkKind::Found).collect::<Vec<_>>();
    let mut out = [found(first), found(second)];
    let wanted = page.review.has_differences.get();
    if wanted != Some(false) {
        let diff = word_diff(first, second);
        if wanted == Some(true) || diff.is_near() {
            out[0].extend(marks(diff.only_a, MarkKind::Removed));
            out[1].extend(marks(diff.only_b, MarkKind::Added));
        }
    }
    out
}

/// One of the two responses, in a box that scrolls.
#[component]
fn Side(
    /// Which row.
    cell: Cell,
    /// What it is called while the labels are hidden; else empty.
    name: &'static str,
    /// Chosen, or else rejected.
    is_chosen: bool,
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// The question in the row's language.
    question: String,
    /// Where the sides differ, and what was looked for.
    marks: Vec<Mark>,
) -> impl IntoView {
    let page = Workbench::here();
    let sample = candidate.sample;
    let gold = page.sheet.with_untracked(|sheet| sheet.prompts.get(cell.prompt)?.answer.clone());
    let is_blind = !name.is_empty();
    let label = if is_blind { name } else { side_marks(is_chosen).2 };
    let is_edited = Memo::new(move |_| page.review.part.get() == Some(Part::Edit(sample)));
    let testid = if is_blind {
        "focus-side"
    } else if is_chosen {
        "focus-chosen"
    } else {
        "focus-rejected"
    };
    let text = {
        let (language, candidate) = (language.clone(), candidate.clone());
        move || {
            let (language, candidate, marks) = (language.clone(), candidate.clone(), marks.clone());
            if is_blind {
                view! { <BlindSide name language candidate marks /> }.into_any()
            } else {
                let (question, gold) = (question.clone(), gold.clone());
                view! { <PairSide is_chosen language candidate question gold marks /> }.into_any()
            }
        }
    };
    view! {
        <div class="box one__side" tabindex="0" role="group" aria-label=label data-scrolls="" data-testid=testid data-sample=sample.to_string()>
            <EditedMark cell language=language.clone() candidate=candidate.clone() />
            {move || {
                if is_edited.get() {
                    view! { <EditField cell sample language=language.clone() /> }.into_any()
                } else {
                    text()
                }
            }}
        </div>
    }
}

/// A response without anything that tells where it came from.
#[component]
fn BlindSide(
    /// Its letter.
    name: &'static str,
    /// The row's language.
    language: Language,
    /// The response.
    candidate: Candidate,
    /// Where the sides differ, and what was looked for.
    marks: Vec<Mark>,
) -> impl IntoView {
    view! {
        <p class="side__head"><strong>{name}</strong></p>
        <Speech language text=candidate.text is_model_output=true marks />
    }
}
