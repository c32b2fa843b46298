//! What is kept besides, and open in no tab: listed, saved as a file, or forgotten.

use leptos::prelude::*;

use super::{
    super::super::state::{OtherBook, Workbench},
    loops::{keeper, lock_of},
};
use crate::{
    browser::{
        download,
        storage::{self, Book, StorageError},
        tabs,
    },
    journal::{
        Kind, Meta,
        restore::{self, Kept},
    },
};

/// All that is kept.
pub(super) async fn kept_books() -> Result<Vec<Kept>, StorageError> {
    let heads = storage::heads().await?.into_iter();
    let kept = |(head, last_time): (storage::Head, Option<u64>)| Kept {
        id: head.id,
        meta: serde_json::from_str(&head.meta).ok(),
        last_time,
    };
    Ok(heads.map(kept).collect())
}

/// Lists the kept books that no tab has open.
pub(super) async fn list_others(page: Workbench) {
    let Ok(kept) = kept_books().await else { return };
    let held = tabs::held().await;
    let damaged = page.kept.with_untracked(|kept| kept.damaged.clone());
    let here = keeper(|keeper| [keeper.desk.clone(), keeper.run.clone()]);
    let others = restore::in_order(kept, None).into_iter().filter_map(|book| {
        let problem = damaged.iter().find(|(id, _)| *id == book.id).map(|(_, reason)| reason.clone());
        let is_here = here.iter().flatten().any(|id| *id == book.id);
        let is_open = is_here || held.contains(&lock_of(&book.id));
        // A session that is open here with a damaged log is listed too: its file holds what could not be read.
        (!is_open || (is_here && problem.is_some())).then(|| OtherBook {
            is_open,
            is_run: book.meta.as_ref().is_some_and(|meta| meta.kind == Kind::Run),
            created: book.meta.as_ref().map(|meta| meta.created.clone()).unwrap_or_default(),
            n_prompts: book.meta.as_ref().map_or(0, |meta| meta.n_prompts),
            n_languages: book.meta.as_ref().map_or(0, |meta| meta.languages.len()),
            id: book.id,
            problem,
        })
    });
    let others = others.collect();
    page.kept.update(|kept| kept.others = others);
}

/// Saves a kept book as a file, whatever is in it.
pub async fn save_other(page: Workbench, id: String) {
    let saved = async {
        let Book { head, entries, .. } = storage::book(&id).await.ok().flatten()?;
        let bytes = download::bytes_of(&head.body, 0.0, head.body.size()).await?;
        let n_base = serde_json::from_str::<Meta>(&head.meta).map_or(usize::MAX, |meta| meta.n_base);
        let text = restore::as_file(&String::from_utf8_lossy(&bytes), n_base, &entries);
        download::save(&format!("concord-kept-{id}.json"), "application/json", &text).ok()
    };
    let status = match saved.await {
        Some(()) => "The kept session was handed to the browser's downloads.",
        None => "The browser refused to read or save it; allow downloads for this page and try again.",
    };
    page.status.set(status.to_owned());
}

/// Forgets a kept book.
pub async fn delete(page: Workbench, id: String) {
    // A tab that has opened it meanwhile keeps it.
    if let Some(_alone) = tabs::hold_alone(&lock_of(&id)).await
        && let Err(error) = storage::remove(&id).await
    {
        page.kept.update(|kept| kept.problem = Some(error.to_string()));
    }
    page.kept.update(|kept| kept.damaged.retain(|(damaged, _)| *damaged != id));
    list_others(page).await;
}
