//! The question of a step: what is predicted, and then the answer.

use leptos::prelude::*;

use super::{state::Lesson, steps};
use crate::lesson::{Prediction, Question, Step};

/// Asks, and shows the answer on request.
#[component]
pub fn Ask(
    /// The step.
    step: Step,
    /// What it asks.
    question: Question,
) -> impl IntoView {
    let lesson = Lesson::here();
    let name = step.name();
    let has_predicted = move || lesson.predicted.with(|all| all.contains_key(&step.number()));
    let is_class = lesson.link.with_untracked(|link| link.is_class);
    let choice = match question {
        Question::One { n_options, right } => view! { <Options step n_options right /> }.into_any(),
        Question::Order { values } => view! { <Ordering step n_items=values.len() /> }.into_any(),
    };
    view! {
        <section class="ask" aria-labelledby="ask-title">
            <h4 id="ask-title" class="ask__title">{steps::ask(lesson, step)}</h4>
            {choice}
            {move || (!lesson.is_revealed(step)).then(|| view! {
                <button
                    type="button"
                    class="button button--strong"
                    data-testid="reveal"
                    disabled=move || !(has_predicted() || is_class)
                    on:click=move |_| lesson.reveal(step)
                >
                    {lesson.t("reveal", &[])}
                </button>
                {move || (!has_predicted()).then(|| view! { <span class="ask__hint">{lesson.t("predict-first", &[])}</span> })}
            })}
            <div class="ask__answer" role="status" tabindex="-1" id="lesson-answer">
                {move || lesson.is_revealed(step).then(|| view! {
                    {lesson.verdict(step).map(|verdict| {
                        let said = match (verdict.is_right, verdict.n_pairs) {
                            (true, _) => lesson.t("right", &[]),
                            (false, 0) => lesson.t("wrong", &[]),
                            (false, n) => lesson.t("order-wrong", &[
                                ("n", verdict.n_right_pairs.to_string().as_str()), ("all", n.to_string().as_str()),
                            ]),
                        };
                        view! { <p class="ask__verdict" data-testid="verdict" data-right=verdict.is_right.to_string()>{said}</p> }
                    })}
                    <p class="ask__learned" data-testid="learned">{lesson.t(&format!("{name}-learned"), &[])}</p>
                })}
            </div>
        </section>
    }
}

/// One of several.
#[component]
fn Options(step: Step, n_options: usize, right: Vec<usize>) -> impl IntoView {
    let lesson = Lesson::here();
    let picked = move || lesson.predicted.with(|all| all.get(&step.number()).cloned());
    let options = (0..n_options).map(|at| {
        let is_right = right.contains(&at);
        let is_picked = move || picked() == Some(Prediction::One(at));
        let mark = move || {
            lesson.is_revealed(step).then(|| match (is_right, is_picked()) {
                (true, _) => "✓",
                (false, true) => "✗",
                (false, false) => "",
            })
        };
        view! {
            <label
                class="option"
                class:option--right=move || is_right && lesson.is_revealed(step)
                class:option--wrong=move || !is_right && is_picked() && lesson.is_revealed(step)
            >
                <input
                    type="radio"
                    name=format!("predict-{}", step.name())
                    data-testid=format!("option-{at}")
                    prop:checked=is_picked
                    disabled=move || lesson.is_revealed(step)
                    on:change=move |_| lesson.predicted.update(|all| { all.insert(step.number(), Prediction::One(at)); })
                />
                <span class="option__text">{steps::option(lesson, step, at)}</span>
                <span class="option__mark">{mark}</span>
            </label>
        }
    });
    view! {
        <div class=format!("options options--{}", step.name()) role="radiogroup" aria-labelledby="ask-title">
            {options.collect_view()}
        </div>
    }
}

/// All of them, in an order.
#[component]
fn Ordering(step: Step, n_items: usize) -> impl IntoView {
    let lesson = Lesson::here();
    let order = Memo::new(move |_| {
        lesson.predicted.with(|all| match all.get(&step.number()) {
            Some(Prediction::Order(order)) if order.len() == n_items => order.clone(),
            _ => (0..n_items).collect(),
        })
    });
    let moved = move |place: usize, to: usize| {
        let mut new = order.get_untracked();
        new.swap(place, to);
        lesson.predicted.update(|all| {
            all.insert(step.number(), Prediction::Order(new));
        });
    };
    let keep = move |_| {
        let now = order.get_untracked();
        lesson.predicted.update(|all| {
            all.insert(step.number(), Prediction::Order(now));
        });
    };
    let rows = move || {
        let items = order.get().into_iter().enumerate().map(|(place, item)| {
            let shift = |testid: &str, sign: &'static str, label: &str, to: Option<usize>| {
                view! {
                    <button
                        type="button"
                        class="button button--quiet"
                        data-testid=format!("{testid}-{place}")
                        aria-label=format!("{} {}", lesson.t(label, &[]), place + 1)
                        disabled=move || to.is_none() || lesson.is_revealed(step)
                        on:click=move |_| if let Some(to) = to { moved(place, to) }
                    >
                        {sign}
                    </button>
                }
            };
            let down = (place + 1 < n_items).then_some(place + 1);
            view! {
                <li class="order__item">
                    <span class="order__acts">
                        {shift("up", "↑", "move-up", place.checked_sub(1))}
                        {shift("down", "↓", "move-down", down)}
                    </span>
                    <span class="order__text">{steps::option(lesson, step, item)}</span>
                </li>
            }
        });
        items.collect_view()
    };
    view! {
        <ol class="order" data-testid="order">{rows}</ol>
        {move || (!lesson.is_revealed(step) && !lesson.predicted.with(|all| all.contains_key(&step.number()))).then(|| view! {
            <button type="button" class="button" data-testid="keep-order" on:click=keep>{lesson.t("keep-order", &[])}</button>
        })}
    }
}
