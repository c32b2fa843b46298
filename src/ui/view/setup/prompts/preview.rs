//! The first rows of a file as a table.

use leptos::prelude::*;

use super::super::super::super::words;
use crate::data::FilePreview;

/// A file's name, how many rows it has, and the first of them.
pub fn table(file: &FilePreview) -> impl IntoView + use<> {
    let head = file
        .columns
        .iter()
        .map(|name| view! { <th scope="col"><bdi>{name.clone()}</bdi></th> })
        .collect_view();
    let cells = |row: &Vec<String>| {
        row.iter().map(|cell| view! { <td dir="auto">{cell.clone()}</td> }).collect_view()
    };
    let body = file.rows.iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect_view();
    let facts = format!(
        "{}, {}",
        words::plural(file.n_rows, "row", "rows"),
        words::plural(file.columns.len(), "column", "columns")
    );
    view! {
        <details class="import__file" open>
            <summary><strong><bdi>{file.name.clone()}</bdi></strong>" · "{facts}</summary>
            <div class="import__scroll" tabindex="0" role="region" aria-label=format!("The first rows of {}", file.name)>
                <table class="import__table">
                    <thead><tr>{head}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
}
