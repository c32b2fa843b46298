//! The row that is looked at as an element of the page: whether it is there, and keyboard focus on it.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{
    FocusOptions, HtmlElement, HtmlInputElement, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition,
};

use super::{
    route,
    screen::View,
    state::{Mode, Workbench},
};
use crate::{browser::clock, curation::Cell};

/// The id of the heading of the one row that is shown.
pub const HEADING_ID: &str = "row-heading";
/// The id of everything around the rows; it scrolls into view with them.
pub const DESK_ID: &str = "desk";

/// The id of a row's element.
pub fn row_id(cell: Cell) -> String {
    format!("row-{}-{}", cell.prompt, cell.language)
}

/// Whether a row is on the page.
pub fn is_there(cell: Cell) -> bool {
    by_id(HEADING_ID).is_some() || by_id(&row_id(cell)).is_some()
}

/// Scrolls a row into view and puts keyboard focus on it; says whether it is there.
pub fn enter(cell: Cell) -> bool {
    reveal(cell);
    let row = row_id(cell);
    let target =
        by_id(HEADING_ID).or_else(|| by_css(&format!("#{row} .pair__language"))).or_else(|| by_id(&row));
    let Some(target) = target else { return false };
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _focused = target.focus_with_options(&options);
    true
}

/// Whether arrow keys move between rows: they do unless what has the focus uses them itself.
pub fn takes_arrows() -> bool {
    let Some(active) = document().active_element() else { return true };
    let uses_them =
        "select, [type=radio], [type=range], [role=tablist], dialog, .board, .chart, .heat, [data-scrolls]";
    match active.closest(uses_them).ok().flatten() {
        // A text that is shown whole has nothing to scroll.
        Some(found) if found.has_attribute("data-scrolls") => {
            found.scroll_height() <= found.client_height() + 1
        }
        Some(_) => false,
        None => true,
    }
}

/// Scrolls a row into view, as little as needed.
pub fn reveal(cell: Cell) {
    let heading = by_id(HEADING_ID);
    let target = if heading.is_some() { by_id(DESK_ID) } else { by_id(&row_id(cell)) };
    if let Some(element) = target {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_behavior(ScrollBehavior::Auto);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// A click on a text leaves the focus on the row, unless the person marks a part of the text.
pub fn enter_by_click(cell: Cell, event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let uses_click = "button, a, input, textarea, select, summary, label";
    let is_control = target.is_some_and(|target| target.closest(uses_click).ok().flatten().is_some());
    let is_marking =
        window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
    if !is_control && !is_marking {
        enter(cell);
    }
}

/// Keeps the focus on the row that is looked at, for as long as the page lives: when what had it is gone, and when a file
/// has brought a session.
pub fn keep(page: Workbench) {
    let mode = Memo::new(move |_| page.mode());
    Effect::new(move |_| {
        page.desk.track();
        page.focus.track();
        page.review.look.track();
        page.review.is_done.track();
        page.review.part.track();
        let is_shown = page.view.get() == View::Pairs;
        let mode = mode.get();
        if !is_shown {
            // What could not be done here is of no use elsewhere.
            page.review.problem.set(None);
        }
        if !is_shown || mode == Mode::Setup {
            return;
        }
        spawn_local(async move {
            // What had the focus goes with the next frame, and the browser notices with the one after.
            clock::next_frame().await;
            clock::next_frame().await;
            if is_lost() && page.view.get_untracked() == View::Pairs {
                let cell = page.focus.get_untracked().cell;
                if mode == Mode::Running || !enter(cell) {
                    let content = by_id(route::CONTENT_ID);
                    let _focused = content.map(|content| content.focus());
                }
            }
        });
    });
}

/// Whether nothing that a person would look for has the focus.
fn is_lost() -> bool {
    let Some(active) = document().active_element() else { return true };
    let is_file = active.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() == "file");
    is_file || matches!(active.tag_name().as_str(), "BODY" | "HTML")
}

fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

fn by_css(css: &str) -> Option<HtmlElement> {
    document().query_selector(css).ok()??.dyn_into().ok()
}
