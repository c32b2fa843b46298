//! The session as a zip archive, and another person's decisions on it.

use std::collections::BTreeSet;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlElement};

use super::{
    super::{
        route,
        screen::View,
        slices::in_slices,
        state::{MergeOffer, Place, Workbench},
        words,
    },
    keep,
    pieces::{self, Opened, ReadError},
};
use crate::{
    browser::{clock, download},
    data::{CurationEvent, SameRecord},
    protocol::{Fault, FaultCode},
};

/// Goes to the list of sessions.
pub fn show(page: Workbench) {
    page.review.fold_rail(false);
    if page.view.get_untracked() != View::Pairs {
        route::go_to(View::Pairs);
    }
    spawn_local(async {
        // It is there after the next frame, and a screen that was changed to takes the focus first.
        clock::next_frame().await;
        clock::next_frame().await;
        let title = document().get_element_by_id("sessions-title");
        if let Some(title) = title.and_then(|title| title.dyn_into::<HtmlElement>().ok()) {
            title.scroll_into_view();
            let _focused = title.focus();
        }
    });
}

/// Saves the session on the desk as a zip archive under its name.
pub async fn save_zip(page: Workbench, name: String) {
    page.clear_fault(Place::Sessions);
    page.status.set("Packing the session.".to_owned());
    match pieces::pack(page).await {
        Ok(Some((blob, n_events))) => {
            let name = format!("{}.concord.zip", file_stem(&name));
            if download::save_blob(&name, &blob).is_ok() {
                page.status.set(format!("{name} was handed to the browser's downloads."));
                keep::backed_up(page, n_events);
            } else {
                fail(
                    page,
                    "the browser refused to save the file; allow downloads for this page and try again",
                );
            }
        }
        Ok(None) => fail(page, "the session changed while it was packed; save it again"),
        Err(error) => fail(page, &error.to_string()),
    }
}

/// Reads another person's file of the open session, and offers what is in it.
pub async fn offer_merge(page: Workbench, name: String, blob: Blob) {
    page.clear_fault(Place::Sessions);
    page.merge.set(None);
    page.status.set(format!("Reading {name}."));
    let theirs = match pieces::read(&blob).await {
        Ok(Opened { session, .. }) => session,
        Err(ReadError::Unreadable) => return fail(page, &format!("{name} could not be read; pick it again")),
        Err(ReadError::Bad(error)) => return fail(page, &format!("{name}: {error}")),
    };
    let mut same = SameRecord::default();
    let mut is_open = true;
    // The session is not held meanwhile, or a decision would have to copy it.
    in_slices(|| {
        page.desk.with_untracked(|desk| {
            is_open = desk.is_some();
            desk.as_ref().is_some_and(|desk| same.step(desk.session(), &theirs))
        })
    })
    .await;
    if !is_open {
        return fail(page, "open the session first that its decisions belong to; then add the other file");
    }
    if let Some(difference) = same.finish() {
        let reason = format!(
            "{name} is of another session, so its decisions cannot be added: {difference}. Open the session that it belongs to first"
        );
        return fail(page, &reason);
    }
    clock::breathe().await;
    let offer = page.desk.with_untracked(|desk| {
        let ours = desk.as_ref()?.session();
        let has_other_picks =
            ours.pairs.len() != theirs.pairs.len() || ours.config.method != theirs.config.method;
        Some(MergeOffer::new(name.clone(), theirs.events, &ours.events, has_other_picks))
    });
    page.status.set(format!("{name} is read. Nothing is added yet."));
    page.merge.set(offer);
}

/// Adds the decisions that were offered to the open session.
pub fn merge(page: Workbench) {
    let Some(offer) = page.merge.get_untracked() else { return };
    let merged = page.desk.with_untracked(|desk| {
        let ours = &desk.as_ref()?.session().events;
        Some((offer.merged(ours), ours.len()))
    });
    let Some((merged, n_ours)) = merged else { return };
    if let Some(blocker) = offer.blocker(&merged) {
        page.status.set(blocker);
        return;
    }
    page.merge.set(None);
    let added: Vec<CurationEvent> = merged.events[n_ours..].to_vec();
    let who = actors(&added);
    page.change_desk(|desk| {
        if let Some(desk) = desk {
            desk.take_log(merged.events);
        }
    });
    keep::events_added(page, added);
    let conflicts = match merged.conflicts.len() {
        0 => String::new(),
        n => format!(" People differ in {}.", words::plural(n, "row", "rows")),
    };
    page.status.set(format!(
        "{} of {who} added.{conflicts}",
        words::plural(merged.added, "decision is", "decisions are")
    ));
}

/// Names of those who decided, joined.
pub fn actors(events: &[CurationEvent]) -> String {
    let names: BTreeSet<&str> = events.iter().map(|event| event.actor.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn fail(page: Workbench, message: &str) {
    page.fail(Place::Sessions, Fault::new(FaultCode::BadInput, message));
}

/// A name as that of a file that every system takes.
fn file_stem(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let stem: String = name.chars().map(safe).collect();
    let parts: Vec<&str> = stem.split('-').filter(|part| !part.is_empty()).collect();
    let stem: String = parts.join("-").chars().take(80).collect();
    if stem.is_empty() { "concord-session".to_owned() } else { stem }
}
