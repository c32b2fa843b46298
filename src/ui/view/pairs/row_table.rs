//! All rows that pass the filter in a table. Only those in sight are on the page, so that 20,000 scroll like 20.

use leptos::{html::Div, prelude::*};

use super::super::super::{
    row_focus::{self, row_id},
    state::{Look, Workbench},
    words,
};
use crate::curation::{Cell, Desk};

/// Height of a row in pixels; the style sheet has the same.
const ROW_PX: usize = 36;
/// Rows above and below what is in sight.
const SPARE: usize = 8;
/// Characters of a text that are shown.
const SHOWN: usize = 120;

/// What a row of the table shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    prompt_id: String,
    language: String,
    tag: String,
    direction: &'static str,
    state: &'static str,
    marks: String,
    margin: String,
    chosen: String,
    rejected: String,
}

/// The table.
#[component]
pub fn RowTable() -> impl IntoView {
    let page = Workbench::here();
    let scroller = NodeRef::<Div>::new();
    // First row in sight, and how many there are.
    let window = RwSignal::new((0_usize, 30_usize));
    let n = Memo::new(move |_| page.review.listing.with(|listing| listing.len()));
    let measure = move || {
        if let Some(scroller) = scroller.get_untracked() {
            let first = usize::try_from(scroller.scroll_top()).unwrap_or(0) / ROW_PX;
            let n = usize::try_from(scroller.client_height()).unwrap_or(0) / ROW_PX + 2;
            if window.get_untracked() != (first, n) {
                window.set((first, n));
            }
        }
    };
    let range = Memo::new(move |_| {
        let (first, shown) = window.get();
        let first = first.saturating_sub(SPARE);
        (first, (first + shown + 2 * SPARE).min(n.get()))
    });
    // The row that is looked at is in sight, also after a filter.
    Effect::new(move |_| {
        let cell = page.focus.with(|focus| focus.cell);
        let at = page.review.listing.with(|listing| listing.place_of(cell));
        let (Some(at), Some(scroller)) = (at, scroller.get()) else { return };
        let (top, height) = (scroller.scroll_top(), scroller.client_height());
        let row = i32::try_from(at * ROW_PX).unwrap_or(i32::MAX);
        let row_px = i32::try_from(ROW_PX).unwrap_or(0);
        if row < top {
            scroller.set_scroll_top(row);
        } else if row + 2 * row_px > top + height {
            scroller.set_scroll_top(row + 2 * row_px - height);
        }
        measure();
    });
    let rows = move || {
        let (first, last) = range.get();
        let cell = |at: usize| page.review.listing.with(|listing| listing.get(at).map(|cell| (at, cell)));
        (first..last).filter_map(cell).collect::<Vec<_>>()
    };
    view! {
        <div class="rows" node_ref=scroller data-testid="row-table" on:scroll=move |_| measure()>
            <div class="rows__table" role="table" aria-label="Rows" aria-rowcount=move || (n.get() + 1).to_string()>
                <div class="rows__row rows__head" role="row" aria-rowindex="1">
                    {["Prompt", "Language", "State", "Margin", "Chosen", "Rejected"]
                        .map(|name| view! { <span role="columnheader">{name}</span> })
                        .collect_view()}
                </div>
                <div class="rows__body" role="rowgroup" style:block-size=move || format!("{}px", n.get() * ROW_PX)>
                    <For each=rows key=|row| *row let((at, cell))>
                        <TableRow at cell />
                    </For>
                </div>
            </div>
        </div>
    }
}

#[component]
fn TableRow(
    /// Its place in the list.
    at: usize,
    /// Which row.
    cell: Cell,
) -> impl IntoView {
    let page = Workbench::here();
    let is_current = Memo::new(move |_| page.focus.with(|focus| focus.cell == cell));
    let shown = Memo::new(move |_| {
        let is_blind = page.review.blind.get().is_some();
        page.desk.with(|desk| look(desk.as_ref()?, cell, is_blind)).unwrap_or_default()
    });
    let text = move |of: fn(&Shown) -> &str| move || shown.with(|shown| of(shown).to_owned());
    let open = move |_| {
        page.look_at(cell);
        page.review.set_look(Look::Focus);
        request_animation_frame(move || {
            row_focus::enter(cell);
        });
    };
    let (lang, dir) = shown.with_untracked(|shown| (shown.tag.clone(), shown.direction));
    let (chosen_lang, data_lang) = (lang.clone(), lang.clone());
    view! {
        <div
            class="rows__row"
            class:rows__row--current=is_current
            role="row"
            id=row_id(cell)
            tabindex=move || if is_current.get() { "0" } else { "-1" }
            aria-rowindex=(at + 2).to_string()
            aria-current=move || is_current.get().then_some("true")
            data-testid="table-row"
            data-prompt=text(|shown| &shown.prompt_id)
            data-language=data_lang
            data-state=move || shown.with(|shown| shown.state.replace(' ', "-"))
            style:inset-block-start=format!("{}px", at * ROW_PX)
            on:click=move |_| {
                page.look_at(cell);
                row_focus::enter(cell);
            }
            on:dblclick=open
            on:keydown=move |event| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    page.review.set_look(Look::Focus);
                    request_animation_frame(move || {
                        row_focus::enter(cell);
                    });
                }
            }
        >
            <span role="cell" class="number">{cell.prompt + 1}</span>
            <span role="cell">{text(|shown| &shown.language)}</span>
            <span role="cell" class="rows__state">{text(|shown| shown.state)}" "{text(|shown| &shown.marks)}</span>
            <span role="cell" class="number">{text(|shown| &shown.margin)}</span>
            <span role="cell" class="rows__text" lang=chosen_lang dir=dir>{text(|shown| &shown.chosen)}</span>
            <span role="cell" class="rows__text" lang=lang dir=dir>{text(|shown| &shown.rejected)}</span>
        </div>
    }
}

fn look(desk: &Desk, cell: Cell, is_blind: bool) -> Option<Shown> {
    let row = desk.row(cell)?;
    let info = row.language.info();
    let sides = [row.state.chosen, row.state.rejected];
    let side = |at: usize| {
        let text = sides[at].map(|sample| desk.text(cell, sample)).unwrap_or_default();
        // A line of a table has no room for the other lines of a text.
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect::<String>()
    };
    let marks = [(row.state.flagged, "⚑"), (row.is_edited(), "✎"), (row.note.is_some(), "✉")];
    let marks = marks.into_iter().filter(|(has, _)| *has).map(|(_, mark)| mark).collect::<Vec<_>>().join(" ");
    let hide = |text: String| if is_blind { String::new() } else { text };
    Some(Shown {
        prompt_id: row.prompt_id.clone(),
        language: info.english,
        tag: row.language.as_str().to_owned(),
        direction: info.direction.as_str(),
        state: words::shown_state(row, is_blind),
        marks,
        margin: hide(words::fixed(row.margin, 3)),
        chosen: hide(side(0)),
        rejected: hide(side(1)),
    })
}
