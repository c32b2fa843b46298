//! A screen that has nothing to show yet: it says what to do next.

use leptos::prelude::*;

use super::super::route::View;

/// What is missing, and the way to make it.
#[component]
pub fn EmptyScreen(
    /// What this screen will show.
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="empty" data-testid="empty-screen">
            <p>{what}</p>
            <p>
                "There is no session yet. "
                <a href=format!("#{}", View::Pairs.as_str())>"Build pairs, or open a session file"</a>
                ", then come back."
            </p>
        </div>
    }
}
