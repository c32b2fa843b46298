//! Explanations: one for one thing.

use leptos::prelude::*;

use super::state::Lesson;

/// A word that opens its explanation.
#[component]
pub fn Term(
    /// The name of its text, without `term-`.
    id: &'static str,
) -> impl IntoView {
    let lesson = Lesson::here();
    let name = format!("term-{id}");
    let title = lesson.t(&format!("{name}.title"), &[]);
    view! {
        <button type="button" class="term" data-testid="lesson-term" data-term=id on:click=move |_| lesson.term.set(Some(name.clone()))>
            {title}
        </button>
    }
}

/// The explanation that is open.
#[component]
pub fn OpenTerm() -> impl IntoView {
    let lesson = Lesson::here();
    move || {
        let name = lesson.term.get()?;
        let label = lesson.t(&format!("{name}.title"), &[]);
        Some(view! {
            <aside class="explained" aria-label=label>
                <Explanation name />
                <button type="button" class="button button--quiet" data-testid="close-term" on:click=move |_| lesson.term.set(None)>
                    {lesson.t("close", &[])}
                </button>
            </aside>
        })
    }
}

/// All of them.
#[component]
pub fn Terms() -> impl IntoView {
    let lesson = Lesson::here();
    let wanted = lesson.link.with_untracked(|link| format!("term-{}", link.term));
    let all = lesson.terms().into_iter().map(|name| view! { <Explanation name /> });
    // They are there after this frame.
    request_animation_frame(move || {
        if let Some(found) = document().get_element_by_id(&wanted) {
            found.scroll_into_view();
        }
    });
    view! {
        <section class="terms" data-testid="lesson-terms" aria-labelledby="terms-title">
            <h3 id="terms-title">{lesson.t("terms-title", &[])}</h3>
            {all.collect_view()}
        </section>
    }
}

/// What it is, its formula, its source, and why it matters.
#[component]
fn Explanation(
    /// The name of the text.
    name: String,
) -> impl IntoView {
    let lesson = Lesson::here();
    let part = |part: &str| {
        let name = format!("{name}.{part}");
        lesson.has(&name).then(|| lesson.t(&name, &[]))
    };
    view! {
        <div class="explanation" id=name.clone() data-testid="term-text">
            <h4>{part("title")}</h4>
            <p>{lesson.t(&name, &[])}</p>
            {part("formula").map(|formula| view! { <p class="explanation__formula" dir="ltr">{formula}</p> })}
            {part("why").map(|why| view! { <p>{why}</p> })}
            {part("source").map(|source| view! { <p class="explanation__source" dir="ltr">{source}</p> })}
        </div>
    }
}
