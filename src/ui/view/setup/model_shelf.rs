//! The shelf: models to choose from, by list, address or file. Nothing is fetched before the user asks.

use leptos::{ev, prelude::*, task::spawn_local};

use super::{
    super::{
        super::{
            actions::{model, shelf},
            state::Workbench,
            words,
        },
        fields::FileButton,
    },
    stored_models::StoredModels,
};
use crate::{
    browser::{device, picked::Dropped},
    protocol::Role,
    shelf::catalogue::{self, Offer},
};

/// The share of the device's memory that a model may take beside everything else.
const SHARE: f64 = 0.6;

/// The models to choose from.
#[component]
pub fn ModelShelf() -> impl IntoView {
    let page = Workbench::here();
    spawn_local(shelf::look(page));
    take_dropped_files(page);
    let load_teaching = move |_| {
        spawn_local(async move {
            model::load(page, Role::Generator, model::teaching(), None).await;
        });
    };
    let is_encoder = Memo::new(move |_| page.shelf.with(|shelf| shelf.role == Role::Encoder));
    let offered = move || match is_encoder.get() {
        true => catalogue::encoders().map(|offer| view! { <OfferItem offer /> }).collect_view().into_any(),
        false => view! {
            <li class="shelf__item">
                <p><strong>"Teaching model"</strong></p>
                <p class="field__help">"Comes with the page: 8 languages, word problems only."</p>
                <button type="button" class="button" disabled=page.is_busy on:click=load_teaching>
                    "Load"<span class="visually-hidden">" the teaching model"</span>
                </button>
            </li>
            {catalogue::offers().map(|offer| view! { <OfferItem offer /> }).collect_view()}
        }
        .into_any(),
    };
    view! {
        <RoleField />
        <StoredModels />
        <h3 id="offers-title">{move || if is_encoder.get() { "Encoders" } else { "Models" }}</h3>
        <ul class="shelf" data-testid="shelf" aria-labelledby="offers-title">{offered}</ul>
        <AddressForm />
        <div class="row">
            <FileButton
                label="Open model files"
                accept=".gguf,.safetensors,.json,.txt"
                testid="open-model"
                is_disabled=page.is_busy
                is_multiple=true
                on_files=move |files| spawn_local(model::load_files(page, files))
            />
            <p class="field__help">
                {move || match is_encoder.get() {
                    true => "or drop them anywhere on this page: a GGUF file, or model.safetensors with config.json and tokenizer.json. BERT, XLM-R, gte-multilingual, Qwen3-Embedding.",
                    false => "or drop them anywhere on this page: a GGUF file, or all parts of a split one. Llama, Qwen, Gemma, Phi, Granite, SmolLM and more; quantised from Q2_K up, or not at all.",
                }}
            </p>
        </div>
    }
}

/// What a model is opened for.
#[component]
fn RoleField() -> impl IntoView {
    let page = Workbench::here();
    let choose = move |event: ev::Event| {
        let is_encoder = event_target_value(&event) == "encoder";
        let role = if is_encoder { Role::Encoder } else { Role::Generator };
        page.shelf.update(|shelf| shelf.role = role);
    };
    view! {
        <p class="panel__line count-line">
            <label for="model-role">"Open a model that"</label>
            <select id="model-role" data-testid="model-role" class="field__input" disabled=page.is_busy on:change=choose>
                <option value="generator">"answers the prompts"</option>
                <option value="encoder">"compares the responses"</option>
            </select>
        </p>
    }
}

/// A model on offer.
#[component]
fn OfferItem(
    /// The model.
    offer: &'static Offer,
) -> impl IntoView {
    let page = Workbench::here();
    let is_here = Memo::new(move |_| {
        page.shelf.with(|shelf| {
            let stored = shelf.stored.iter().flatten();
            stored.into_iter().any(|model| model.address == offer.address && model.is_complete)
        })
    });
    let facts = format!("{} · {} · {}", words::bytes(offer.n_bytes as f64), offer.licence, offer.languages);
    let memory = memory_words(offer.memory_bytes() as f64, device::memory_bytes());
    let load = move |_| spawn_local(model::load_address(page, offer.address.to_owned()));
    let label = move || {
        if is_here.get() {
            "Load".to_owned()
        } else {
            format!("Fetch {} and load", words::bytes(offer.n_bytes as f64))
        }
    };
    view! {
        <li class="shelf__item" data-testid="offer" data-address=offer.address>
            <p><strong>{offer.name}</strong></p>
            <p class="field__help">{facts}<br />{memory}</p>
            <button type="button" class="button" data-testid="load-offer" disabled=page.is_busy on:click=load>
                {label}
                <span class="visually-hidden">" "{offer.name}</span>
            </button>
        </li>
    }
}

/// What a model needs against what the device has.
fn memory_words(needed: f64, device: Option<f64>) -> String {
    let needs = format!("Takes about {} of memory", words::bytes(needed));
    match device {
        None => format!("{needs}; the browser does not say what this device has."),
        Some(bytes) if needed > bytes * SHARE => {
            format!("{needs}, likely too much here: the browser reports {}.", words::bytes(bytes))
        }
        Some(bytes) => format!("{needs}; the browser reports {} or more.", words::bytes(bytes)),
    }
}

/// A model by address.
#[component]
fn AddressForm() -> impl IntoView {
    let page = Workbench::here();
    let address = RwSignal::new(String::new());
    let open = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = address.get_untracked().trim().to_owned();
        if !text.is_empty() {
            spawn_local(model::load_address(page, text));
        }
    };
    view! {
        <form class="field" on:submit=open>
            <label class="field__label" for="model-address">"Another model, by address"</label>
            <div class="row">
                <input
                    id="model-address"
                    data-testid="model-address"
                    class="field__input field__input--wide"
                    type="text"
                    inputmode="url"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="owner/name or https://…"
                    aria-describedby="model-address-help"
                    prop:value=address
                    on:input=move |event| address.set(event_target_value(&event))
                />
                <button type="submit" class="button" data-testid="open-address" disabled=page.is_busy>"Open"</button>
            </div>
            <p class="field__help" id="model-address-help">
                "A repository on the Hugging Face Hub (owner/name, owner/name:Q8_0, owner/name/file.gguf) or the full address of a file."
            </p>
            <label class="switch">
                <input
                    type="checkbox"
                    data-testid="keep-file"
                    prop:checked=move || page.shelf.with(|shelf| shelf.keeps)
                    on:change=move |event| page.shelf.update(|shelf| shelf.keeps = event_target_checked(&event))
                />
                "Keep what is fetched on this device"
            </label>
        </form>
    }
}

/// Files or a folder dropped on the page are opened as a model.
fn take_dropped_files(page: Workbench) {
    let has_files = |event: &ev::DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
    };
    let over = window_event_listener(ev::dragover, move |event| {
        // Without this the browser leaves the page for the file.
        if has_files(&event) {
            event.prevent_default();
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        let Some(dropped) = event.data_transfer().map(|data| Dropped::of(&data)) else { return };
        if !dropped.is_empty() {
            event.prevent_default();
            spawn_local(async move { model::load_files(page, dropped.files().await).await });
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
}
