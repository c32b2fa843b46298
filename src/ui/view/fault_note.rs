//! What went wrong, where it happened, and what to do.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    actions::model,
    state::{Place, Workbench},
    words,
};
use crate::protocol::FaultCode;

/// The fault of a place, if there is one. A lost device offers to load the model again.
#[component]
pub fn FaultNote(
    /// Which place.
    place: Place,
) -> impl IntoView {
    let page = Workbench::here();
    let fault = Memo::new(move |_| page.fault_at(place));
    let reload = move |_| {
        spawn_local(async move {
            page.clear_fault(place);
            model::load_again(page).await;
        });
    };
    let is_lost = |code| matches!(code, FaultCode::DeviceLost | FaultCode::OutOfMemory | FaultCode::Internal);
    move || {
        fault.get().map(|fault| {
            view! {
                <div class="note note--fault" role="group" aria-label="What went wrong" data-testid="fault" data-code=fault.code.as_str()>
                    <p><strong>"That did not work. "</strong>{words::sentence(&fault.message)}</p>
                    <div class="note__acts">
                        <Show when=move || is_lost(fault.code)>
                            <button type="button" class="button" data-testid="load-again" on:click=reload>"Load the model again"</button>
                        </Show>
                        <button type="button" class="button button--quiet" on:click=move |_| page.clear_fault(place)>
                            "Dismiss"
                        </button>
                    </div>
                </div>
            }
        })
    }
}
