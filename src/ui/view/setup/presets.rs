//! Settings under names, and as a link.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{
    actions::settings::{self, Preset},
    state::Workbench,
};
use crate::browser::clipboard;

/// Named settings to save, use and delete, and a link that carries the ones on the page.
#[component]
pub fn Presets() -> impl IntoView {
    let page = Workbench::here();
    let presets = RwSignal::new(settings::presets());
    let name = RwSignal::new(String::new());
    // Shown where the browser copies nothing for the page.
    let link = RwSignal::new(None::<String>);
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        presets.set(settings::save_preset(page, &name.get_untracked()));
        name.set(String::new());
    };
    let copy = move |_| {
        let text = settings::link(page);
        spawn_local(async move {
            if clipboard::copy(&text).await {
                link.set(None);
                page.status.set("The link is copied.".to_owned());
            } else {
                link.set(Some(text));
                page.status.set("Copy the link from the field.".to_owned());
            }
        });
    };
    view! {
        <div class="field">
            <span class="field__label" id="presets-title">"Saved settings"</span>
            <ul class="presets__list" aria-labelledby="presets-title">
                {move || presets.get().into_iter().map(|preset| view! { <PresetItem preset presets /> }).collect_view()}
            </ul>
            <form class="row" on:submit=save>
                <input
                    class="field__input field__input--wide"
                    type="text"
                    dir="auto"
                    maxlength="60"
                    placeholder="Name"
                    aria-label="Name for these settings"
                    data-testid="preset-name"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <button type="submit" class="button" data-testid="save-preset">"Save"</button>
            </form>
        </div>
        <button type="button" class="button" data-testid="copy-settings" on:click=copy>"Copy a link with these settings"</button>
        {move || {
            link.get().map(|link| {
                view! {
                    <input class="field__input" type="text" readonly aria-label="Link with these settings" data-testid="settings-link" value=link />
                }
            })
        }}
    }
}

#[component]
fn PresetItem(
    /// Which.
    preset: Preset,
    /// All of them.
    presets: RwSignal<Vec<Preset>>,
) -> impl IntoView {
    let page = Workbench::here();
    let name = preset.name.clone();
    let label = format!("Delete {name}");
    let delete = {
        let name = name.clone();
        move |_| presets.set(settings::delete_preset(&name))
    };
    view! {
        <li data-testid="preset">
            <bdi>{name}</bdi>
            <button type="button" class="button" data-testid="use-preset" on:click=move |_| settings::use_preset(page, &preset)>
                "Use"
            </button>
            <button type="button" class="button button--quiet" data-testid="delete-preset" aria-label=label on:click=delete>
                "Delete"
            </button>
        </li>
    }
}
