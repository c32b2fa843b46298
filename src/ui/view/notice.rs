//! A note that its reader can send away.

use leptos::prelude::*;

use super::super::route;

/// What is said, with a button that closes it. It comes back when there is something else to say, or the same again.
#[component]
pub fn Notice<T>(
    /// What there is to say.
    says: Memo<Option<T>>,
    /// Classes.
    #[prop(default = "note")]
    class: &'static str,
    /// For assistive technology: `note`, or `status` for what appears while somebody works.
    #[prop(default = "note")]
    role: &'static str,
    /// For the end-to-end test.
    testid: &'static str,
    /// How it is said.
    show: fn(T) -> AnyView,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let closed = RwSignal::new(None::<T>);
    Effect::new(move |_| {
        if says.with(Option::is_none) {
            closed.set(None);
        }
    });
    move || {
        let said = says.get().filter(|said| closed.with(|closed| closed.as_ref() != Some(said)))?;
        let shown = said.clone();
        let close = move |_| {
            closed.set(Some(said.clone()));
            // The button goes, and the focus with it.
            route::keep_focus();
        };
        Some(view! {
            <div class=format!("{class} note--closable") role=role data-testid=testid>
                {show(shown)}
                <button type="button" class="note__close" aria-label="Dismiss" title="Dismiss" on:click=close>"×"</button>
            </div>
        })
    }
}
