//! What each method does, and what differs from its paper.

use leptos::prelude::*;

use super::super::{super::method_words, why::Why};
use crate::data::Method;

/// A disclosure for each method.
#[component]
pub fn MethodFacts() -> impl IntoView {
    let items = Method::ALL.into_iter().map(|method| {
        let differs = method_words::differs(method).iter().map(|text| view! { <li>{*text}</li> });
        view! {
            <details class="more" data-testid="method-facts">
                <summary>{method_words::name(method)}</summary>
                <div class="more__body">
                    <p>{method_words::what(method)}" "<Why term=method.as_str() of=method_words::name(method) /></p>
                    <p class="field__help">"What differs from the paper, or is ours:"</p>
                    <ul class="facts-list">{differs.collect_view()}</ul>
                </div>
            </details>
        }
    });
    view! {
        <section class="methods" aria-labelledby="facts-title">
            <h3 id="facts-title">"What the methods do, and what differs from the papers"</h3>
            {items.collect_view()}
        </section>
    }
}
