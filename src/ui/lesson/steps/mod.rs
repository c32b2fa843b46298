//! What each step gives, asks and draws.

pub mod alignx;
pub mod batch;
pub mod dpo;
pub mod file;
pub mod languages;
pub mod marks;
pub mod mlc;
pub mod pair;
pub mod plane;
pub mod points;
pub mod vote;

use std::sync::Arc;

use leptos::prelude::*;

use super::{state::Lesson, terms::Term};
use crate::lesson::{
    Scenes, Step,
    shown::{Asked, Shown, Tongue},
};

fn scenes(lesson: Lesson) -> Arc<Scenes> {
    lesson.scenes.get_untracked().unwrap_or_default()
}

/// What stands above the question, so that it can be answered.
pub fn given(lesson: Lesson, step: Step) -> Option<AnyView> {
    let scenes = scenes(lesson);
    Some(match step {
        Step::Languages => asked(&scenes.languages.as_ref()?.asked),
        Step::Vote => asked(&scenes.vote.as_ref()?.asked),
        Step::Pair => pair::given(lesson, scenes.pair.as_ref()?),
        Step::Mlc => asked(&scenes.mlc.as_ref()?.asked),
        Step::Dpo => dpo::given(lesson, scenes.dpo.as_ref()?),
        Step::Plane | Step::Misleads | Step::AlignX | Step::Batch | Step::File => return None,
    })
}

/// What is asked.
pub fn ask(lesson: Lesson, step: Step) -> String {
    let scenes = scenes(lesson);
    let text = format!("{}-ask", step.name());
    match step {
        Step::Plane => {
            let of = scenes.plane.as_ref().map(|plane| plane.from + 1).unwrap_or_default();
            lesson.t(&text, &[("of", &of.to_string())])
        }
        Step::Batch => {
            let n = scenes.batch.as_ref().map(|batch| batch.random.len()).unwrap_or_default();
            lesson.t(&text, &[("n", &n.to_string())])
        }
        Step::File => {
            let (n, cut) = scenes.file.as_ref().map(|file| (file.n_lines, file.cut)).unwrap_or_default();
            lesson.t(&text, &[("n", &n.to_string()), ("cut", &format!("{cut:.2}"))])
        }
        _ => lesson.t(&text, &[]),
    }
}

/// One option, or one item to be ordered.
pub fn option(lesson: Lesson, step: Step, at: usize) -> Option<AnyView> {
    let scenes = scenes(lesson);
    Some(match step {
        Step::Languages => number(at),
        Step::Vote => response(&scenes.vote.as_ref()?.responses.get(at)?.shown, true),
        Step::Pair => pair::item(lesson, scenes.pair.as_ref()?, at),
        Step::Plane => plane::option(scenes.plane.as_ref()?, at),
        Step::Misleads => marks::option(lesson, scenes.marks.as_ref()?, at),
        Step::Mlc => tongue(scenes.mlc.as_ref()?.languages.get(at)?),
        Step::AlignX => alignx::option(lesson, scenes.alignx.as_ref()?, at),
        Step::Batch => number(at),
        Step::Dpo => number(format!("{:.2}", scenes.dpo.as_ref()?.options()[at])),
        Step::File => number(scenes.file.as_ref()?.options()[at]),
    })
}

/// The picture beside the question, which shows its numbers once the answer is shown.
pub fn picture(lesson: Lesson, step: Step) -> Option<AnyView> {
    let scenes = scenes(lesson);
    Some(match step {
        Step::Languages => languages::picture(lesson, scenes.languages.as_ref()?),
        Step::Vote => vote::picture(lesson, scenes.vote.as_ref()?),
        Step::Pair => pair::picture(lesson, scenes.pair.as_ref()?),
        Step::Plane => plane::picture(lesson, scenes.plane.as_ref()?),
        Step::Misleads => marks::picture(lesson, scenes.marks.as_ref()?),
        Step::Mlc => mlc::picture(lesson, scenes.mlc.clone()?),
        Step::AlignX => alignx::picture(lesson, scenes.alignx.as_ref()?),
        Step::Batch => batch::picture(lesson, scenes.batch.clone()?),
        Step::Dpo => dpo::picture(lesson, scenes.dpo.clone()?),
        Step::File => file::picture(lesson, scenes.file.as_ref()?),
    })
}

/// The terms of a step.
pub fn terms(step: Step) -> impl IntoView {
    let ids: &[&'static str] = match step {
        Step::Languages => &["prompt", "response", "teaching-model"],
        Step::Vote => &["anchor", "reference", "consistency", "cm-align"],
        Step::Pair => &["chosen", "rejected", "score", "margin"],
        Step::Plane => &["cosine", "plane", "encoder"],
        Step::Misleads => &["gold", "random-reference", "language-gate", "mapo"],
        Step::Mlc => &["representation", "mlc", "singular-value"],
        Step::AlignX => &["layer", "alignx", "contrastive-loss", "retrieval"],
        Step::Batch => &["batch-wise", "group", "optimiser-step"],
        Step::Dpo => &["dpo", "log-prob", "beta"],
        Step::File => &["trl", "margin", "review"],
    };
    ids.iter().map(|id| view! { <Term id=*id /> }).collect_view()
}

/// A plain number as an option.
fn number(value: impl ToString) -> AnyView {
    view! { <span class="number" dir="ltr">{value.to_string()}</span> }.into_any()
}

/// The name of a language.
fn tongue(language: &Tongue) -> AnyView {
    view! { <bdi lang=language.tag.clone()>{language.name.clone()}</bdi> }.into_any()
}

fn direction(language: &Tongue) -> &'static str {
    if language.is_rtl { "rtl" } else { "ltr" }
}

/// A prompt's text.
fn asked(asked: &Asked) -> AnyView {
    view! {
        <p class="asked" lang=asked.language.tag.clone() dir=direction(&asked.language)>{asked.text.clone()}</p>
    }
    .into_any()
}

/// A response's text, with its number if that is wanted.
fn response(shown: &Shown, is_numbered: bool) -> AnyView {
    view! {
        {is_numbered.then(|| view! { <b class="response__number number">{shown.sample + 1}</b> })}
        <span class="response" lang=shown.language.tag.clone() dir=direction(&shown.language)>{shown.text.clone()}</span>
    }
    .into_any()
}
