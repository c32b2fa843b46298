//! Step 2.

use leptos::prelude::*;

use super::{
    super::{
        figure::{Bar, Figure},
        state::Lesson,
    },
    points::{Dot, points},
};
use crate::lesson::{Step, scenes::vote::Vote};

/// The responses as points; who agrees with whom once the answer is shown.
pub fn picture(lesson: Lesson, scene: &Vote) -> AnyView {
    let scene = scene.clone();
    (move || {
        let is_shown = lesson.is_revealed(Step::Vote);
        let most = scene.responses[scene.reference].consistency;
        let dot = |(at, voter): (usize, &crate::lesson::scenes::vote::Voter)| Dot {
            label: (voter.shown.sample + 1).to_string(),
            hue: usize::from(is_shown && voter.consistency < most) * 7,
            place: voter.place,
            is_marked: is_shown && at == scene.reference,
        };
        let dots: Vec<Dot> = scene.responses.iter().enumerate().map(dot).collect();
        let friends = |at: &usize| {
            let (one, other) =
                (&scene.responses[*at].shown.answer, &scene.responses[scene.reference].shown.answer);
            *at != scene.reference && one.is_some() && one == other
        };
        let lines: Vec<(usize, usize)> =
            (0..dots.len()).filter(|at| is_shown && friends(at)).map(|at| (scene.reference, at)).collect();
        let rows = scene.responses.iter().enumerate().map(|(at, voter)| {
            let of = format!("{}/{}/{}", voter.shown.prompt_id, voter.shown.language.tag, voter.shown.sample);
            view! {
                <tr class:row--right=at == scene.reference>
                    <th scope="row" class="number">{voter.shown.sample + 1}</th>
                    <td>{voter.shown.answer.clone()}</td>
                    <td><Bar share=f64::from(voter.consistency) /></td>
                    <td><Figure at=format!("consistency/{of}") value=f64::from(voter.consistency) /></td>
                    <td><Figure at=format!("mean-cosine/{of}") value=f64::from(voter.mean_cosine) /></td>
                </tr>
            }
        });
        view! {
            {points(lesson.t("vote-picture", &[]), &dots, &lines)}
            {is_shown.then(|| view! {
                <table class="answers answers--numbers">
                    <thead><tr>
                        <th></th><th scope="col">{lesson.t("answer", &[])}</th><th></th>
                        <th scope="col">{lesson.t("term-consistency.title", &[])}</th>
                        <th scope="col">{lesson.t("mean-cosine", &[])}</th>
                    </tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            })}
        }
    })
    .into_any()
}
