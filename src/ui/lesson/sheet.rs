//! The sheets to print: all questions, or all questions with their answers.

use leptos::prelude::*;

use super::{state::Lesson, steps};
use crate::lesson::{Prediction, Question, Step};

/// A sheet.
#[component]
pub fn Sheet(
    /// Whether it has the answers.
    has_answers: bool,
) -> impl IntoView {
    let lesson = Lesson::here();
    let title = lesson.t(if has_answers { "sheet-answers" } else { "sheet-questions" }, &[]);
    let steps = Step::ALL.into_iter().filter_map(|step| {
        let question = lesson.question(step)?;
        let Question::One { .. } = &question else {
            return Some(ordered(lesson, step, &question, has_answers));
        };
        let Question::One { n_options, right } = question else { return None };
        let options = (0..n_options).map(|at| {
            let is_right = has_answers && right.contains(&at);
            view! {
                <li class:option--right=is_right>
                    <span class="sheet__box" aria-hidden="true">{if is_right { "☒" } else { "☐" }}</span>
                    {steps::option(lesson, step, at)}
                </li>
            }
        });
        Some(framed(lesson, step, has_answers, options.collect_view().into_any()))
    });
    view! {
        <section class="sheet" data-testid="lesson-sheet" aria-labelledby="sheet-title">
            <h3 id="sheet-title">{title}</h3>
            <p class="sheet__name">{lesson.t("sheet-name", &[])}</p>
            {steps.collect_view()}
            <p class="sheet__link" dir="ltr">{format!("#{}", lesson.link.get_untracked().write())}</p>
            <button type="button" class="button button--strong sheet__print" on:click=move |_| { let _shown = window().print(); }>
                {lesson.t("print", &[])}
            </button>
        </section>
    }
}

fn ordered(lesson: Lesson, step: Step, question: &Question, has_answers: bool) -> AnyView {
    let right = match question.right() {
        Prediction::Order(order) => order,
        Prediction::One(_) => Vec::new(),
    };
    let items = (0..right.len()).map(|item| {
        let place = right.iter().position(|at| *at == item).filter(|_| has_answers);
        view! {
            <li>
                <span class="sheet__box">{place.map_or_else(|| "☐".to_owned(), |place| (place + 1).to_string())}</span>
                {steps::option(lesson, step, item)}
            </li>
        }
    });
    framed(lesson, step, has_answers, items.collect_view().into_any())
}

fn framed(lesson: Lesson, step: Step, has_answers: bool, options: AnyView) -> AnyView {
    let name = step.name();
    view! {
        <article class="sheet__step">
            <h4>{format!("{}. ", step.number())}{lesson.t(&format!("{name}-title"), &[])}</h4>
            <div class="sheet__seen">{steps::given(lesson, step)}</div>
            <p>{steps::ask(lesson, step)}</p>
            <ul class="sheet__options">{options}</ul>
            {has_answers.then(|| view! { <p class="ask__learned">{lesson.t(&format!("{name}-learned"), &[])}</p> })}
        </article>
    }
    .into_any()
}
