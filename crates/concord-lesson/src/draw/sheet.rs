//! The sheets to print: all questions, or all questions with their answers.

use super::{
    html::Html,
    parts::{button, el, txt},
    steps,
};
use crate::{Prediction, Question, Step, state::Lesson};

/// A sheet.
pub fn sheet(lesson: &Lesson, has_answers: bool) -> Html {
    let title = lesson.t(if has_answers { "sheet-answers" } else { "sheet-questions" }, &[]);
    let mut parts = vec![
        Html::el("h3", &[("id", "sheet-title")], vec![txt(title)]),
        el("p", "l-sheet__name", vec![txt(lesson.t("sheet-name", &[]))]),
    ];
    let step = |step: Step| Some(sheet_step(lesson, step, &lesson.question(step)?, has_answers));
    parts.extend(Step::ALL.into_iter().filter_map(step));
    let link = format!("#{}", lesson.link.write());
    parts.push(Html::el("p", &[("class", "l-sheet__link"), ("dir", "ltr")], vec![txt(link)]));
    parts.push(button(
        "print",
        "button button--strong l-sheet__print",
        ("print", ""),
        false,
        &lesson.t("print", &[]),
    ));
    let attributes =
        [("class", "l-sheet"), ("data-testid", "lesson-sheet"), ("aria-labelledby", "sheet-title")];
    Html::el("section", &attributes, parts)
}

fn sheet_step(lesson: &Lesson, step: Step, question: &Question, has_answers: bool) -> Html {
    let name = step.name();
    let order = match question.right() {
        Prediction::Order(order) => order,
        Prediction::One(_) => Vec::new(),
    };
    let n = match question {
        Question::One { n_options, .. } => *n_options,
        Question::Order { values } => values.len(),
    };
    let option = |at: usize| {
        let (mark, is_right) = match question {
            Question::One { right, .. } if has_answers && right.contains(&at) => ("☒".to_owned(), true),
            Question::Order { .. } if has_answers => {
                (order.iter().position(|item| *item == at).map_or(0, |place| place + 1).to_string(), false)
            }
            _ => ("☐".to_owned(), false),
        };
        let text = steps::option(lesson, step, at).unwrap_or_default();
        el(
            "li",
            if is_right { "option--right" } else { "" },
            vec![el("span", "l-sheet__box", vec![txt(mark)]), text],
        )
    };
    let title = format!("{}. {}", step.number(), lesson.t(&format!("{name}-title"), &[]));
    let mut parts = vec![
        el("h4", "", vec![txt(title)]),
        el("div", "l-sheet__seen", vec![steps::given(lesson, step).unwrap_or_default()]),
        el("p", "", vec![txt(steps::ask(lesson, step))]),
        el("ul", "l-sheet__options", (0..n).map(option).collect()),
    ];
    if has_answers {
        parts.push(el("p", "l-ask__learned", vec![txt(lesson.t(&format!("{name}-learned"), &[]))]));
    }
    el("article", "l-sheet__step", parts)
}
