//! The models kept on this device: load, go on with a download, delete.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{
    actions::{model, shelf},
    state::Workbench,
    words,
};
use crate::{protocol::StoredModel, shelf::address::readable};

/// What is kept on this device, if anything is.
#[component]
pub fn StoredModels() -> impl IntoView {
    let page = Workbench::here();
    let stored = Memo::new(move |_| page.shelf.with(|shelf| shelf.stored.clone().unwrap_or_default()));
    let is_persistent = Memo::new(move |_| page.shelf.with(|shelf| shelf.is_persistent));
    move || {
        let stored = stored.get();
        (!stored.is_empty()).then(|| {
            let total = stored.iter().map(|model| model.bytes_here).sum::<f64>();
            let items = stored.into_iter().map(|model| view! { <StoredItem model /> }).collect_view();
            view! {
                <h3 id="stored-title">"On this device: "<span class="number">{words::bytes(total)}</span></h3>
                <ul class="shelf" aria-labelledby="stored-title">{items}</ul>
                <Show when=move || !is_persistent.get()>
                    <div class="row">
                        <p class="field__help">"The browser may clear these when the disk is nearly full."</p>
                        <button
                            type="button"
                            class="button"
                            data-testid="persist"
                            on:click=move |_| spawn_local(shelf::persist(page))
                        >
                            "Ask it to keep them"
                        </button>
                    </div>
                </Show>
            }
        })
    }
}

#[component]
fn StoredItem(
    /// The model.
    model: StoredModel,
) -> impl IntoView {
    let page = Workbench::here();
    let is_complete = model.is_complete;
    let size = if is_complete {
        words::bytes(model.n_bytes)
    } else {
        format!("{} of {} are here", words::bytes(model.bytes_here), words::bytes(model.n_bytes))
    };
    let size = match model.n_files {
        1 => size,
        n_files => format!("{n_files} files, {size}"),
    };
    let (load_word, name) = (if is_complete { "Load" } else { "Go on" }, model.name.clone());
    let can_load = !model.address.is_empty();
    let address = model.address.clone();
    let load = move |_| spawn_local(model::load_address(page, address.clone()));
    let (id, deleted) = (model.id.clone(), model.name.clone());
    let delete = move |_| spawn_local(shelf::delete(page, id.clone(), deleted.clone()));
    view! {
        <li
            class="shelf__item"
            data-testid="stored-model"
            data-id=model.id.clone()
            data-complete=is_complete.to_string()
        >
            <p><strong><bdi>{model.name.clone()}</bdi></strong></p>
            <p class="field__help number">{size}<br /><bdi>{readable(&model.address)}</bdi></p>
            <div class="row">
                {can_load
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                data-testid="load-stored"
                                disabled=page.is_busy
                                on:click=load
                            >
                                {load_word}
                                <span class="visually-hidden">" "{name.clone()}</span>
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid="delete-model"
                    disabled=page.is_busy
                    on:click=delete
                >
                    "Delete"
                    <span class="visually-hidden">" "{name.clone()}</span>
                </button>
            </div>
        </li>
    }
}
