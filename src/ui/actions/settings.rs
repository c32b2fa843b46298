//! The settings of the next run: kept through a reload, under names, and in a link.

use leptos::{ev, prelude::*};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use super::super::{
    screen::{View, hash},
    state::{Place, Workbench},
};
use crate::{
    browser::preferences,
    curation::Setup,
    data::{SessionConfig, from_json, read_settings, settings_text},
    protocol::{Fault, FaultCode},
};

/// Where the settings are kept, and those with a name.
const KEPT: &str = "settings";
const PRESETS: &str = "presets";
/// What stands before the settings in a link.
const IN_LINK: &str = "settings=";
/// How many named settings there can be.
const MOST_PRESETS: usize = 50;

/// Settings as they are kept.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct KeptSettings {
    /// The session that was on the desk, by the time it was made; its own settings hold for any other.
    of: String,
    text: String,
    prompts: usize,
}

/// Settings with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    /// The name.
    pub name: String,
    /// The settings, as a link has them.
    pub text: String,
}

/// Takes the settings of the last visit, then those of the link that opened the page.
pub fn restore(page: Workbench, linked: Option<String>) {
    let kept = preferences::get(KEPT).and_then(|text| from_json::<KeptSettings>(&text).ok());
    // Those that cannot be read any more are as good as none.
    if let Some(kept) = kept
        && kept.of == of_desk(page)
        && let Ok(config) = read_settings(&kept.text)
    {
        page.setup.update(|setup| {
            apply(setup, config);
            if kept.prompts > 0 {
                setup.set_count(kept.prompts);
            }
        });
    }
    if let Some(text) = linked {
        take_link(page, &text);
    }
}

/// Takes settings of links that are followed while the page is open, for as long as it lives.
pub fn listen(page: Workbench) {
    let handle = window_event_listener(ev::hashchange, move |_| {
        if let Some(text) = out_of_url() {
            take_link(page, &text);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Keeps the settings as they are now; tracks them.
pub fn keep(page: Workbench) {
    let kept = page.setup.with(|setup| KeptSettings {
        of: of_desk(page),
        text: settings_text(setup.config()),
        prompts: setup.prompts().len(),
    });
    if let Ok(text) = serde_json::to_string(&kept)
        && preferences::get(KEPT).as_ref() != Some(&text)
    {
        preferences::set(KEPT, &text);
    }
}

fn of_desk(page: Workbench) -> String {
    page.desk
        .with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()))
        .unwrap_or_default()
}

/// The settings that the URL carries, taken out of it: they may be changed from now on, and a reload does not bring them back.
pub fn out_of_url() -> Option<String> {
    let hash = hash();
    let (screen, query) = hash.split_once('?')?;
    let (settings, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|part| part.starts_with(IN_LINK));
    let text = settings.first()?.strip_prefix(IN_LINK)?;
    let rest = if rest.is_empty() { screen.to_owned() } else { format!("{screen}?{}", rest.join("&")) };
    if let Ok(history) = window().history() {
        // Refused only where the address may not change; then a reload takes them again.
        let _set = history.replace_state_with_url(&JsValue::NULL, "", Some(&rest));
    }
    Some(js_sys::decode_uri_component(text).map_or_else(|_malformed| text.to_owned(), String::from))
}

/// Takes the settings of a link, or says why not.
fn take_link(page: Workbench, text: &str) {
    match read_settings(text) {
        Ok(config) => {
            page.setup.update(|setup| apply(setup, config));
            page.clear_fault(Place::Settings);
            page.status.set("The settings of the link are taken.".to_owned());
        }
        Err(reason) => {
            let message =
                format!("the settings of this link cannot be used, so yours stay as they were: {reason}");
            page.fail(Place::Settings, Fault::new(FaultCode::BadInput, message));
        }
    }
}

/// Takes settings; languages that the prompts lack are left out, and where too few are left all stay.
fn apply(setup: &mut Setup, config: SessionConfig) {
    let available = setup.available_languages();
    let (anchor, wanted) = (config.anchor.clone(), config.languages.clone());
    setup.set_config(config);
    if available.contains(&anchor) {
        setup.set_anchor(anchor);
    }
    let n_wanted = available.iter().filter(|language| wanted.contains(language)).count();
    if n_wanted < 2 {
        return;
    }
    for language in available {
        if wanted.contains(&language) != setup.config().languages.contains(&language) {
            setup.toggle_language(&language);
        }
    }
}

/// A link that opens the page with these settings.
pub fn link(page: Workbench) -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    let text = page.setup.with_untracked(|setup| settings_text(setup.config()));
    format!("{origin}{path}#{}?{IN_LINK}{text}", View::Pairs.as_str())
}

/// All named settings.
pub fn presets() -> Vec<Preset> {
    preferences::get(PRESETS).and_then(|text| from_json(&text).ok()).unwrap_or_default()
}

/// Keeps the settings under a name, in the place of those that have it.
pub fn save_preset(page: Workbench, name: &str) -> Vec<Preset> {
    let mut all = presets();
    let name = name.trim();
    if name.is_empty() {
        page.status.set("Give the settings a name first.".to_owned());
        return all;
    }
    all.retain(|preset| preset.name != name);
    if all.len() >= MOST_PRESETS {
        page.status.set(format!("There are {MOST_PRESETS} already. Delete one first."));
        return all;
    }
    let text = page.setup.with_untracked(|setup| settings_text(setup.config()));
    all.push(Preset { name: name.to_owned(), text });
    put_presets(&all);
    page.status.set(format!("The settings are kept as {name}."));
    all
}

/// Takes named settings.
pub fn use_preset(page: Workbench, preset: &Preset) {
    if let Ok(config) = read_settings(&preset.text) {
        page.setup.update(|setup| apply(setup, config));
        page.status.set(format!("The settings are those of {}.", preset.name));
    }
}

/// Forgets named settings.
pub fn delete_preset(name: &str) -> Vec<Preset> {
    let mut all = presets();
    all.retain(|preset| preset.name != name);
    put_presets(&all);
    all
}

fn put_presets(all: &[Preset]) {
    if let Ok(text) = serde_json::to_string(all) {
        preferences::set(PRESETS, &text);
    }
}
