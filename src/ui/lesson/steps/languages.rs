//! Step 1.

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    response, tongue,
};
use crate::lesson::{Step, scenes::languages::Languages};

/// The first response in every language; right or wrong once the answer is shown.
pub fn picture(lesson: Lesson, scene: &Languages) -> AnyView {
    let rows = scene.rows.iter().map(|(shown, is_right)| {
        let is_right = *is_right;
        let said = move || {
            lesson.is_revealed(Step::Languages).then(|| {
                let (mark, text) = if is_right { ("✓ ", "is-right") } else { ("✗ ", "is-wrong") };
                format!("{mark}{}", lesson.t(text, &[]))
            })
        };
        view! {
            <tr class:row--right=move || is_right && lesson.is_revealed(Step::Languages)>
                <th scope="row">{tongue(&shown.language)}</th>
                <td>{response(shown, false)}</td>
                <td class="row__said">{said}</td>
            </tr>
        }
    });
    let (n_right, gold) = (scene.n_right(), scene.gold.clone());
    let id = scene.asked.prompt_id.clone();
    let n = scene.rows.len();
    view! {
        <div class="lesson__scroll" tabindex="0" role="group" aria-label=lesson.t("languages-title", &[])>
            <table class="answers"><tbody>{rows.collect_view()}</tbody></table>
        </div>
        {move || lesson.is_revealed(Step::Languages).then(|| view! {
            <p class="facts-line">
                {lesson.t("gold-is", &[("gold", &gold)])}" "
                <Figure at=format!("right/{id}") value=n_right as f64 decimals=0 />
                {lesson.t("of-all", &[("n", &n.to_string())])}
            </p>
        })}
    }
    .into_any()
}
