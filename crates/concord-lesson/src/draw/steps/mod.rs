//! What each step gives, asks and draws.

pub mod first;
pub mod last;
pub mod layers;
pub mod pictures;

use super::{
    html::Html,
    parts::{asked, number, numbered, tongue},
};
use crate::{Step, state::Lesson};

/// What stands above the question, so that it can be answered.
pub fn given(lesson: &Lesson, step: Step) -> Option<Html> {
    let scenes = lesson.scenes.as_ref()?;
    Some(match step {
        Step::Languages => asked(&scenes.languages.as_ref()?.asked),
        Step::Vote => asked(&scenes.vote.as_ref()?.asked),
        Step::Pair => first::pair_given(lesson, scenes.pair.as_ref()?),
        Step::Mlc => asked(&scenes.mlc.as_ref()?.asked),
        Step::Dpo => last::dpo_given(lesson, scenes.dpo.as_ref()?),
        Step::Plane | Step::Misleads | Step::AlignX | Step::Batch | Step::File => return None,
    })
}

/// What is asked.
pub fn ask(lesson: &Lesson, step: Step) -> String {
    let scenes = lesson.scenes.as_ref();
    let text = format!("{}-ask", step.name());
    match step {
        Step::Plane => {
            let of = scenes.and_then(|s| s.plane.as_ref()).map_or(0, |plane| plane.from + 1);
            lesson.t(&text, &[("of", &of.to_string())])
        }
        Step::Batch => {
            let n = scenes.and_then(|s| s.batch.as_ref()).map_or(0, |batch| batch.random.len());
            lesson.t(&text, &[("n", &n.to_string())])
        }
        Step::File => {
            let (n, cut) =
                scenes.and_then(|s| s.file.as_ref()).map_or((0, 0.0), |file| (file.n_lines, file.cut));
            lesson.t(&text, &[("n", &n.to_string()), ("cut", &format!("{cut:.2}"))])
        }
        _ => lesson.t(&text, &[]),
    }
}

/// One option, or one item to be ordered.
pub fn option(lesson: &Lesson, step: Step, at: usize) -> Option<Html> {
    let scenes = lesson.scenes.as_ref()?;
    Some(match step {
        Step::Languages | Step::Batch => number(at),
        Step::Vote => {
            let shown = &scenes.vote.as_ref()?.responses.get(at)?.shown;
            numbered(shown.sample as usize + 1, shown)
        }
        Step::Pair => {
            let (shown, _) = scenes.pair.as_ref()?.items.get(at)?;
            numbered(shown.sample as usize + 1, shown)
        }
        Step::Plane => {
            let plane = scenes.plane.as_ref()?;
            let point = *plane.options.get(at)?;
            numbered(point + 1, &plane.points[point].0)
        }
        Step::Misleads => first::mark(lesson, scenes.marks.as_ref()?.cards.get(at)?),
        Step::Mlc => tongue(scenes.mlc.as_ref()?.languages.get(at)?),
        Step::AlignX => layers::layer(lesson, scenes.alignx.as_ref()?.layers.get(at)?.layer),
        Step::Dpo => number(format!("{:.2}", scenes.dpo.as_ref()?.options().get(at)?)),
        Step::File => number(scenes.file.as_ref()?.options().get(at)?),
    })
}

/// The picture beside the question, which shows its numbers once the answer is shown.
pub fn picture(lesson: &Lesson, step: Step) -> Option<Html> {
    let scenes = lesson.scenes.as_ref()?;
    Some(match step {
        Step::Languages => first::languages(lesson, scenes.languages.as_ref()?),
        Step::Vote => first::vote(lesson, scenes.vote.as_ref()?),
        Step::Pair => first::pair(lesson, scenes.pair.as_ref()?),
        Step::Plane => first::plane(lesson, scenes.plane.as_ref()?),
        Step::Misleads => first::marks(lesson, scenes.marks.as_ref()?),
        Step::Mlc => layers::mlc(lesson, scenes.mlc.as_ref()?),
        Step::AlignX => layers::alignx(lesson, scenes.alignx.as_ref()?),
        Step::Batch => last::batch(lesson, scenes.batch.as_ref()?),
        Step::Dpo => last::dpo(lesson, scenes.dpo.as_ref()?),
        Step::File => last::file(lesson, scenes.file.as_ref()?),
    })
}

/// What is drawn again while a slider moves.
pub fn live(lesson: &Lesson, step: Step) -> Option<Html> {
    let scenes = lesson.scenes.as_ref()?;
    match step {
        Step::Mlc => Some(layers::mlc_live(lesson, scenes.mlc.as_ref()?)),
        Step::Dpo => Some(last::dpo_live(lesson, scenes.dpo.as_ref()?)).filter(|_| lesson.is_revealed(step)),
        _ => None,
    }
}

/// The terms of a step.
pub fn terms(step: Step) -> &'static [&'static str] {
    match step {
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
    }
}
