//! The other way to run: on a server or a cluster, from a folder that the page writes.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::hand_off, state::Workbench};
use crate::job::Dialect;

/// Which model is asked, on what, and the button that writes the job.
#[component]
pub fn HandOff() -> impl IntoView {
    let page = Workbench::here();
    let model = RwSignal::new(String::new());
    let server = RwSignal::new(Dialect::default());
    let options = Dialect::ALL.map(|kind| {
        let words = match kind {
            Dialect::Vllm => "vLLM",
            Dialect::LlamaServer => "llama-server",
            Dialect::Openai => "OpenAI's batch service",
            Dialect::Other => "another OpenAI-compatible server",
        };
        view! { <option value=kind.as_str()>{words}</option> }
    });
    let choose = move |event: web_sys::Event| {
        server.set(Dialect::named(&event_target_value(&event)).unwrap_or_default());
    };
    let write = move |_| {
        spawn_local(hand_off::download_job(page, model.get_untracked(), server.get_untracked()));
    };
    view! {
        <details class="more">
            <summary>"Run it on a server or a cluster"</summary>
            <div class="more__body">
                <p class="panel__line">
                    "The prompts and settings become a folder of requests and scripts. "
                    "Open it again with “Open responses you already have” when it has results."
                </p>
                <p class="panel__line count-line">
                    <label for="job-model">"Model"</label>
                    <input
                        id="job-model"
                        data-testid="job-model"
                        class="field__input"
                        placeholder="Qwen/Qwen2.5-7B-Instruct"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=model
                        on:input=move |event| model.set(event_target_value(&event))
                    />
                </p>
                <p class="panel__line count-line">
                    <label for="job-server">"On"</label>
                    <select id="job-server" data-testid="job-server" class="field__input" on:change=choose>
                        {options}
                    </select>
                </p>
                <button type="button" class="button" data-testid="download-job" disabled=page.is_busy on:click=write>
                    "Download the job"
                </button>
            </div>
        </details>
    }
}
