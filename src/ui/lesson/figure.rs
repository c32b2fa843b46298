//! A number that says where it comes from.

use leptos::prelude::*;

use super::state::Lesson;

/// A number. Pressed, it says where it comes from.
#[component]
pub fn Figure(
    /// Its kind, then what it is of, with slashes between: `cosine/starter-002/en/0/sw/3`.
    #[prop(into)]
    at: String,
    /// The number.
    value: f64,
    /// How many decimals are shown.
    #[prop(default = 3)]
    decimals: usize,
) -> impl IntoView {
    let lesson = Lesson::here();
    let is_hidden = lesson.link.with_untracked(|link| link.hides_numbers);
    let shown = if is_hidden { "…".to_owned() } else { format!("{value:.decimals$}").replace('-', "−") };
    let (kind, of) = at
        .split_once('/')
        .map_or((at.clone(), String::new()), |(k, o)| (k.to_owned(), o.replace('/', " · ")));
    let tell = move |_| lesson.origin.set(Some(lesson.t(&format!("origin-{kind}"), &[("of", &of)])));
    view! {
        <button type="button" class="figure" dir="ltr" data-testid="figure" data-figure=at data-value=value.to_string() on:click=tell>
            {shown}
        </button>
    }
}

/// A bar as long as a share of the whole, from 0 to 1.
#[component]
pub fn Bar(
    /// The share.
    share: f64,
    /// What it is called in the style sheet.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let width = format!("{:.1}", share.clamp(0.0, 1.0) * 100.0);
    view! {
        <svg class=format!("bar {class}") viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar__all" width="100" height="8" />
            <rect class="bar__part" width=width height="8" />
        </svg>
    }
}
