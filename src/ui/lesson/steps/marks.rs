//! Step 5.

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    asked, response, tongue,
};
use crate::lesson::{Step, scenes::marks::Marks};

/// A response that has the best mark of its way of picking.
pub fn option(lesson: Lesson, scene: &Marks, at: usize) -> AnyView {
    let Some((shown, question, why)) = scene.cards.get(at) else { return ().into_any() };
    let why = why.name();
    view! {
        <span class="card">
            <span class="card__language">{tongue(&shown.language)}</span>
            {asked(question)}
            <span class="card__response">{response(shown, false)}</span>
            {move || lesson.is_revealed(Step::Misleads).then(|| view! {
                <span class="card__why">{lesson.t(&format!("misleads-{why}"), &[])}</span>
            })}
        </span>
    }
    .into_any()
}

/// How often each kind is in the session, once the answer is shown.
pub fn picture(lesson: Lesson, scene: &Marks) -> AnyView {
    let counts = scene.counts.clone();
    (move || {
        lesson.is_revealed(Step::Misleads).then(|| {
            let rows = counts.iter().map(|(why, n, all)| {
                view! {
                    <tr>
                        <th scope="row">{lesson.t(&format!("counted-{}", why.name()), &[])}</th>
                        <td><Figure at=format!("misleads/{}", why.name()) value=*n as f64 decimals=0 /></td>
                        <td>{lesson.t("of-all", &[("n", &all.to_string())])}</td>
                    </tr>
                }
            });
            view! {
                <table class="answers answers--numbers">
                    <caption>{lesson.t("misleads-counts", &[])}</caption>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <p class="facts-line">{lesson.t("misleads-elsewhere", &[])}</p>
            }
        })
    })
    .into_any()
}
