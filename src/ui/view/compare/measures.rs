//! What does not depend on the method: the reference's accuracy, and the papers' measures of the model over languages.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::super::{method_words, words};
use super::bands::rate_words;
use crate::align::ComparisonTable;

/// References against single samples; PAG, RankC, Avg, Var and the gap.
#[component]
pub fn Measures(
    /// What was computed.
    table: Arc<ComparisonTable>,
) -> impl IntoView {
    let responses = &table.responses;
    let points = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let references = table.methods.iter().filter(|row| row.reference_right.whole > 0).map(|row| {
        let name = format!("Reference of {}", method_words::name(row.method));
        (name, rate_words(row.reference_right), "How often the picked anchor response has the gold answer.")
    });
    let mut rows: Vec<(String, String, &'static str)> = Vec::new();
    if table.n_gold > 0 {
        rows.extend(references);
        rows.push((
            "A single sample".to_owned(),
            rate_words(responses.single_right),
            "How often a random anchor response has it: what a reference must beat.",
        ));
        rows.push((
            "Avg".to_owned(),
            responses.average.map_or_else(|| "–".to_owned(), |share| format!("{} %", words::percent(share))),
            "Mean over the languages of the share of responses with the gold answer.",
        ));
        rows.push((
            "Var".to_owned(),
            share(responses.variance),
            "Population variance of those shares, times 100: 0 if the model is equally good in every language.",
        ));
        rows.push((
            "Non-anchor gap".to_owned(),
            points(responses.non_anchor_gap),
            "The anchor's share minus the mean of the others', in points.",
        ));
    }
    rows.push((
        "PAG".to_owned(),
        rate_words(responses.agreement.pag),
        "Over prompts and pairs of languages: how often the most frequent answers are the same.",
    ));
    rows.push((
        "RankC".to_owned(),
        share(responses.agreement.rank_c),
        "How alike two languages rank their answers, the first places counting most; 1 is the same order.",
    ));
    let unread = table.unread_gold.len();
    let items = rows.into_iter().map(|(name, value, what)| {
        view! {
            <tr data-testid="measure-row">
                <th scope="row">{name}</th>
                <td class="number">{value}</td>
                <td class="grid__sentence">{what}</td>
            </tr>
        }
    });
    view! {
        <section class="methods" aria-labelledby="measures-title">
            <h3 id="measures-title">"The responses themselves"</h3>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="measures-title">
                <table class="grid" data-testid="measures">
                    <thead><tr><th scope="col">"Measure"</th><th scope="col">"Value"</th><th scope="col">"What it says"</th></tr></thead>
                    <tbody>{items.collect_view()}</tbody>
                </table>
            </div>
            {(unread > 0).then(|| view! {
                <p class="field__help">
                    {words::plural(unread, "gold answer is not a number, so its prompt was not judged.", "gold answers are not numbers, so their prompts were not judged.")}
                </p>
            })}
        </section>
    }
}
