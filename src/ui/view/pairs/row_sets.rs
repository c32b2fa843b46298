//! Rows to look at that no single row can tell: those like this one, and those on which the methods differ.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::similar, state::Workbench};
use crate::curation::LikeBy;

/// Three presses that narrow the rows; what one needs is said beside it.
#[component]
pub fn RowSets() -> impl IntoView {
    let page = Workbench::here();
    let table = move || {
        let record = page.record.get();
        page.compared.with(|now| now.table.clone().filter(|_| now.of == Some(record)))
    };
    let is_compared = Memo::new(move |_| table().is_some());
    let by = move || {
        page.models.with(|models| {
            let model = models.encoder.as_ref().or(models.generator.as_ref());
            model.map_or("the teaching model".to_owned(), |model| model.name.clone())
        })
    };
    let differing = move |_| {
        let Some(table) = untrack(table) else { return };
        let found = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.differing(&table)));
        similar::only(page, found.unwrap_or_default());
    };
    view! {
        <div class="field">
            <span class="row">
                <button type="button" class="button button--small" data-testid="filter-similar"
                    on:click=move |_| spawn_local(similar::show(page, LikeBy::Question))>"Questions like this one"</button>
                <button type="button" class="button button--small" data-testid="filter-similar-responses"
                    on:click=move |_| spawn_local(similar::show(page, LikeBy::Response))>"Responses like this one"</button>
                <button type="button" class="button button--small" data-testid="filter-differing"
                    disabled=move || !is_compared.get() on:click=differing>"Methods disagree"</button>
            </span>
            <span class="field__help">
                "Like texts of this row's language are found by "<bdi>{by}</bdi>
                ": of a row with a pair the chosen response counts, else its first. "
                {move || (!is_compared.get()).then_some("To find where methods disagree, open Compare methods first.")}
            </span>
        </div>
    }
}
