//! The session on the desk: what is looked at and how, the rows in that look, and the acts below them.

use leptos::prelude::*;

use super::{
    super::super::{
        row_focus::DESK_ID,
        state::{Look, Workbench},
    },
    action_bar::ActionBar,
    board::Board,
    desk_bar::DeskBar,
    filters::Empty,
    focus_view::FocusView,
    result_card::ResultCards,
    row_table::RowTable,
};

/// The review, in the look that the person has chosen.
#[component]
pub fn DeskView() -> impl IntoView {
    let page = Workbench::here();
    page.review.begin();
    let look = Memo::new(move |_| page.review.look());
    let is_empty = Memo::new(move |_| {
        page.review.listing.with(|listing| listing.is_whole() && listing.n_cells() > 0 && listing.is_empty())
    });
    view! {
        <section class="desk" id=DESK_ID data-testid="desk" data-look=move || look.get().as_str() aria-labelledby="desk-title">
            <DeskBar />
            {move || match (look.get(), is_empty.get()) {
                (_, true) => view! { <Empty /> }.into_any(),
                (Look::Focus, _) => view! {
                    <FocusView />
                    <ActionBar />
                }
                .into_any(),
                (Look::Table, _) => view! {
                    <RowTable />
                    <ActionBar />
                }
                .into_any(),
                (Look::Overview, _) => view! {
                    <Board />
                    <ResultCards />
                }
                .into_any(),
            }}
        </section>
    }
}

/// Folds the rail of settings away, or brings it back.
#[component]
pub fn RailButton() -> impl IntoView {
    let page = Workbench::here();
    let is_folded = Memo::new(move |_| page.review.is_rail_folded());
    view! {
        <button
            type="button"
            class="rail-button"
            data-testid="fold-rail"
            aria-expanded=move || (!is_folded.get()).to_string()
            aria-controls="setup"
            on:click=move |_| page.review.fold_rail(!is_folded.get_untracked())
        >
            <span aria-hidden="true" class="rail-button__arrow"></span>
            {move || if is_folded.get() { "Setup and files" } else { "Fold away" }}
        </button>
    }
}
