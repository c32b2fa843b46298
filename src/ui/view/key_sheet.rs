//! The sheet of keys.

use leptos::{html::Dialog, prelude::*};

use super::super::state::Workbench;
use crate::browser::preferences;

/// Keys and what they do.
const KEYS: [(&str, &str); 11] = [
    ("1 to 5", "The screens: pairs, compare methods, representations, batches, agreement"),
    ("A", "Accept the pair and go to the next row"),
    ("S", "Swap chosen and rejected, and go to the next row"),
    ("X", "Leave the row out, and go to the next row"),
    ("R", "Back to the method's pick"),
    ("J, or ↓ in a row", "Next row"),
    ("K, or ↑ in a row", "Previous row"),
    ("E", "Show or hide all responses of the row"),
    ("U or Ctrl Z", "Undo"),
    ("Y or Ctrl Shift Z", "Redo"),
    ("?", "This sheet"),
];

/// A dialog with every key; single letters and digits can be switched off in it.
#[component]
pub fn KeySheet() -> impl IntoView {
    let page = Workbench::here();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if page.is_key_sheet_open.get() {
            // Fails only when the dialog is open already.
            let _shown = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let set_letters = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        preferences::set("letter-keys", if on { "on" } else { "off" });
        page.has_letter_keys.set(on);
    };
    let rows = KEYS
        .into_iter()
        .map(|(key, what)| view! { <tr><th scope="row"><kbd>{key}</kbd></th><td>{what}</td></tr> })
        .collect_view();
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-labelledby="keys-title"
            on:close=move |_| page.is_key_sheet_open.set(false)
        >
            <h2 id="keys-title">"Keys"</h2>
            <table class="sheet__keys"><tbody>{rows}</tbody></table>
            <label class="switch">
                <input type="checkbox" prop:checked=page.has_letter_keys on:change=set_letters />
                <span>"Single letters and digits work as keys"</span>
            </label>
            <button
                type="button"
                class="button"
                data-testid="close-keys"
                on:click=move |_| page.is_key_sheet_open.set(false)
            >
                "Close"
            </button>
        </dialog>
    }
}
