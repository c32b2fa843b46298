//! The way from a word on the screen to its explanation, which stands once: in the lesson's page of terms.

use leptos::prelude::*;

/// A question mark that leads to a term.
#[component]
pub fn Why(
    /// The term, as the lesson's texts name it.
    term: &'static str,
    /// What it is called on the screen.
    of: &'static str,
) -> impl IntoView {
    view! { <a class="why" href=format!("#lesson&term={term}") aria-label=format!("What is {of}?")>"?"</a> }
}
