//! A server that makes the responses instead of a model in this page.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::super::{
        actions::server::{Said, connect},
        state::Workbench,
    },
    hand_off::typed_into,
};
use crate::{browser::clipboard, server::model_name};

/// What does not change is text: as a view it would be five times as large.
const FORM: &str = "<p class=\"panel__line\">A server with an OpenAI-compatible API, such as vLLM or llama-server, makes the responses; everything else stays in this page. The key stays in this tab's memory.</p>
<p class=\"panel__line count-line\"><label for=\"server-address\">Address</label>
<input id=\"server-address\" data-testid=\"server-address\" class=\"field__input\" inputmode=\"url\" placeholder=\"http://127.0.0.1:8000/v1\" autocomplete=\"off\" spellcheck=\"false\"></p>
<p class=\"panel__line count-line\"><label for=\"server-key\">Key, if it wants one</label>
<input id=\"server-key\" data-testid=\"server-key\" class=\"field__input\" type=\"password\" autocomplete=\"off\"></p>";

/// Its address and key, what it can do, and which of its models is asked.
#[component]
pub fn ServerPanel() -> impl IntoView {
    let page = Workbench::here();
    let said = RwSignal::new(Said::default());
    let look = move |model: String| {
        let (address, key) = (typed_into("server-address"), typed_into("server-key"));
        said.set(Said::line("Asking the server."));
        spawn_local(async move {
            if let Some(found) = connect(page, address, &key, model).await {
                said.set(found);
            }
        });
    };
    let has_failed = move || !said.with(|said| said.lines.is_empty()) && page.server.with(Option::is_none);
    let lines = move || said.with(|said| said.lines.join("\n"));
    let commands = move || said.get().commands.into_iter().map(command).collect_view();
    let models = move || {
        let option =
            |name: String| view! { <option value=name.clone()>{model_name(&name).to_owned()}</option> };
        said.get().models.into_iter().map(option).collect_view()
    };
    view! {
        <details class="more">
            <summary>"Use a server"</summary>
            <div class="more__body">
                <div class="more__body" inner_html=FORM></div>
                <button type="button" class="button" data-testid="server-connect" on:click=move |_| look(String::new())>
                    {move || if has_failed() { "Try again" } else { "Connect" }}
                </button>
                <p class="panel__line panel__line--lines" role="status" data-testid="server-says">{lines}</p>
                {commands}
                <Show when=move || page.server.with(Option::is_some)>
                    <p class="panel__line count-line">
                        <label for="server-model">"Model"</label>
                        <select
                            id="server-model"
                            data-testid="server-model"
                            class="field__input"
                            on:change=move |event| look(event_target_value(&event))
                        >
                            {models}
                        </select>
                    </p>
                    <button
                        type="button"
                        class="button button--quiet"
                        data-testid="server-leave"
                        on:click=move |_| {
                            page.server.set(None);
                            said.set(Said::line("The model of this page makes the responses again."));
                        }
                    >
                        "Use this page's model"
                    </button>
                </Show>
            </div>
        </details>
    }
}

/// A command with a button that copies it.
fn command(text: String) -> impl IntoView {
    let copied = text.clone();
    let copy = move |_| {
        let text = copied.clone();
        spawn_local(async move {
            clipboard::copy(&text).await;
        });
    };
    view! {
        <p class="panel__line">
            <code>{text}</code>
            " "
            <button type="button" class="button button--quiet" on:click=copy>"Copy"</button>
        </p>
    }
}
