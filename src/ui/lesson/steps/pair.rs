//! Step 3.

use leptos::prelude::*;

use super::{
    super::{
        figure::{Bar, Figure},
        state::Lesson,
    },
    asked, response,
};
use crate::{
    data::InOrder,
    lesson::{Step, scenes::pair::PairScene},
};

/// The question and the reference.
pub fn given(lesson: Lesson, scene: &PairScene) -> AnyView {
    view! {
        {asked(&scene.asked)}
        <p class="reference"><b>{lesson.t("term-reference.title", &[])}</b>" "{response(&scene.reference, false)}</p>
    }
    .into_any()
}

/// A response to be ordered.
pub fn item(_lesson: Lesson, scene: &PairScene, at: usize) -> AnyView {
    scene.items.get(at).map_or_else(|| ().into_any(), |(shown, _)| response(shown, true))
}

/// The responses by score, once the answer is shown.
pub fn picture(lesson: Lesson, scene: &PairScene) -> AnyView {
    let scene = scene.clone();
    (move || {
        lesson.is_revealed(Step::Pair).then(|| {
            let mut order: Vec<usize> = (0..scene.items.len()).collect();
            order.order_by(|a, b| scene.items[*b].1.total_cmp(&scene.items[*a].1));
            let top = scene.items[order[0]].1.max(1e-6);
            let rows = order.into_iter().map(|at| {
                let (shown, score) = &scene.items[at];
                let of = format!("{}/{}/{}", shown.prompt_id, shown.language.tag, shown.sample);
                let role = if at == scene.chosen {
                    Some("term-chosen.title")
                } else if at == scene.rejected {
                    Some("term-rejected.title")
                } else {
                    None
                };
                view! {
                    <tr class:row--right=at == scene.chosen class:row--wrong=at == scene.rejected>
                        <th scope="row">{response(shown, true)}</th>
                        <td><Bar share=f64::from(score / top) /></td>
                        <td><Figure at=format!("score/{of}") value=f64::from(*score) /></td>
                        <td class="row__said">{role.map(|role| lesson.t(role, &[]))}</td>
                    </tr>
                }
            });
            let of = format!("{}/{}", scene.asked.prompt_id, scene.asked.language.tag);
            view! {
                <div class="lesson__scroll" tabindex="0" role="group" aria-label=lesson.t("pair-title", &[])>
                    <table class="answers answers--numbers"><tbody>{rows.collect_view()}</tbody></table>
                </div>
                <p class="facts-line">
                    {lesson.t("term-margin.title", &[])}" "<Figure at=format!("margin/{of}") value=f64::from(scene.margin) />
                </p>
            }
        })
    })
    .into_any()
}
