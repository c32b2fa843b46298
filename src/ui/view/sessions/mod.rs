//! The sessions that this browser keeps: what is saved, what is backed up, and what can be done with each.

pub mod deleted;
pub mod here;
pub mod item;
pub mod merge_panel;

use leptos::prelude::*;

use super::{
    super::state::{KeptBook, Place, Workbench},
    fault_note::FaultNote,
};
use crate::browser::tabs;
use deleted::{DeletedNote, DeletedSessions};
use here::SessionHere;
use item::SessionItem;
use merge_panel::MergePanel;

/// All sessions and interrupted runs that are kept, the open one first.
#[component]
pub fn SessionsPanel() -> impl IntoView {
    let page = Workbench::here();
    // What was deleted last, to be restored at once.
    let last_deleted = RwSignal::new(None::<KeptBook>);
    let others = Memo::new(move |_| {
        page.kept.with(|kept| {
            let is_other = |book: &&KeptBook| {
                // An open run is told of where it can go on.
                book.label.deleted_at.is_none() && (!book.is_here || (book.is_run && book.problem.is_some()))
            };
            kept.books.iter().filter(is_other).cloned().collect::<Vec<_>>()
        })
    });
    let has_session = Memo::new(move |_| page.desk.with(Option::is_some));
    let promise = move || {
        page.kept.with(|kept| match kept.is_persistent {
            Some(true) => "This browser has promised to keep them until you clear this site's data.",
            Some(false) => "This browser may clear them when room gets short, so save files now and then.",
            None => "After your first decision the page asks the browser to keep them for good.",
        })
    };
    view! {
        <section class="panel sessions" aria-labelledby="sessions-title" data-testid="sessions">
            <h2 id="sessions-title" tabindex="-1">"Sessions"</h2>
            <Show
                when=move || has_session.get()
                fallback=|| view! { <p class="panel__line">"Your session appears here after a run, or when you open a file."</p> }
            >
                <SessionHere last_deleted />
                <MergePanel />
            </Show>
            <DeletedNote last_deleted />
            {move || {
                let others = others.get();
                (!others.is_empty()).then(|| {
                    let items = others.into_iter().map(|book| view! { <SessionItem book last_deleted /> }).collect_view();
                    view! {
                        <div class="sessions__others" data-testid="kept-others">
                            <h3>"Also kept in this browser"</h3>
                            {(!tabs::can_tell())
                                .then_some(view! {
                                    <p class="field__help">"Over plain http it cannot tell which of them another tab has open."</p>
                                })}
                            <ul class="sessions__list">{items}</ul>
                        </div>
                    }
                })
            }}
            <DeletedSessions />
            <p class="field__help" data-testid="persistence">{promise}</p>
            <FaultNote place=Place::Sessions />
        </section>
    }
}
