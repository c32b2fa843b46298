//! The board: prompts down, languages across, samples in every cell. It is the same object before, during and
//! after a run; only what its marks say changes.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    super::super::{
        state::{Mode, PAGE, Sheet, Workbench},
        words,
    },
    board_cell::BoardCell,
};
use crate::curation::Cell;

/// The board with its legend and pages.
#[component]
pub fn Board() -> impl IntoView {
    let page = Workbench::here();
    let mode = Memo::new(move |_| page.mode());
    let board_page = Memo::new(move |_| page.focus.with(|focus| focus.page()));
    let n_prompts = Memo::new(move |_| page.sheet.with(|sheet| sheet.prompts.len()));
    let n_pages = Memo::new(move |_| n_prompts.get().div_ceil(PAGE));
    let n_rows = Memo::new(move |_| n_prompts.get().saturating_sub(board_page.get() * PAGE).min(PAGE));
    view! {
        <section class="board" aria-labelledby="board-title">
            <div class="board__head">
                <h2 id="board-title">"Board"</h2>
                <Legend mode />
            </div>
            <div class="board__scroll" on:keydown=move |event| move_focus(page, &event)>
                <table class="board__table">
                    <caption class="visually-hidden">
                        "Prompts by languages. Arrow keys move between cells; Enter opens one."
                    </caption>
                    <Languages />
                    <tbody>
                        // Another page changes the content of the rows: building 64 new cells takes longer than a frame.
                        {move || {
                            let sheet = page.sheet.get();
                            view! {
                                <For each=move || 0..n_rows.get() key=|at| *at let(at)>
                                    <BoardRow
                                        prompt=Memo::new(move |_| board_page.get() * PAGE + at)
                                        sheet=sheet.clone()
                                    />
                                </For>
                            }
                        }}
                    </tbody>
                </table>
            </div>
            <Show when=move || { n_pages.get() > 1 }>
                <Pages board_page n_pages />
            </Show>
        </section>
    }
}

/// The head row: each language with the mark of its hue.
#[component]
fn Languages() -> impl IntoView {
    let page = Workbench::here();
    let heads = move || {
        page.sheet.with(|sheet| {
            let to_head = |(at, language): (usize, &crate::data::Language)| {
                let info = language.info();
                let is_anchor = *language == sheet.anchor;
                let (primary, subtags) = language.as_str().split_at(info.tag.primary().len());
                let (primary, subtags) = (primary.to_owned(), subtags.to_owned());
                view! {
                    <th scope="col" class="board__language" data-hue={at % 8} class:board__language--anchor=is_anchor>
                        <abbr title=info.english.clone()>
                            {primary}<span class="board__subtag">{subtags}</span>
                        </abbr>
                        <span class="board__native" lang=language.as_str().to_owned() dir=info.direction.as_str()>
                            {info.native}
                        </span>
                    </th>
                }
            };
            sheet.languages.iter().enumerate().map(to_head).collect_view()
        })
    };
    view! {
        <thead>
            <tr>
                <th scope="col" class="board__corner"><span class="visually-hidden">"Prompt"</span></th>
                {heads}
            </tr>
        </thead>
    }
}

#[component]
fn BoardRow(
    /// Which prompt; it changes with the page.
    prompt: Memo<usize>,
    /// What the board shows.
    sheet: Arc<Sheet>,
) -> impl IntoView {
    let anchor = sheet.anchor.info();
    let cells = (0..sheet.languages.len())
        .map(|language| view! { <BoardCell prompt language sheet=sheet.clone() /> })
        .collect_view();
    let text = move || {
        let prompt = sheet.prompts.get(prompt.get());
        prompt.and_then(|prompt| prompt.text.get(&sheet.anchor).cloned()).unwrap_or_default()
    };
    view! {
        <tr>
            <th scope="row" class="board__prompt">
                <span class="board__number number">{move || prompt.get() + 1}</span>
                <span class="board__text" lang=anchor.tag.as_str().to_owned() dir=anchor.direction.as_str()>{text}</span>
            </th>
            {cells}
        </tr>
    }
}

/// What the marks mean.
#[component]
fn Legend(
    /// Which face the page shows.
    mode: Memo<Mode>,
) -> impl IntoView {
    let entries = move || -> Vec<(&'static str, &'static str)> {
        match mode.get() {
            Mode::Setup => vec![("waiting", "a sample to come")],
            Mode::Running => vec![("waiting", "waiting"), ("running", "running"), ("done", "done")],
            Mode::Review => vec![
                ("reference", "reference"),
                ("chosen", "chosen"),
                ("rejected", "rejected"),
                ("other", "other sample"),
            ],
        }
    };
    move || {
        let items = entries().into_iter().map(|(mark, text)| {
            view! { <li><i class=format!("mark mark--{mark}") aria-hidden="true"></i>{text}</li> }
        });
        view! { <ul class="legend">{items.collect_view()}</ul> }
    }
}

/// Turns the pages of a long prompt set.
#[component]
fn Pages(
    /// Shown page.
    board_page: Memo<usize>,
    /// All pages.
    n_pages: Memo<usize>,
) -> impl IntoView {
    let page = Workbench::here();
    let turn = move |to: usize| page.look_at(Cell { prompt: to * PAGE, language: 1 });
    let shown = move || {
        let n = page.sheet.with(|sheet| sheet.prompts.len());
        let first = board_page.get() * PAGE;
        format!("Prompts {}–{} of {}", first + 1, (first + PAGE).min(n), words::count(n as f64))
    };
    view! {
        <nav class="pages" aria-label="Pages of prompts">
            <button type="button" class="button" disabled=move || board_page.get() == 0
                on:click=move |_| turn(board_page.get_untracked().saturating_sub(1))>"Earlier"</button>
            <span class="number">{shown}</span>
            <button type="button" class="button" data-testid="next-page"
                disabled=move || { board_page.get() + 1 >= n_pages.get() }
                on:click=move |_| turn(board_page.get_untracked() + 1)>"Later"</button>
        </nav>
    }
}

/// Arrow keys, Home and End move between cells; focus and the looked-at cell go together.
fn move_focus(page: Workbench, event: &web_sys::KeyboardEvent) {
    if event.is_composing() || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let (n_prompts, n_languages) =
        page.sheet.with_untracked(|sheet| (sheet.prompts.len(), sheet.languages.len()));
    let Cell { prompt, language } = page.focus.get_untracked().cell;
    let last = n_languages.saturating_sub(1);
    let to = match event.key().as_str() {
        "ArrowRight" => Cell { prompt, language: (language + 1).min(last) },
        "ArrowLeft" => Cell { prompt, language: language.saturating_sub(1) },
        "ArrowDown" => Cell { prompt: (prompt + 1).min(n_prompts.saturating_sub(1)), language },
        "ArrowUp" => Cell { prompt: prompt.saturating_sub(1), language },
        "Home" => Cell { prompt, language: 0 },
        "End" => Cell { prompt, language: last },
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    page.look_at(to);
    request_animation_frame(move || super::board_cell::focus(to));
}
