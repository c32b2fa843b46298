//! Dialogs that are shown as soon as they are on the page.

use leptos::{html::Dialog, prelude::*};

/// A place for a dialog, which is shown over the page once it is there.
pub fn modal() -> NodeRef<Dialog> {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Fails only when the dialog is open already.
            let _shown = dialog.show_modal();
        }
    });
    dialog
}
