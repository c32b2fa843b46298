//! Step 10.

use leptos::prelude::*;

use super::{
    super::{
        figure::{Bar, Figure},
        state::Lesson,
    },
    response,
};
use crate::{
    data::InOrder,
    lesson::{Step, scenes::file::FileScene},
};

/// One line as it stands in the file, and its parts; the margins once the answer is shown.
pub fn picture(lesson: Lesson, scene: &FileScene) -> AnyView {
    let parts = [
        ("term-prompt.title", scene.prompt.clone(), None),
        ("term-chosen.title", String::new(), Some(&scene.chosen)),
        ("term-rejected.title", String::new(), Some(&scene.rejected)),
    ];
    let language = scene.chosen.language.clone();
    let parts = parts.map(|(name, text, shown)| {
        view! {
            <tr>
                <th scope="row">{lesson.t(name, &[])}</th>
                <td lang=language.tag.clone() dir=super::direction(&language)>{match shown {
                    Some(shown) => response(shown, false),
                    None => text.into_any(),
                }}</td>
            </tr>
        }
    });
    let (margins, cut, n_left) = (scene.margins.clone(), scene.cut, scene.n_left());
    view! {
        <p>{lesson.t("file-line", &[])}</p>
        <pre class="line" dir="ltr" tabindex="0" aria-label=lesson.t("file-line", &[])>{scene.line.clone()}</pre>
        <table class="answers"><tbody>{parts}</tbody></table>
        {move || lesson.is_revealed(Step::File).then(|| {
            let most = margins.iter().copied().fold(1e-6, f32::max);
            let mut sorted = margins.clone();
            sorted.order_by(|a, b| b.total_cmp(a));
            let bars = sorted.iter().map(|margin| view! {
                <li class:is-cut=*margin < cut><Bar share=f64::from(margin / most) /></li>
            });
            view! {
                <ul class="margins" aria-label=lesson.t("margins-picture", &[])>{bars.collect_view()}</ul>
                <p class="facts-line"><Figure at=format!("lines/{cut}") value=n_left as f64 decimals=0 />{lesson.t("of-all", &[("n", &margins.len().to_string())])}</p>
            }
        })}
    }
    .into_any()
}
