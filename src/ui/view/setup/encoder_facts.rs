//! The encoder that compares the responses: what it is, and how it makes vectors.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::model, state::Workbench, words};
use crate::protocol::{Backend, EncoderInfo, ModelInfo, Pooling};

/// The facts of a loaded encoder.
#[component]
pub fn EncoderFacts(
    /// The encoder.
    info: ModelInfo,
) -> impl IntoView {
    let page = Workbench::here();
    let EncoderInfo { pooling, normalise, prefix, max_tokens, similarity, source, .. } =
        info.encoder.clone().unwrap_or_default();
    let pooled = match pooling {
        Pooling::First => "the first token's state",
        Pooling::Last => "the last token's state",
        Pooling::Mean => "the mean of all tokens' states",
    };
    let length = if normalise { ", scaled to length 1" } else { "" };
    let memory = info.memory.weights + info.memory.kv + info.memory.scratch;
    let runs_on = if info.backend == Backend::Webgpu { "WebGPU" } else { "CPU" };
    let size = format!(
        "{} parameters, {}; takes {} on the {runs_on}",
        words::count(info.parameters),
        info.quantization,
        words::bytes(memory)
    );
    view! {
        <div data-testid="encoder">
            <p class="panel__line">"Responses are compared by"</p>
            <p class="panel__lead"><bdi>{info.name.clone()}</bdi></p>
            <dl class="facts">
                <dt>"Size"</dt>
                <dd>{size}</dd>
                <dt>"A vector is"</dt>
                <dd>
                    <span data-testid="pooling" data-pooling=pooling.as_str()>{pooled}{length}</span>
                    <span class="facts__why">{format!("from {source}")}</span>
                </dd>
                {(!prefix.is_empty())
                    .then(|| view! { <dt>"Before a text"</dt><dd><code><bdi>{prefix}</bdi></code></dd> })}
                <dt>"Longest text"</dt>
                <dd>{words::plural(max_tokens as usize, "token", "tokens")}</dd>
                <dt>"Made for"</dt>
                <dd>{similarity}</dd>
            </dl>
            <button
                type="button"
                class="button button--quiet"
                data-testid="remove-encoder"
                disabled=page.is_busy
                on:click=move |_| spawn_local(model::remove_encoder(page))
            >
                "Remove the encoder"
            </button>
        </div>
    }
}
