//! The rows on which people disagree, one after the other, each to be settled: as one of them had it, or in another way.

use leptos::{html::Div, prelude::*, task::spawn_local};
use web_sys::KeyboardEvent;

use super::super::{
    super::{
        actions::{
            review::{self, Keyboard, Target},
            walk,
        },
        route,
        state::Workbench,
        words,
    },
    keys,
    speech::Speech,
};
use super::figures::judgement_words;
use crate::{
    curation::{
        Act, Cell, Decision, Desk, Row, Vote,
        agreement::{Judgement, conflicts},
    },
    data::Language,
};

/// The queue; nothing where nobody disagrees and nobody has.
#[component]
pub fn Conflicts() -> impl IntoView {
    let page = Workbench::here();
    let queue = Memo::new(move |_| page.desk.with(|desk| desk.as_ref().map(conflicts).unwrap_or_default()));
    let n_settled = Memo::new(move |_| {
        page.desk.with(|desk| {
            let rows = desk.as_ref().map(|desk| desk.curation().rows()).unwrap_or_default();
            rows.iter().filter(|row| row.settled_by.is_some()).count()
        })
    });
    // Its place in the queue: where one is settled the next moves up.
    let at = RwSignal::new(0_usize);
    let shown = Memo::new(move |_| {
        queue.with(|queue| queue.get(at.get().min(queue.len().saturating_sub(1))).copied())
    });
    // A key or a button has taken the card away: the next takes the focus, or the screen where there is none.
    let wants_focus = RwSignal::new(false);
    Effect::new(move |_| {
        if shown.get().is_none() && wants_focus.get_untracked() {
            wants_focus.set(false);
            route::focus_content();
        }
    });
    let is_there = Memo::new(move |_| shown.get().is_some() || n_settled.get() > 0);
    let count = move || match (queue.with(Vec::len), n_settled.get()) {
        (0, settled) => {
            format!("Nothing is left to settle. {} settled.", words::plural(settled, "row was", "rows were"))
        }
        (n, 0) => format!("{} to settle.", words::plural(n, "row is", "rows are")),
        (n, settled) => format!("{} to settle, {settled} settled.", words::plural(n, "row is", "rows are")),
    };
    view! {
        <Show when=move || is_there.get()>
            <section class="methods" aria-labelledby="conflicts-title" data-testid="conflicts">
                <div class="methods__head">
                    <h3 id="conflicts-title">"Where people disagree"</h3>
                    <div class="note__acts">
                        <p class="number" role="status" data-testid="conflict-count">{count}</p>
                        <button type="button" class="button button--quiet" data-testid="undo-settled"
                            disabled=move || n_settled.get() == 0
                            on:click=move |_| review::decide(page, Decision::Undo, Keyboard::Stays)>
                            "Undo"
                        </button>
                    </div>
                </div>
                {move || shown.get().map(|cell| view! { <Conflict cell queue at wants_focus /> })}
            </section>
        </Show>
    }
}

/// What one row needs to be shown.
#[derive(Clone, PartialEq)]
struct Shown {
    row: Row,
    question: String,
    /// The responses that somebody's pair is made of, the method's first.
    responses: Vec<(u32, String)>,
}

impl Shown {
    fn of(desk: &Desk, cell: Cell) -> Option<Self> {
        let row = desk.row(cell)?.clone();
        let question = desk.session().prompts.get(cell.prompt)?.text.get(&row.language).cloned();
        let states = std::iter::once(row.method).chain(row.votes.iter().map(|vote| vote.state));
        let mut samples: Vec<u32> = Vec::new();
        for sample in states.flat_map(|state| [state.chosen, state.rejected]).flatten() {
            if !samples.contains(&sample) {
                samples.push(sample);
            }
        }
        let text = |sample: u32| (sample, desk.text(cell, sample).to_owned());
        Some(Self {
            responses: samples.into_iter().map(text).collect(),
            question: question.unwrap_or_default(),
            row,
        })
    }
}

#[component]
fn Conflict(
    /// Which row.
    cell: Cell,
    /// All rows to settle.
    queue: Memo<Vec<Cell>>,
    /// The place of this one.
    at: RwSignal<usize>,
    /// Whether the card that comes next takes the focus.
    wants_focus: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let card = NodeRef::<Div>::new();
    let shown = page.desk.with_untracked(|desk| desk.as_ref().and_then(|desk| Shown::of(desk, cell)));
    let shown = shown?;
    let language = shown.row.language.clone();
    let title = format!("Prompt {}, {}", cell.prompt + 1, words::english(&language));
    let votes = shown.row.votes.clone();
    Effect::new(move |_| {
        if let Some(card) = card.get().filter(|_| wants_focus.get_untracked()) {
            wants_focus.set(false);
            let _focused = card.focus();
        }
    });
    let walk = move |by: isize| {
        let n = queue.with_untracked(Vec::len);
        at.update(|at| {
            *at = (*at).min(n.saturating_sub(1)).saturating_add_signed(by).min(n.saturating_sub(1));
        });
        wants_focus.set(true);
    };
    let other = move || spawn_local(walk::show_row(page, cell));
    let settle = {
        let (votes, title) = (votes.clone(), title.clone());
        move |place: usize| {
            let Some(vote) = votes.get(place) else { return };
            page.status.set(format!("{title} settled as {} had it.", vote.actor));
            review::decide(
                page,
                Decision::On(Target::At(cell), Act::Adjudicate(vote.state)),
                Keyboard::Stays,
            );
            wants_focus.set(true);
        }
    };
    let on_key = {
        let settle = settle.clone();
        move |event: KeyboardEvent| {
            if keys::is_composed(&event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "ArrowRight" => walk(1),
                "ArrowLeft" => walk(-1),
                "0" => other(),
                digit => match digit.parse::<usize>() {
                    Ok(digit) if digit > 0 => settle(digit - 1),
                    _ => return,
                },
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let responses = shown
        .responses
        .iter()
        .map(|(sample, text)| response(&shown.row, &language, *sample, text))
        .collect_view();
    let said = votes.into_iter().enumerate().map(|(place, vote)| {
        let settle = settle.clone();
        said(&shown.row, place, vote, move || settle(place))
    });
    let said = said.collect_view();
    let place = move || {
        format!("{} of {}", at.get().min(queue.with(Vec::len).saturating_sub(1)) + 1, queue.with(Vec::len))
    };
    Some(view! {
        <div class="drill conflict" node_ref=card tabindex="-1" role="group" aria-labelledby="conflict-title" data-testid="conflict"
            data-prompt=shown.row.prompt_id.clone() data-language=language.as_str().to_owned() on:keydown=on_key>
            <div class="methods__head">
                <h4 id="conflict-title">{title}<span class="conflict__place number">" "{place}</span></h4>
                <div class="note__acts">
                    <button type="button" class="button button--quiet" data-testid="conflict-back" on:click=move |_| walk(-1)>"Back "<kbd>"←"</kbd></button>
                    <button type="button" class="button button--quiet" data-testid="conflict-later" on:click=move |_| walk(1)>"Later "<kbd>"→"</kbd></button>
                </div>
            </div>
            <Speech language=language.clone() text=shown.question.clone() />
            <div class="picked__sides">{responses}</div>
            <ul class="conflict__votes">{said}</ul>
            <div class="note__acts">
                <button type="button" class="button" data-testid="choose-other" on:click=move |_| other()>"Choose another pair on the desk "<kbd>"0"</kbd></button>
            </div>
        </div>
    })
}

/// A response that somebody's pair is made of, and what it is to the method.
fn response(row: &Row, language: &Language, sample: u32, text: &str) -> impl IntoView + use<> {
    let role = match Some(sample) {
        side if side == row.method.chosen => ", which the method chose",
        side if side == row.method.rejected => ", which the method rejected",
        _ => "",
    };
    view! {
        <div class="conflict__response" data-testid="conflict-response" data-sample=sample.to_string()>
            <p class="side__head"><strong>{format!("Response {}", sample + 1)}</strong>{role}</p>
            <Speech language=language.clone() text=text.to_owned() is_model_output=true />
        </div>
    }
}

/// What one person said, and the button that makes it hold.
fn said<F: Fn() + 'static>(row: &Row, place: usize, vote: Vote, settle: F) -> impl IntoView + use<F> {
    let judgement = Judgement::of(row.method, vote.state).map(judgement_words).unwrap_or_default();
    let pair = vote.state.status.holds_pair().then(|| vote.state.chosen.zip(vote.state.rejected)).flatten();
    let pair =
        pair.map(|(chosen, rejected)| format!(": response {} over response {}", chosen + 1, rejected + 1));
    let why: Vec<String> = vote.reasons.iter().cloned().chain(vote.reason.clone()).collect();
    let [tag, name, button] = [(); 3].map(|()| vote.actor.clone());
    view! {
        <li class="conflict__vote" data-testid="conflict-vote" data-actor=tag>
            <p>
                <strong><bdi>{name}</bdi></strong>" "{judgement}{pair}
                {(!why.is_empty()).then(|| view! { <span class="field__help">" "<bdi>{why.join("; ")}</bdi></span> })}
            </p>
            <button type="button" class="button" data-testid="settle" on:click=move |_| settle()>
                "Take "<bdi>{button}</bdi>"’s "<kbd>{place + 1}</kbd>
            </button>
        </li>
    }
}
