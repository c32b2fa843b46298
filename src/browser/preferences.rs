//! Small choices kept in this browser, such as the theme; losing them does no harm.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Storage};

fn local_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// A choice made earlier.
pub fn get(name: &str) -> Option<String> {
    local_storage()?.get_item(&format!("concord.{name}")).ok().flatten()
}

/// Keeps a choice; where the browser refuses, it holds until the page closes.
pub fn set(name: &str, value: &str) {
    if let Some(storage) = local_storage() {
        let _kept = storage.set_item(&format!("concord.{name}"), value);
    }
}

/// Forgets a choice.
pub fn remove(name: &str) {
    if let Some(storage) = local_storage() {
        let _gone = storage.remove_item(&format!("concord.{name}"));
    }
}

/// What this tab remembers, through a reload and no longer.
pub fn get_for_tab(name: &str) -> Option<String> {
    tab_storage()?.get_item(&format!("concord.{name}")).ok().flatten()
}

/// Lets this tab remember something through a reload; where the browser refuses, it forgets.
pub fn set_for_tab(name: &str, value: &str) {
    if let Some(storage) = tab_storage() {
        let _kept = storage.set_item(&format!("concord.{name}"), value);
    }
}

fn tab_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// Sets `data-theme` on the root element: `light`, `dark`, or empty to follow the system.
pub fn apply_theme(theme: &str) {
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.document_element());
    if let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        let _set = root.set_attribute("data-theme", theme);
    }
}
