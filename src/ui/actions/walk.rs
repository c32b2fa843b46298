//! Going from row to row: which ones pass the filter, which is next, and how far the work is.

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};

use super::super::{route, row_focus, screen::View, slices::in_slices, state::Workbench, words};
use crate::{
    browser::clock,
    curation::{Cell, Desk, Filter, Listing, RowFilter, next_undecided as search_undecided},
    data::CurationEvent,
};

/// How often a row is looked for before it is given up, every 50 ms.
const WAITS: usize = 40;
/// Cells of a session that are counted at once.
const MAX_CELLS_AT_ONCE: usize = 1_000;

/// How much of the log the list knows.
#[derive(Clone, Default)]
struct Followed {
    record: u32,
    n_events: usize,
    last: Option<CurationEvent>,
    /// Grows with every list that is begun, so that an older one gives up.
    run: u32,
}

thread_local! {
    static FOLLOWED: RefCell<Followed> = RefCell::default();
}

/// Keeps the list up to date with the desk and the filter, for as long as the page lives.
pub fn follow(page: Workbench) {
    Effect::new(move |_| {
        page.desk.track();
        page.record.track();
        page.review.filter.track();
        catch_up(page);
    });
}

/// Brings the list up to date: only the rows of new events are looked at again, unless more has changed.
pub fn catch_up(page: Workbench) {
    let filter = page.review.filter.get_untracked();
    let record = page.record.get_untracked();
    page.desk.with_untracked(|desk| {
        let Some(desk) = desk.as_ref() else {
            FOLLOWED.take();
            return page.review.listing.set(Listing::default());
        };
        let events = &desk.session().events;
        let followed = FOLLOWED.with_borrow(Clone::clone);
        let goes_on = followed.record == record
            && followed.n_events <= events.len()
            && followed.last.as_ref() == followed.n_events.checked_sub(1).and_then(|at| events.get(at));
        let is_it =
            page.review.listing.with_untracked(|listing| listing.is_of(desk, &filter) && listing.is_whole());
        let run = followed.run.wrapping_add(u32::from(!(goes_on && is_it)));
        FOLLOWED.replace(Followed { record, n_events: events.len(), last: events.last().cloned(), run });
        if !(goes_on && is_it) {
            return begin(page, desk, filter, run);
        }
        let new = &events[followed.n_events..];
        if !new.is_empty() {
            page.review.listing.update(|listing| {
                for event in new {
                    let rows = event.rows.iter().map(|row| (&row.item, &row.lang));
                    for (item, lang) in rows.chain([(&event.item, &event.lang)]) {
                        if let Some(cell) = desk.cell_of(item, lang) {
                            listing.look_again(desk, cell);
                        }
                    }
                }
            });
        }
    });
}

fn begin(page: Workbench, desk: &Desk, filter: RowFilter, run: u32) {
    let mut listing = Listing::begin(desk, filter);
    if listing.n_cells() <= MAX_CELLS_AT_ONCE {
        while listing.step(desk) {}
        page.review.listing.set(listing);
        return settle(page, desk);
    }
    spawn_local(async move {
        let is_last = || FOLLOWED.with_borrow(|followed| followed.run) == run;
        // The session is not held meanwhile, or a decision would have to copy it.
        in_slices(|| {
            is_last() && page.desk.with_untracked(|desk| desk.as_ref().is_some_and(|desk| listing.step(desk)))
        })
        .await;
        // A decision that was made meanwhile has begun another.
        if is_last() {
            let _gone = page.review.listing.try_set(listing);
            page.desk.with_untracked(|desk| desk.as_ref().map(|desk| settle(page, desk)));
        }
    });
}

/// Where the person has picked no row yet, the first that passes the filter and asks for a decision comes up.
fn settle(page: Workbench, desk: &Desk) {
    let focus = page.focus.get_untracked();
    let first = page.review.listing.with_untracked(|listing| match listing.place_of(focus.cell) {
        None if !focus.is_chosen => listing.next_undecided(desk, focus.cell).or_else(|| listing.get(0)),
        _ => None,
    });
    if let Some(cell) = first {
        page.focus.update(|focus| focus.cell = cell);
    }
}

/// The next undecided row that passes the filter, from a cell on and then from the first; not the cell itself.
pub fn next_undecided(page: Workbench, from: Cell) -> Option<Cell> {
    catch_up(page);
    let filter = page.review.filter.get_untracked();
    page.desk.with_untracked(|desk| {
        let desk = desk.as_ref()?;
        page.review.listing.with_untracked(|listing| {
            match listing.is_whole() && listing.is_of(desk, &filter) {
                true => listing.next_undecided(desk, from),
                false => search_undecided(desk, from, &filter),
            }
        })
    })
}

/// Goes to the next undecided row, or says that there is none.
pub fn to_next_undecided(page: Workbench) {
    let cell = page.focus.get_untracked().cell;
    match next_undecided(page, cell) {
        Some(next) => {
            page.look_at(next);
            page.review
                .said
                .set(format!("{}.", words::sentence(&cell_words(page, next)).trim_end_matches('.')));
        }
        None => page.review.said.set(all_decided_words(page)),
    }
}

/// Moves to the next (1) or previous (-1) row that passes the filter.
pub fn step(page: Workbench, step: i64) {
    let cell = page.focus.get_untracked().cell;
    let next = page.review.listing.with_untracked(|listing| listing.step_from(cell, step));
    match next {
        Some(next) => {
            page.look_at(next);
            page.review.said.set(words::sentence(&cell_words(page, next)));
        }
        None => {
            let end = if step > 0 { "last" } else { "first" };
            page.review.said.set(format!("This is the {end} row that is shown."));
        }
    }
}

/// Looks only at rows that pass a filter; the current row stays if it passes, else the first that does comes up.
pub fn set_filter(page: Workbench, filter: RowFilter) {
    page.review.filter.set(filter);
    route::show_filter(page);
    catch_up(page);
    let cell = page.focus.get_untracked().cell;
    let to = page.review.listing.with_untracked(|listing| {
        (listing.is_whole() && listing.place_of(cell).is_none()).then(|| listing.get(0)).flatten()
    });
    let cell = to.unwrap_or(cell);
    if to.is_some() {
        page.look_at(cell);
    }
    spawn_local(async move {
        if is_shown(cell).await {
            row_focus::reveal(cell);
        }
    });
}

/// Shows a row on the Pairs screen, from whatever screen.
pub async fn show_row(page: Workbench, cell: Cell) {
    if page.review.filter.with_untracked(|filter| *filter != RowFilter::default()) {
        page.review.filter.set(RowFilter::default());
    }
    page.look_at(cell);
    route::go_to(View::Pairs);
    if is_shown(cell).await {
        row_focus::enter(cell);
    }
}

/// Waits until a row is on the page. The cards come one per frame; a row that has no pair in no language may never come.
async fn is_shown(cell: Cell) -> bool {
    for _ in 0..WAITS {
        clock::sleep(50).await;
        if row_focus::is_there(cell) {
            return true;
        }
    }
    false
}

/// A row by its prompt and language, such as `prompt 3, Swahili`.
pub fn cell_words(page: Workbench, cell: Cell) -> String {
    let language = page.sheet.with_untracked(|sheet| sheet.languages.get(cell.language).map(words::english));
    format!("prompt {}, {}", cell.prompt + 1, language.unwrap_or_default())
}

/// Rows that are decided, and rows that are to be: all that hold a pair, and where no method has picked pairs, all.
pub fn progress(desk: &Desk) -> (usize, usize) {
    let count = |filter| desk.summary().counts.of(filter);
    let idle = if desk.has_picks() { count(Filter::Skipped) } else { 0 };
    let all = count(Filter::All) - idle;
    let left = count(Filter::Undecided) + count(Filter::Skipped) - idle;
    (all - left, all)
}

/// That nothing is left to decide, among all rows or among those that are shown.
pub fn all_decided_words(page: Workbench) -> String {
    let (decided, all) = page.desk.with_untracked(|desk| desk.as_ref().map_or((0, 0), progress));
    match all - decided {
        0 => format!("All {all} are decided."),
        n => format!("All rows that are shown are decided; {n} of {all} are left elsewhere."),
    }
}
