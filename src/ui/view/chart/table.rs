//! The numbers of a picture as a table; its columns can be sorted by.

use leptos::prelude::*;

use crate::pictures::chart::{ChartTable, Value};

/// A table whose rows are named by their first column.
#[component]
pub fn TableView(
    /// What it holds.
    #[prop(into)]
    table: Signal<ChartTable>,
    /// Whether the names of the columns sort by them.
    #[prop(optional)]
    is_sortable: bool,
) -> impl IntoView {
    let order = RwSignal::new(None::<(usize, bool)>);
    let shown = Memo::new(move |_| match order.get() {
        Some((column, is_descending)) => table.with(|table| table.sorted(column, is_descending)),
        None => table.get(),
    });
    let caption = Memo::new(move |_| shown.with(|table| table.caption.clone()));
    let columns = Memo::new(move |_| shown.with(|table| table.columns.clone()));
    let heads = move || {
        columns
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, name)| view! { <Head at name order is_sortable /> })
            .collect_view()
    };
    let body = move || shown.with(|table| table.rows.iter().map(|row| row_view(row)).collect_view());
    view! {
        <div class="table__scroll" tabindex="0" role="group" aria-label=caption>
            <table class="table number" data-testid="chart-table">
                <caption>{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Head(
    /// Which column.
    at: usize,
    /// Its name; the column of the rows' names may have none.
    name: String,
    /// The column that is sorted by, and whether downwards.
    order: RwSignal<Option<(usize, bool)>>,
    /// Whether the name sorts.
    is_sortable: bool,
) -> impl IntoView {
    let sort = move || match order.get() {
        Some((column, true)) if column == at => "descending",
        Some((column, false)) if column == at => "ascending",
        _ => "none",
    };
    let toggle = move |_| {
        order.update(|order| {
            *order = Some((at, !matches!(order, Some((column, true)) if *column == at)));
        });
    };
    match (name.is_empty(), is_sortable) {
        (true, _) => view! { <td></td> }.into_any(),
        (false, false) => view! { <th scope="col">{name}</th> }.into_any(),
        (false, true) => view! {
            <th scope="col" aria-sort=sort>
                <button type="button" class="table__sort" on:click=toggle>{name}</button>
            </th>
        }
        .into_any(),
    }
}

fn row_view(row: &[Value]) -> impl IntoView + use<> {
    let cells = row
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let text = value.shown();
            if at == 0 {
                return view! { <th scope="row"><bdi>{text}</bdi></th> }.into_any();
            }
            let class = if matches!(value, Value::Text(_)) { "" } else { "table__number" };
            view! { <td class=class><bdi>{text}</bdi></td> }.into_any()
        })
        .collect_view();
    view! { <tr>{cells}</tr> }
}
