//! The sheet of keys: what each does, and a way to give it another.

use leptos::{html::Dialog, prelude::*};

use super::{
    super::{keymap::Command, state::Workbench},
    keys,
};
use crate::browser::preferences;

/// Keys that cannot be changed.
const FIXED: [(&str, &str); 4] = [
    ("1 to 9", "Choose the response of this number"),
    ("Shift 1 to 9", "Reject the response of this number"),
    ("↓ and ↑", "Next and previous row"),
    ("?", "This sheet"),
];

/// A dialog with every key; single letters, digits and signs can be switched off in it.
#[component]
pub fn KeySheet() -> impl IntoView {
    let page = Workbench::here();
    let dialog = NodeRef::<Dialog>::new();
    // The command that waits for its new key, and why the last key could not be had.
    let waiting = RwSignal::new(None::<Command>);
    let refused = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if page.is_key_sheet_open.get() {
            // Fails only when the dialog is open already.
            let _shown = dialog.show_modal();
        } else {
            dialog.close();
            waiting.set(None);
            refused.set(None);
        }
    });
    let set_letters = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        preferences::set("letter-keys", if on { "on" } else { "off" });
        page.has_letter_keys.set(on);
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(command) = waiting.get_untracked().filter(|_| !keys::is_composed(&event)) else { return };
        if matches!(event.key().as_str(), "Tab" | "Shift") {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        if event.key() == "Escape" {
            return waiting.set(None);
        }
        let key = keys::sign(&event).unwrap_or_default();
        let mut problem = None;
        page.review.keys.update(|map| problem = map.set(command, &key).err());
        if problem.is_none() {
            waiting.set(None);
        }
        refused.set(problem);
    };
    let fixed = FIXED
        .into_iter()
        .map(|(key, what)| view! { <tr><th scope="row"><kbd>{key}</kbd></th><td>{what}</td></tr> })
        .collect_view();
    let rows = Command::all().map(|command| view! { <KeyRow command waiting refused /> }).collect_view();
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-labelledby="keys-title"
            on:keydown=on_key
            on:close=move |_| page.is_key_sheet_open.set(false)
        >
            <h2 id="keys-title">"Keys"</h2>
            <p>"Press a key's button, then the key that you want instead."</p>
            <p role="alert" class="sheet__refused" data-testid="key-refused">{refused}</p>
            <div class="sheet__scroll" tabindex="0" role="group" aria-label="All keys">
                <table class="sheet__keys"><tbody>{fixed}{rows}</tbody></table>
            </div>
            <label class="switch">
                <input type="checkbox" prop:checked=page.has_letter_keys on:change=set_letters />
                <span>"Single letters, digits and signs work as keys"</span>
            </label>
            <div class="row">
                <button
                    type="button"
                    class="button"
                    data-testid="close-keys"
                    on:click=move |_| page.is_key_sheet_open.set(false)
                >
                    "Close"
                </button>
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid="reset-keys"
                    on:click=move |_| {
                        page.review.keys.update(|keys| keys.reset());
                        refused.set(None);
                    }
                >
                    "Back to the first keys"
                </button>
            </div>
        </dialog>
    }
}

/// A command with its key.
#[component]
fn KeyRow(
    /// Which one.
    command: Command,
    /// The command that waits for its new key.
    waiting: RwSignal<Option<Command>>,
    /// Why the last key could not be had.
    refused: RwSignal<Option<String>>,
) -> impl IntoView {
    let page = Workbench::here();
    let is_waiting = move || waiting.get() == Some(command);
    let key = move || page.review.keys.with(|keys| keys.shown(command));
    view! {
        <tr>
            <th scope="row">
                <button
                    type="button"
                    class="button button--small"
                    data-testid=format!("key-{}", command.as_str())
                    aria-label=move || format!("{}: {}. Change the key", command.words(), key())
                    on:click=move |_| {
                        refused.set(None);
                        waiting.set(Some(command));
                    }
                >
                    {move || if is_waiting() { "press a key".to_owned() } else { key() }}
                </button>
            </th>
            <td>{command.words()}</td>
        </tr>
    }
}
