//! The session that is open in this tab.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::super::{
        actions::{keep, sessions},
        session_words,
        state::{KeptBook, Workbench},
        words,
    },
    item::MoreActs,
};

/// Its name, how far it is, and whether a file holds it.
#[component]
pub fn SessionHere(
    /// What was deleted last.
    last_deleted: RwSignal<Option<KeptBook>>,
) -> impl IntoView {
    let page = Workbench::here();
    let kept = Memo::new(move |_| {
        page.kept.with(|kept| kept.books.iter().find(|book| book.is_here && !book.is_run).cloned())
    });
    // What is decided counts at once; the list of what is kept is not read anew for it.
    let book = Memo::new(move |_| {
        let mut book = kept.get().unwrap_or_default();
        page.desk.with(|desk| {
            if let Some(desk) = desk {
                let mut summary = keep::summary_of(desk);
                summary.backup = page.kept.with(|kept| kept.backup);
                book.created.clone_from(&desk.session().created);
                book.summary = Some(summary);
            }
        });
        book
    });
    let name = Memo::new(move |_| book.with(session_words::name));
    let facts = move || {
        book.with(|book| {
            let summary = book.summary.clone().unwrap_or_default();
            let size = if book.n_bytes > 0.0 {
                format!(" · {}", words::bytes(book.n_bytes))
            } else {
                String::new()
            };
            format!(
                "{} of {} decided · {}{size}",
                summary.n_decided,
                summary.n_rows,
                session_words::backup(summary.backup.as_ref(), summary.n_events)
            )
        })
    };
    let problem = move || book.with(session_words::problem);
    let save = move |_| spawn_local(sessions::save_zip(page, name.get_untracked()));
    view! {
        <div class="session session--here" data-testid="session-here">
            <p class="session__name"><span class="session__mark">"Open: "</span><bdi data-testid="session-name">{name}</bdi></p>
            <p class="session__facts number" data-testid="session-facts">{facts}</p>
            {move || problem().map(|problem| view! { <p class="session__problem" data-testid="kept-other">{problem}</p> })}
            <div class="row">
                <button type="button" class="button" data-testid="save-zip" on:click=save>"Save as a file"</button>
                {move || {
                    book.with(|book| book.problem.is_some())
                        .then(|| {
                            let id = book.with(|book| book.id.clone());
                            let save = move |_| spawn_local(keep::save_other(page, id.clone()));
                            view! {
                                <button type="button" class="button" data-testid="save-other" on:click=save>"Save what is stored"</button>
                            }
                        })
                }}
            </div>
            {move || kept.get().map(|book| view! { <MoreActs book last_deleted /> })}
        </div>
    }
}
