//! The way to what each method does, and what differs from its paper: the lesson's terms say it.

use leptos::prelude::*;

use super::super::{super::method_words, why::Why};
use crate::data::Method;

/// A link for each method.
#[component]
pub fn MethodFacts() -> impl IntoView {
    let items = Method::ALL.into_iter().map(|method| {
        let name = method_words::name(method);
        view! { <li>{name}" "<Why term=method.as_str() of=name /></li> }
    });
    view! {
        <section class="methods" aria-labelledby="facts-title" data-testid="method-facts">
            <h3 id="facts-title">"What the methods do, and what differs from the papers"</h3>
            <ul class="facts-list">{items.collect_view()}</ul>
        </section>
    }
}
