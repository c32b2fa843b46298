//! The second stage of a job: an encoder on the server compares its responses.

use leptos::{prelude::*, task::spawn_local};
use web_sys::MouseEvent;

use super::super::{
    super::super::{actions::responses, state::Workbench},
    hand_off::{is_on_button, typed_into},
};

/// What is in the disclosure. Nothing of it changes, so it is text: as a view it would be five times as large.
const FORM: &str = "<summary>Have them compared by an encoder on the server</summary>
<div class=\"more__body\">
<p class=\"panel__line\">Put the file of requests into the job's folder, run it like the others, and open the folder again. Without this, the model that is loaded here compares them.</p>
<p class=\"panel__line count-line\"><label for=\"embed-model\">Encoder</label>
<input id=\"embed-model\" data-testid=\"embed-model\" class=\"field__input\" value=\"intfloat/multilingual-e5-small\" autocomplete=\"off\" spellcheck=\"false\"></p>
<p class=\"panel__line count-line\"><label for=\"embed-prefix\">Before every text</label>
<input id=\"embed-prefix\" data-testid=\"embed-prefix\" class=\"field__input\" value=\"query: \" autocomplete=\"off\" spellcheck=\"false\"></p>
<button type=\"button\" class=\"button\" data-testid=\"download-embed\">Download the requests for vectors</button>
</div>";

/// Which encoder is asked, and the button that writes the requests.
pub(super) fn embed_form(page: Workbench) -> impl IntoView {
    let write = move |event: MouseEvent| {
        if is_on_button(&event) {
            let (model, prefix) = (typed_into("embed-model"), typed_into("embed-prefix"));
            spawn_local(responses::download_embed(page, model, prefix));
        }
    };
    view! { <details class="more" data-testid="embed-form" on:click=write inner_html=FORM></details> }
}
