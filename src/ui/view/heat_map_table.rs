//! The heat-map as a table: the mean cosine between the responses of every two languages.

use leptos::prelude::*;

use super::super::words;
use crate::data::Language;

/// Languages by languages.
#[component]
pub fn HeatMapTable(
    /// Languages, and the mean cosine of each to each; `None` where a language has one response only.
    means: (Vec<Language>, Vec<Vec<Option<f32>>>),
) -> impl IntoView {
    let (languages, rows) = means;
    let heads = languages
        .iter()
        .map(|language| {
            view! { <th scope="col"><abbr title=words::english(language)>{language.as_str().to_owned()}</abbr></th> }
        })
        .collect_view();
    let body = languages
        .iter()
        .zip(rows)
        .map(|(language, row)| {
            let cells = row
                .into_iter()
                .map(|mean| view! { <td class="number">{words::fixed(mean, 3)}</td> })
                .collect_view();
            view! { <tr><th scope="row">{words::native(language)}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="candidates__scroll" tabindex="0" role="group" aria-label="Mean cosines">
            <table class="candidates">
                <caption>"Mean cosine between the responses of two languages"</caption>
                <thead><tr><td></td>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}
