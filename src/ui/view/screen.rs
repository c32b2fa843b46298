//! What every screen but the Pairs has: its name, what it is for, the status line, and what it says without a session.

use leptos::prelude::*;

use super::{
    super::{
        route,
        screen::View,
        state::{Place, Workbench},
    },
    empty::Empty,
    example::LookAtExample,
    fault_note::FaultNote,
    why::Why,
};

/// A screen about the session on the desk.
#[component]
pub fn Screen(
    /// Which one.
    view: View,
    /// What it is for, in a sentence.
    lead: &'static str,
    /// What it shows once there is a session.
    empty: &'static str,
    /// What it shows of the session.
    children: ChildrenFn,
) -> impl IntoView {
    let page = Workbench::here();
    let has_desk = Memo::new(move |_| page.desk.with(Option::is_some));
    let title_id = format!("{}-title", view.as_str());
    let labelled_by = title_id.clone();
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-labelledby=labelled_by>
            <header class="screen__head">
                <h2 id=title_id class="screen__title">{view.name()}</h2>
                <p class="screen__lead">{lead}" "{term(view).map(|term| view! { <Why term of=view.name() /> })}</p>
                <p class="run__status" role="status" data-testid="screen-status">{page.status}</p>
            </header>
            <Show when=move || has_desk.get() fallback=move || view! { <NoSession view empty /> }>
                {children()}
            </Show>
        </main>
    }
}

/// The term that explains what a screen is about.
fn term(view: View) -> Option<&'static str> {
    match view {
        View::Compare => Some("cm-align"),
        View::Representations => Some("representation"),
        View::Batches => Some("batch-wise"),
        View::Agreement => Some("review"),
        View::Pairs | View::Lesson => None,
    }
}

/// There is no session, so the way to make one.
#[component]
fn NoSession(
    /// Which screen.
    view: View,
    /// What it will show.
    empty: &'static str,
) -> impl IntoView {
    view! {
        <Empty view says=format!("{empty} There is no session yet.")>
            <a class="button button--strong" href=format!("#{}", View::Pairs.as_str())>"Build pairs or open a session"</a>
            <LookAtExample />
            <FaultNote place=Place::Files />
        </Empty>
    }
}
