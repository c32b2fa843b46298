//! The models kept on this device: look, load by address, delete, ask the browser not to clear them.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{
    super::{
        client, model_source,
        state::{Place, Workbench},
    },
    model,
};
use crate::{
    browser::{picked::Picked, storage},
    protocol::{Answer, Fault, FaultCode, ModelSource, Role, ShelfRequest},
    shelf::picked,
};

/// Asks what is kept on this device.
pub async fn look(page: Workbench) {
    let is_persistent = storage::is_persistent().await;
    let answer = client::run(ShelfRequest::List.into(), None, |_event| {}).answer.await;
    page.shelf.update(|shelf| {
        shelf.is_persistent = is_persistent;
        // Where the browser keeps no files, there are none.
        shelf.stored = Some(match answer {
            Ok(Answer::Stored(stored)) => stored,
            _ => Vec::new(),
        });
    });
}

/// Loads a model from the address field.
pub async fn load_address(page: Workbench, text: String) {
    page.clear_fault(Place::Model);
    match model_source::at(&text, None) {
        Ok(source) => drop(model::load(page, role(page), source, None).await),
        Err(fault) => page.fail(Place::Model, fault),
    }
}

/// Loads the model among picked or dropped files.
pub async fn load_files(page: Workbench, files: Vec<Picked>) {
    page.clear_fault(Place::Model);
    let names: Vec<String> = files.iter().map(|(path, _)| picked::name_below(path).to_owned()).collect();
    let of_model = picked::of_model(&names);
    if of_model.is_empty() {
        let first = names.first().map_or("the folder", String::as_str);
        let message = format!("{first} is not a GGUF file: a model here is a file whose name ends in .gguf");
        return page.fail(Place::Model, Fault::new(FaultCode::BadInput, message));
    }
    let blobs: Array = of_model.iter().map(|&idx| JsValue::from(files[idx].1.clone())).collect();
    let names = of_model.into_iter().map(|idx| names[idx].clone()).collect();
    model::load(page, role(page), ModelSource::File { names }, Some(blobs.into())).await;
}

/// The role that models are opened for.
fn role(page: Workbench) -> Role {
    page.shelf.with_untracked(|shelf| shelf.role)
}

/// Deletes a kept model.
pub async fn delete(page: Workbench, id: String, name: String) {
    page.clear_fault(Place::Model);
    match client::run(ShelfRequest::Delete { id }.into(), None, |_event| {}).answer.await {
        Ok(Answer::Stored(stored)) => {
            page.shelf.update(|shelf| shelf.stored = Some(stored));
            page.status.set(format!("{name} was deleted from this device."));
        }
        Ok(_) => page.fail(Place::Model, model::unexpected()),
        Err(fault) => page.fail(Place::Model, fault),
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
