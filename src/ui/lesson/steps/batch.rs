//! Step 8.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    tongue,
};
use crate::lesson::{Step, scenes::batch::BatchScene};

/// A grid of the pairs, in which a batch is put together by hand; the steps of both ways once the answer is shown.
pub fn picture(lesson: Lesson, scene: BatchScene) -> AnyView {
    let scene = Arc::new(scene);
    let picked = RwSignal::new(Vec::<usize>::new());
    let heads = scene
        .languages
        .iter()
        .map(|language| view! { <th scope="col">{tongue(language)}</th> })
        .collect_view();
    let rows = scene.prompts.iter().enumerate().map(|(prompt, id)| {
        let cells = (0..scene.languages.len()).map(|language| {
            let pair = scene.pairs.iter().position(|pair| *pair == (prompt, language));
            view! {
                <td>{pair.map(|pair| {
                    let toggle = move |_| picked.update(|picked| match picked.iter().position(|at| *at == pair) {
                        Some(at) => { picked.remove(at); }
                        None => picked.push(pair),
                    });
                    let label = format!("{} {}", id, scene.languages[language].name);
                    view! {
                        <input type="checkbox" data-testid=format!("pair-{pair}") aria-label=label
                            prop:checked=move || picked.with(|picked| picked.contains(&pair)) on:change=toggle />
                    }
                })}</td>
            }
        });
        view! { <tr><th scope="row" dir="ltr">{id.clone()}</th>{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    let seen = {
        let scene = Arc::clone(&scene);
        move || {
            let seen = picked.with(|picked| scene.seen(picked));
            let n = picked.with(Vec::len);
            lesson.t(
                "step-sees",
                &[
                    ("n", n.to_string().as_str()),
                    ("prompts", seen.n_prompts.to_string().as_str()),
                    ("languages", seen.n_languages.to_string().as_str()),
                    ("whole", seen.n_whole.to_string().as_str()),
                ],
            )
        }
    };
    let after = move || {
        lesson.is_revealed(Step::Batch).then(|| {
            let table = |kind: &'static str, steps: &[Vec<usize>]| {
                let rows = steps.iter().enumerate().map(|(at, step)| {
                    let seen = scene.seen(step);
                    let of = format!("{kind}/{at}");
                    view! {
                        <tr>
                            <th scope="row" class="number">{at + 1}</th>
                            <td><Figure at=format!("seen-prompts/{of}") value=seen.n_prompts as f64 decimals=0 /></td>
                            <td><Figure at=format!("seen-languages/{of}") value=seen.n_languages as f64 decimals=0 /></td>
                            <td><Figure at=format!("seen-whole/{of}") value=seen.n_whole as f64 decimals=0 /></td>
                        </tr>
                    }
                });
                let head = |name: &str| view! { <th scope="col">{lesson.t(name, &[])}</th> };
                view! {
                    <table class="answers answers--numbers">
                        <caption>{lesson.t(&format!("batch-{kind}"), &[])}</caption>
                        <thead><tr>
                            {head("term-optimiser-step.title")}{head("seen-prompts")}{head("seen-languages")}{head("seen-whole")}
                        </tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                }
            };
            view! { {table("random", &scene.random)} {table("whole", &scene.whole)} }
        })
    };
    view! {
        <p>{lesson.t("batch-by-hand", &[])}</p>
        <div class="lesson__scroll" tabindex="0" role="group" aria-label=lesson.t("batch-title", &[])>
            <table class="pairs-grid"><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
        <p class="facts-line" role="status" data-testid="step-sees">{seen}</p>
        {after}
    }
    .into_any()
}
