//! Step 4.

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    points::{Dot, points},
    response, tongue,
};
use crate::lesson::{Step, scenes::plane::Plane};

/// A point that might be the nearest.
pub fn option(scene: &Plane, at: usize) -> AnyView {
    let Some(point) = scene.options.get(at) else { return ().into_any() };
    view! {
        <b class="response__number number">{point + 1}</b>
        {response(&scene.points[*point].0, false)}
    }
    .into_any()
}

/// The points and the matrix, with the lines that the plane hides once the answer is shown.
pub fn picture(lesson: Lesson, scene: &Plane) -> AnyView {
    let scene = scene.clone();
    let mut tags: Vec<String> = scene.points.iter().map(|(shown, _)| shown.language.tag.clone()).collect();
    tags.dedup();
    (move || {
        let is_shown = lesson.is_revealed(Step::Plane);
        let hue = |tag: &str| tags.iter().position(|known| known == tag).unwrap_or_default();
        let dots: Vec<Dot> = scene
            .points
            .iter()
            .enumerate()
            .map(|(at, (shown, place))| Dot {
                label: (at + 1).to_string(),
                hue: hue(&shown.language.tag),
                place: *place,
                is_marked: at == scene.from,
            })
            .collect();
        let lines: Vec<(usize, usize)> = if is_shown { vec![(scene.from, scene.nearest())] } else { Vec::new() };
        let legend = tags.iter().enumerate().filter_map(|(at, tag)| {
            let (shown, _) = scene.points.iter().find(|(shown, _)| shown.language.tag == *tag)?;
            Some(view! { <span class=format!("legend hue-{at}")>"● "{tongue(&shown.language)}</span> })
        });
        let name = |at: usize| {
            let shown = &scene.points[at].0;
            format!("{}/{}", shown.language.tag, shown.sample)
        };
        let rows = scene.options.iter().map(|at| {
            let of = format!("cosine/{}/{}/{}", scene.points[0].0.prompt_id, name(scene.from), name(*at));
            view! {
                <tr class:row--right=*at == scene.nearest()>
                    <th scope="row" class="number">{format!("{} – {}", scene.from + 1, at + 1)}</th>
                    <td><Figure at=of value=f64::from(scene.cosine(scene.from, *at)) decimals=4 /></td>
                    <td class="row__said">{(*at == scene.seems()).then(|| lesson.t("seems-nearest", &[]))}</td>
                </tr>
            }
        });
        let id = scene.points[0].0.prompt_id.clone();
        view! {
            {points(lesson.t("plane-picture", &[]), &dots, &lines)}
            <p class="facts-line">{legend.collect_view()}</p>
            {matrix(lesson, &scene)}
            {is_shown.then(|| view! {
                <table class="answers answers--numbers"><tbody>{rows.collect_view()}</tbody></table>
                <p class="facts-line">
                    {lesson.t("explained", &[])}" "
                    <Figure at=format!("explained/{id}") value=scene.explained[0] + scene.explained[1] />
                </p>
            })}
        }
    })
    .into_any()
}

/// All cosines: the darker, the closer.
fn matrix(lesson: Lesson, scene: &Plane) -> impl IntoView + use<> {
    let n = scene.points.len();
    let least = scene.cosine.iter().copied().fold(f32::MAX, f32::min).min(0.999);
    let cells = (0..n * n).map(|at| {
        let strength = (scene.cosine[at] - least) / (1.0 - least);
        let (x, y) = ((at % n).to_string(), (at / n).to_string());
        view! { <rect x=x y=y width="0.94" height="0.94" fill-opacity=format!("{:.2}", 0.08 + 0.92 * strength.clamp(0.0, 1.0)) /> }
    });
    view! {
        <svg class="matrix" viewBox=format!("0 0 {n} {n}") role="img" aria-label=lesson.t("matrix-picture", &[])>
            {cells.collect_view()}
        </svg>
    }
}
