//! The models kept on this device: look, delete, ask the browser not to clear them.

use leptos::prelude::*;

use super::super::{
    client,
    state::{Place, Workbench},
};
use crate::{
    browser::storage,
    protocol::{Answer, ShelfRequest},
};

/// Asks what is kept on this device.
pub async fn look(page: Workbench) {
    let is_persistent = storage::is_persistent().await;
    let answer = client::ask(ShelfRequest::List.into()).await;
    page.shelf.update(|shelf| {
        shelf.is_persistent = is_persistent;
        // Where the browser keeps no files, there are none.
        shelf.stored = Some(match answer {
            Ok(Answer::Stored(stored)) => stored,
            _ => Vec::new(),
        });
    });
}

/// Deletes a kept model.
pub async fn delete(page: Workbench, id: String, name: String) {
    page.clear_fault(Place::Model);
    match client::ask(ShelfRequest::Delete { id }.into()).await {
        Ok(Answer::Stored(stored)) => {
            page.shelf.update(|shelf| shelf.stored = Some(stored));
            page.status.set(format!("{name} was deleted from this device."));
        }
        other => page.fail(Place::Model, client::fault_of(other)),
    }
}

/// Asks the browser not to clear the kept models on its own.
pub async fn persist(page: Workbench) {
    let is_granted = storage::persist().await;
    page.shelf.update(|shelf| shelf.is_persistent = is_granted);
    page.status.set(
        if is_granted {
            "The browser keeps the models until you delete them."
        } else {
            "The browser declined: it may clear the models when the disk is nearly full. Bookmarking this page often changes that."
        }
        .to_owned(),
    );
}
