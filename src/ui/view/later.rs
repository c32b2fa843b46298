//! A part of a screen that may come a few frames after the part above it.

use leptos::{prelude::*, task::spawn_local};

use crate::browser::clock;

/// Makes its children after `n` frames, in a task of their own, so that a long screen never holds up a key or a click.
#[component]
pub fn Later(
    /// Frames to wait.
    n: usize,
    /// What comes then.
    children: ChildrenFn,
) -> impl IntoView {
    let is_due = RwSignal::new(false);
    spawn_local(async move {
        for _ in 0..n {
            clock::next_frame().await;
        }
        // The screen may have been left.
        let _gone = is_due.try_set(true);
    });
    view! { <Show when=move || is_due.get()>{children()}</Show> }
}
