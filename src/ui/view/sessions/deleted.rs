//! Deleted sessions, which can be restored for some time.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::{
            actions::keep,
            session_words,
            state::{KeptBook, Workbench},
        },
        disclosure::Disclosure,
    },
    item::focus_list,
};

/// Says what was just deleted, and brings it back.
#[component]
pub fn DeletedNote(
    /// What was deleted last.
    last_deleted: RwSignal<Option<KeptBook>>,
) -> impl IntoView {
    let page = Workbench::here();
    move || {
        last_deleted.get().map(|book| {
            let name = session_words::name(&book);
            let restore = move |_| {
                last_deleted.set(None);
                spawn_local(keep::undelete(page, book.id.clone()));
                request_animation_frame(focus_list);
            };
            view! {
                <div class="note" role="status" data-testid="deleted-note">
                    <p>"Deleted: "<bdi>{name}</bdi>"."</p>
                    <button type="button" class="button" data-testid="restore-last" on:click=restore>"Restore"</button>
                </div>
            }
        })
    }
}

/// All of them.
#[component]
pub fn DeletedSessions() -> impl IntoView {
    let page = Workbench::here();
    let deleted = Memo::new(move |_| {
        page.kept.with(|kept| {
            kept.books.iter().filter(|book| book.label.deleted_at.is_some()).cloned().collect::<Vec<_>>()
        })
    });
    let has_any = Memo::new(move |_| deleted.with(|deleted| !deleted.is_empty()));
    let summary = move || format!("Deleted ({})", deleted.with(Vec::len));
    view! {
        <Show when=move || has_any.get()>
            <Disclosure summary=Signal::derive(summary) testid="deleted-sessions">
                <p class="field__help">
                    {format!("They go for good after {} days, or when room is needed.", keep::KEPT_DAYS)}
                </p>
                <ul class="sessions__list">
                    {move || deleted.get().into_iter().map(|book| view! { <DeletedItem book /> }).collect_view()}
                </ul>
            </Disclosure>
        </Show>
    }
}

#[component]
fn DeletedItem(
    /// Which one.
    book: KeptBook,
) -> impl IntoView {
    let page = Workbench::here();
    let (name, facts) = (session_words::name(&book), session_words::facts(&book));
    let restore = {
        let id = book.id.clone();
        move |_| {
            spawn_local(keep::undelete(page, id.clone()));
            request_animation_frame(focus_list);
        }
    };
    let remove = move |_| {
        spawn_local(keep::remove(page, book.id.clone()));
        request_animation_frame(focus_list);
    };
    view! {
        <li class="session" data-testid="deleted-session">
            <p class="session__name"><bdi>{name}</bdi></p>
            <p class="session__facts number">{facts}</p>
            <div class="row">
                <button type="button" class="button" data-testid="restore-session" on:click=restore>"Restore"</button>
                <button type="button" class="button button--quiet" data-testid="remove-session" on:click=remove>
                    "Delete for good"
                </button>
            </div>
        </li>
    }
}
