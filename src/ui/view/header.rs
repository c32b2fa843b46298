//! The top of the page: name, the way to every screen, what is kept, theme and keys.

use leptos::prelude::*;

use super::super::{
    actions::sessions,
    screen::View,
    session_words,
    state::{Kept, Workbench},
};
use crate::browser::preferences;

/// Name, the way to every screen, what is kept, theme and keys.
#[component]
pub fn Header() -> impl IntoView {
    let page = Workbench::here();
    let n_events = Memo::new(move |_| page.desk.with(|desk| desk.as_ref().map(|d| d.session().events.len())));
    let kept = move || page.kept.with(|kept| kept_words(kept, n_events.get()));
    let theme = RwSignal::new(preferences::get("theme").unwrap_or_default());
    let set_theme = move |event: web_sys::Event| {
        let choice = event_target_value(&event);
        preferences::set("theme", &choice);
        preferences::apply_theme(&choice);
        theme.set(choice);
    };
    // The hash names the screen, so it stays.
    let show_sessions = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        sessions::show(page);
    };
    view! {
        <header class="top">
            <div class="top__name">
                <svg class="top__mark" viewBox="0 0 24 24" aria-hidden="true">
                    <circle cx="9" cy="12" r="6.5" />
                    <circle cx="15" cy="12" r="6.5" />
                </svg>
                <h1>"Concord"</h1>
            </div>
            <Navigation />
            <div class="top__tools">
                <p class="top__kept">
                    <Show when=move || n_events.get().is_some()>
                        <a class="top__sessions" href="#sessions-title" data-testid="kept" on:click=show_sessions>{kept}</a>
                    </Show>
                </p>
                <label class="top__theme">
                    <span class="visually-hidden">"Theme"</span>
                    <select data-testid="theme" prop:value=theme on:change=set_theme>
                        <option value="">"System"</option>
                        <option value="light">"Light"</option>
                        <option value="dark">"Dark"</option>
                    </select>
                </label>
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid="open-keys"
                    on:click=move |_| page.is_key_sheet_open.set(true)
                >
                    "Keys "<kbd>"?"</kbd>
                </button>
            </div>
        </header>
    }
}

/// A link to every screen; the hash in it is what the page follows.
#[component]
fn Navigation() -> impl IntoView {
    let page = Workbench::here();
    let links = View::ALL.into_iter().map(|view| {
        view! {
            <li>
                <a
                    class="views__link"
                    href=format!("#{}", view.as_str())
                    data-testid=format!("nav-{}", view.as_str())
                    aria-current=move || (page.view.get() == view).then_some("page")
                >
                    {view.name()}
                </a>
            </li>
        }
    });
    view! {
        <nav class="views" aria-label="Screens">
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}

/// What is kept here and what is not backed up; empty while there is nothing.
fn kept_words(kept: &Kept, n_events: Option<usize>) -> String {
    let Some(n_events) = n_events else { return String::new() };
    let saved = match (&kept.problem, &kept.saved_at) {
        (Some(_), _) => "Not saved".to_owned(),
        (None, Some(time)) if kept.is_saved => format!("Saved here {time}"),
        (None, _) => "Saving…".to_owned(),
    };
    format!("{saved} · {}", session_words::backup(kept.backup.as_ref(), n_events))
}
