//! Step 7.

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    points::px,
};
use crate::lesson::{Step, scenes::alignx::AlignXScene};

/// Width and height of the curve.
const SIZE: (f64, f64) = (320.0, 170.0);
/// Room around it.
const ROOM: f64 = 22.0;

/// A layer.
pub fn option(lesson: Lesson, scene: &AlignXScene, at: usize) -> AnyView {
    let Some(layer) = scene.layers.get(at) else { return ().into_any() };
    match layer.layer {
        0 => lesson.t("layer-embedding", &[]),
        n => lesson.t("layer-after", &[("n", &n.to_string())]),
    }
    .into_any()
}

/// The curve over the layers, once the answer is shown.
pub fn picture(lesson: Lesson, scene: &AlignXScene) -> AnyView {
    let scene = scene.clone();
    (move || {
        lesson.is_revealed(Step::AlignX).then(|| {
            let last = (scene.layers.len() - 1) as f64;
            let x = move |at: usize| ROOM + at as f64 / last * (SIZE.0 - 2.0 * ROOM);
            let y = move |value: f64| SIZE.1 - ROOM - value.clamp(0.0, 1.0) * (SIZE.1 - 2.0 * ROOM);
            let line = |of: &dyn Fn(usize) -> f64| {
                let points = (0..scene.layers.len()).map(|at| format!("{},{}", px(x(at)), px(y(of(at)))));
                points.collect::<Vec<_>>().join(" ")
            };
            let matched = line(&|at| scene.layers[at].matched);
            let unmatched = line(&|at| scene.layers[at].unmatched);
            let names = scene.layers.iter().enumerate().map(|(at, layer)| view! {
                <text x=px(x(at)) y=px(SIZE.1 - 5.0) text-anchor="middle">{layer.layer}</text>
            });
            let rows = scene.layers.iter().map(|layer| {
                let figure = |kind: &str, value: f64| view! {
                    <td><Figure at=format!("{kind}/{}", layer.layer) value /></td>
                };
                view! {
                    <tr>
                        <th scope="row" class="number">{layer.layer}</th>
                        {figure("matched", layer.matched)}
                        {figure("unmatched", layer.unmatched)}
                        {figure("retrieval", layer.retrieval)}
                        {figure("contrastive", layer.loss)}
                    </tr>
                }
            });
            let head = |name: &str| view! { <th scope="col">{lesson.t(name, &[])}</th> };
            view! {
                <svg class="curve" viewBox=format!("0 0 {} {}", SIZE.0, SIZE.1) role="img" aria-label=lesson.t("alignx-picture", &[])>
                    <line class="curve__axis" x1=px(ROOM) y1=px(y(0.0)) x2=px(SIZE.0 - ROOM) y2=px(y(0.0)) />
                    <polyline class="curve__matched" points=matched />
                    <polyline class="curve__unmatched" points=unmatched />
                    {names.collect_view()}
                </svg>
                <p class="facts-line">
                    <span class="legend curve__matched">"— "{lesson.t("same-question", &[])}</span>
                    <span class="legend curve__unmatched">"- - "{lesson.t("other-question", &[])}</span>
                </p>
                <div class="lesson__scroll" tabindex="0" role="group" aria-label=lesson.t("alignx-title", &[])>
                    <table class="answers answers--numbers">
                        <thead><tr>
                            {head("term-layer.title")}{head("same-question")}{head("other-question")}
                            {head("term-retrieval.title")}{head("term-contrastive-loss.title")}
                        </tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            }
        })
    })
    .into_any()
}
