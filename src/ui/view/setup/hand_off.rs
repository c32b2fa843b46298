//! The other way to run: on a server or a cluster, from a folder that the page writes.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, MouseEvent};

use super::super::super::{actions::hand_off, state::Workbench};
use crate::job::Dialect;

/// What is in the disclosure. Nothing of it changes, so it is text: as a view it would be five times as large.
const FORM: &str = "<summary>Run it on a server or a cluster</summary>
<div class=\"more__body\">
<p class=\"panel__line\">The prompts and settings become a folder of requests and scripts. Open it again with “Open responses you already have” when it has results.</p>
<p class=\"panel__line count-line\"><label for=\"job-model\">Model</label>
<input id=\"job-model\" data-testid=\"job-model\" class=\"field__input\" placeholder=\"Qwen/Qwen2.5-7B-Instruct\" autocomplete=\"off\" spellcheck=\"false\"></p>
<p class=\"panel__line count-line\"><label for=\"job-server\">On</label>
<select id=\"job-server\" data-testid=\"job-server\" class=\"field__input\">
<option value=\"vllm\">vLLM<option value=\"llama-server\">llama-server<option value=\"openai\">OpenAI's batch service<option value=\"other\">another OpenAI-compatible server</select></p>
<button type=\"button\" class=\"button\" data-testid=\"download-job\">Download the job</button>
</div>";

/// What is typed into a field of a form that is text.
pub(super) fn typed_into(id: &str) -> String {
    let field = document().get_element_by_id(id);
    let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

/// Whether it was a button of a form that is text that was pressed.
pub(super) fn is_on_button(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.tag_name() == "BUTTON")
}

/// Which model is asked, on what, and the button that writes the job.
#[component]
pub fn HandOff() -> impl IntoView {
    let page = Workbench::here();
    let write = move |event: MouseEvent| {
        if !is_on_button(&event) {
            return;
        }
        let server = document().get_element_by_id("job-server");
        let server = server.and_then(|field| field.dyn_into::<HtmlSelectElement>().ok());
        let model = typed_into("job-model");
        let server = server.and_then(|field| Dialect::named(&field.value())).unwrap_or_default();
        spawn_local(hand_off::download_job(page, model, server));
    };
    view! { <details class="more" on:click=write inner_html=FORM></details> }
}
