//! The question of a step: what is predicted, and then the answer.

use super::{
    html::{Html, on},
    parts::{button, el, txt},
    steps,
};
use crate::{Prediction, Question, Step, state::Lesson};

/// Asks, and shows the answer on request.
pub fn ask(lesson: &Lesson, step: Step, question: &Question) -> Html {
    let has_predicted = lesson.predicted[step.place()].is_some();
    let is_revealed = lesson.is_revealed(step);
    let title = Html::el(
        "h4",
        &[("id", "ask-title"), ("class", "l-ask__title")],
        vec![txt(steps::ask(lesson, step))],
    );
    let mut parts = vec![title];
    parts.push(match question {
        Question::One { n_options, right } => options(lesson, step, *n_options, right),
        Question::Order { values } => ordering(lesson, step, values.len()),
    });
    if !is_revealed {
        if matches!(question, Question::Order { .. }) && !has_predicted {
            parts.push(button("keep-order", "button", ("keep", "0"), false, &lesson.t("keep-order", &[])));
        }
        let is_disabled = !has_predicted && !lesson.link.is_class;
        let reveal =
            button("reveal", "button button--strong", ("reveal", ""), is_disabled, &lesson.t("reveal", &[]));
        parts.push(reveal);
        if !has_predicted {
            parts.push(el("span", "l-ask__hint", vec![txt(lesson.t("predict-first", &[]))]));
        }
    }
    let answer =
        [("class", "l-ask__answer"), ("role", "status"), ("tabindex", "-1"), ("id", "lesson-answer")];
    parts.push(Html::el("div", &answer, if is_revealed { said(lesson, step, question) } else { Vec::new() }));
    Html::el("section", &[("class", "l-ask"), ("aria-labelledby", "ask-title")], parts)
}

/// Whether the prediction held, and what was learned.
fn said(lesson: &Lesson, step: Step, question: &Question) -> Vec<Html> {
    let verdict = lesson.predicted[step.place()].as_ref().map(|prediction| question.verdict(prediction));
    let verdict = verdict.map(|verdict| {
        let said = match (verdict.is_right, verdict.n_pairs) {
            (true, _) => lesson.t("right", &[]),
            (false, 0) => lesson.t("wrong", &[]),
            (false, n) => {
                let (n_right, n) = (verdict.n_right_pairs.to_string(), n.to_string());
                lesson.t("order-wrong", &[("n", &n_right), ("all", &n)])
            }
        };
        let is_right = verdict.is_right.to_string();
        Html::el(
            "p",
            &[("class", "l-ask__verdict"), ("data-testid", "verdict"), ("data-right", &is_right)],
            vec![txt(said)],
        )
    });
    let learned = txt(lesson.t(&format!("{}-learned", step.name()), &[]));
    let learned = Html::el("p", &[("class", "l-ask__learned"), ("data-testid", "learned")], vec![learned]);
    verdict.into_iter().chain([learned]).collect()
}

/// One of several.
fn options(lesson: &Lesson, step: Step, n_options: usize, right: &[usize]) -> Html {
    let is_revealed = lesson.is_revealed(step);
    let option = |at: usize| {
        let is_right = right.contains(&at);
        let is_picked = lesson.predicted[step.place()] == Some(Prediction::One(at));
        let (id, value) = (format!("option-{at}"), at.to_string());
        let name = format!("predict-{}", step.name());
        let input = [
            ("type", "radio"),
            ("name", &name),
            ("id", &id),
            ("data-testid", &id),
            ("data-act", "predict"),
            ("data-value", &value),
            on(is_picked, "checked", ""),
            on(is_revealed, "disabled", ""),
        ];
        let (class, mark) = match (is_revealed, is_right, is_picked) {
            (true, true, _) => ("option option--right", "✓"),
            (true, false, true) => ("option option--wrong", "✗"),
            _ => ("option", ""),
        };
        let parts = vec![
            Html::el("input", &input, Vec::new()),
            el("span", "option__text", vec![steps::option(lesson, step, at).unwrap_or_default()]),
            el("span", "option__mark", vec![txt(mark)]),
        ];
        el("label", class, parts)
    };
    let class = format!("l-options l-options--{}", step.name());
    let group = [("class", class.as_str()), ("role", "radiogroup"), ("aria-labelledby", "ask-title")];
    Html::el("div", &group, (0..n_options).map(option).collect())
}

/// All of them, in an order.
fn ordering(lesson: &Lesson, step: Step, n_items: usize) -> Html {
    let is_revealed = lesson.is_revealed(step);
    let item = |(place, item): (usize, usize)| {
        let shift = |act: &str, sign: &str, label: &str, is_there: bool| {
            let (id, value, label) = (format!("{act}-{place}"), place.to_string(), lesson.t(label, &[]));
            let label = format!("{label} {}", place + 1);
            let attributes = [
                ("type", "button"),
                ("class", "button button--quiet"),
                ("id", &id),
                ("data-testid", &id),
                ("data-act", act),
                ("data-value", &value),
                ("aria-label", &label),
                on(!is_there || is_revealed, "disabled", ""),
            ];
            Html::el("button", &attributes, vec![txt(sign)])
        };
        let acts = vec![
            shift("up", "↑", "move-up", place > 0),
            shift("down", "↓", "move-down", place + 1 < n_items),
        ];
        let text = steps::option(lesson, step, item).unwrap_or_default();
        el("li", "order__item", vec![el("span", "order__acts", acts), el("span", "order__text", vec![text])])
    };
    let items = lesson.order(step, n_items).into_iter().enumerate().map(item).collect();
    Html::el("ol", &[("class", "order"), ("data-testid", "order")], items)
}
