//! The model: what is loaded, what runs it and why, and how to open another.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::{
            actions::model,
            state::{Place, Workbench},
            words,
        },
        fault_note::FaultNote,
        notices::WebgpuNotice,
    },
    encoder_facts::EncoderFacts,
    hand_off::HandOff,
    memory_bar::MemoryBar,
    model_shelf::ModelShelf,
    room_fields::RoomFields,
    server_panel::ServerPanel,
    template_field::TemplateFields,
};
use crate::protocol::{Backend, BackendChoice, ModelInfo, TemplateChoice};
use crate::server::model_name;

/// What is loaded, and how to open another.
#[component]
pub fn ModelPanel() -> impl IntoView {
    let page = Workbench::here();
    let info = Memo::new(move |_| page.models.with(|models| models.generator.clone()));
    let encoder = Memo::new(move |_| page.models.with(|models| models.encoder.clone()));
    view! {
        <section class="panel" aria-labelledby="model-title">
            <h2 id="model-title">"Model"</h2>
            <WebgpuNotice />
            {move || page.server.get().map(|server| view! {
                <p class="panel__lead" data-testid="server-in-use">
                    "The server at " <bdi>{server.base}</bdi> " makes the responses, with " <bdi>{model_name(&server.model).to_owned()}</bdi> "."
                </p>
            })}
            {move || match info.get() {
                Some(info) => view! { <ModelFacts info /> }.into_any(),
                None => view! {
                    <p class="panel__line" data-testid="backend-label">
                        "The teaching model comes with the page: 8 languages, word problems, a few megabytes. "
                        "It loads when you build."
                    </p>
                }.into_any(),
            }}
            {move || {
                let info = info.get().filter(|info| !has_usual_template(info));
                info.map(|info| view! { <TemplateFields info /> })
            }}
            {move || encoder.get().map(|info| view! { <EncoderFacts info /> })}
            <FaultNote place=Place::Model />
            <details class="more">
                <summary>"Change the model, or what runs it"</summary>
                <div class="more__body">
                    <BackendField />
                    {move || {
                        let info = info.get().filter(has_usual_template);
                        info.map(|info| view! { <TemplateFields info /> })
                    }}
                    <RoomFields />
                    <ModelShelf />
                    <ServerPanel />
                    <HandOff />
                </div>
            </details>
        </section>
    }
}

/// Whether the choice of a template need not be in sight: the file has one, and it is used.
fn has_usual_template(info: &ModelInfo) -> bool {
    info.template == Some(TemplateChoice::File) && !info.tells_date
}

/// What models run on.
#[component]
fn BackendField() -> impl IntoView {
    let page = Workbench::here();
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        let choice = BackendChoice::ALL.into_iter().find(|choice| choice.as_str() == value);
        spawn_local(model::run_on(page, choice.unwrap_or_default()));
    };
    let options = BackendChoice::ALL.map(|choice| {
        let words = match choice {
            BackendChoice::Auto => "the faster here",
            BackendChoice::Webgpu => "WebGPU",
            BackendChoice::Cpu => "CPU",
        };
        let is_missing = move || choice == BackendChoice::Webgpu && !model::has_webgpu(page);
        let is_chosen = move || model::backend(page) == choice;
        view! { <option value=choice.as_str() selected=is_chosen disabled=is_missing>{words}</option> }
    });
    view! {
        <p class="panel__line count-line">
            <label for="backend">"Run on"</label>
            <select id="backend" data-testid="backend" class="field__input" disabled=page.is_busy on:change=choose>
                {options}
            </select>
        </p>
    }
}

/// The facts of a loaded model.
#[component]
fn ModelFacts(
    /// The model.
    info: ModelInfo,
) -> impl IntoView {
    let runs_on = match (info.backend, &info.adapter) {
        (Backend::Webgpu, Some(adapter)) if !adapter.is_empty() => format!("WebGPU · {adapter}"),
        (Backend::Webgpu, _) => "WebGPU".to_owned(),
        (Backend::Cpu, _) => "CPU".to_owned(),
    };
    let is_choice = Workbench::here().backend.get_untracked() != BackendChoice::Auto;
    let why = if is_choice { "as chosen".to_owned() } else { backend_words(&info) };
    let size = format!(
        "{} parameters, {}, {}",
        words::count(info.parameters),
        info.quantization,
        words::bytes(info.n_bytes)
    );
    let shape = format!(
        "{} layers of width {}, {} tokens of context, vocabulary {}",
        info.n_layers, info.dim, info.seq_len, info.vocab_size
    );
    view! {
        <p class="panel__lead"><bdi>{info.name.clone()}</bdi></p>
        <dl class="facts">
            <dt>"Runs on"</dt>
            <dd>
                <span data-testid="backend-label" data-backend=info.backend.as_str()>{runs_on}</span>
                <span class="facts__why">{why}</span>
                {info.software.then(|| view! {
                    <span class="facts__why" data-testid="software-adapter">
                        "a software adapter, which runs on the CPU: no real GPU is used"
                    </span>
                })}
            </dd>
            <dt>"Size"</dt>
            <dd>{size}</dd>
            <dt>"Memory"</dt>
            <dd>
                <MemoryBar info=info.clone() />
            </dd>
            <dt>"Shape"</dt>
            <dd>{shape}</dd>
        </dl>
        {info.fallback_reason.clone().map(|reason| view! {
            <div class="note note--warn" role="status" data-testid="fallback-reason">
                <p>
                    <strong>"The CPU runs the model, because the GPU could not. "</strong>
                    {words::sentence(&reason)}
                </p>
            </div>
        })}
        {(!info.notes.is_empty())
            .then(|| {
                let items = info.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
                view! { <ul class="note note--warn" data-testid="model-notes">{items}</ul> }
            })}
    }
}

/// Why this backend runs the model.
fn backend_words(info: &ModelInfo) -> String {
    let (gpu, cpu) = (info.measured.webgpu, info.measured.cpu);
    match (gpu > 0.0, cpu > 0.0) {
        (true, true) => format!("the faster here: WebGPU {}, CPU {}", words::rate(gpu), words::rate(cpu)),
        (false, true) => format!("WebGPU could not be measured here; CPU {}", words::rate(cpu)),
        (true, false) => words::rate(gpu),
        (false, false) if info.fallback_reason.is_some() => "see below".to_owned(),
        (false, false) if info.backend == Backend::Cpu => "there is no WebGPU here".to_owned(),
        (false, false) => String::new(),
    }
}
