//! Loading a model.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{
    super::{
        client::{self, JobEvent},
        model_source,
        state::{Activity, KeptModel, Models, Place, Room, Unfinished, Workbench},
    },
    shelf,
};
use crate::{
    browser::{picked::Picked, preferences},
    protocol::{
        Answer, Backend, BackendChoice, Fault, FaultCode, LoadRequest, ModelRequest, ModelSource, Progress,
        Request, Role, StoredModel, TemplateChoice,
    },
    shelf::picked,
};

/// The name that the choice is kept under.
const BACKEND: &str = "backend";

/// Loads a model to answer prompts or to embed responses; `true` when it is ready. One thing at a time: refused while a job
/// runs.
pub async fn load(page: Workbench, role: Role, source: ModelSource, files: Option<JsValue>) -> bool {
    // What was picked for a model holds for it alone.
    let is_same = |models: &Models| role == Role::Generator && models.source.as_ref() == Some(&source);
    let picked = page.models.with_untracked(|models| is_same(models).then_some(models.template));
    load_with(page, role, source, files, picked.unwrap_or_default()).await
}

/// The same with a chat template.
pub async fn load_with(
    page: Workbench,
    role: Role,
    source: ModelSource,
    files: Option<JsValue>,
    template: TemplateChoice,
) -> bool {
    if page.is_busy.get_untracked() {
        return false;
    }
    page.clear_fault(Place::Model);
    page.progress.set(Progress::default());
    page.status.set("Loading the model.".to_owned());
    let keep = page.shelf.with_untracked(|shelf| shelf.keeps);
    let backend = untrack(|| backend(page));
    let Room { rows, row_tokens } = page.room.get_untracked();
    let chosen = |number: u32| Some(number).filter(|&number| number > 0);
    let (rows, row_tokens) = (chosen(rows), chosen(row_tokens));
    let request =
        LoadRequest { keep, rows, row_tokens, template, ..LoadRequest::new(source.clone(), role, backend) };
    let on_event = move |event| {
        if let JobEvent::Progress(progress) = event {
            page.progress.set(progress);
        }
    };
    let answer = page.job(Activity::Loading, request.into(), files.clone(), on_event).await;
    let is_by_address = matches!(source, ModelSource::Url { .. });
    let is_loaded = match answer {
        Ok(Answer::Loaded(info)) if role == Role::Encoder => {
            page.status.set(format!("{} will compare the responses.", info.name));
            page.models
                .update(|models| (models.encoder, models.encoder_source) = (Some(*info), Some(source)));
            true
        }
        Ok(Answer::Loaded(info)) => {
            page.status.set(format!("{} is ready.", info.name));
            page.opened_files.set_value(files);
            page.models.update(|models| {
                models.generator = Some(*info);
                models.source = Some(source);
                models.template = template;
            });
            true
        }
        other => {
            page.fail(Place::Model, client::fault_of(other));
            false
        }
    };
    // Whether it came or not, what is on this device may be more or less now.
    if is_by_address {
        shelf::look(page).await;
    }
    is_loaded
}

/// Whether all that a run needs is on this device: the teaching model, or models that are kept whole.
pub async fn are_here(page: Workbench, unfinished: &Unfinished) -> bool {
    shelf::look(page).await;
    let is_kept = |url: &str| {
        page.shelf.with_untracked(|shelf| {
            let is_it = |stored: &StoredModel| stored.address == url && stored.is_complete;
            shelf.stored.as_ref().is_some_and(|stored| stored.iter().any(is_it))
        })
    };
    let is_here = |kept: &KeptModel| match &kept.source {
        Some(ModelSource::Teaching { .. }) => true,
        Some(ModelSource::Url { url, .. }) => is_kept(url),
        Some(ModelSource::File { .. }) | None => false,
    };
    is_here(&unfinished.model) && unfinished.encoder.as_ref().is_none_or(is_here)
}

/// Loads a model from the address field.
pub async fn load_address(page: Workbench, text: String) {
    page.clear_fault(Place::Model);
    match model_source::at(&text, None) {
        Ok(source) => drop(load(page, role(page), source, None).await),
        Err(fault) => page.fail(Place::Model, fault),
    }
}

/// Loads the model among picked or dropped files.
pub async fn load_files(page: Workbench, files: Vec<Picked>) {
    page.clear_fault(Place::Model);
    let names: Vec<String> = files.iter().map(|(path, _)| picked::name_below(path).to_owned()).collect();
    let of_model = picked::of_model(&names);
    if of_model.is_empty() {
        let first = names.first().map_or("the folder", String::as_str);
        let message = format!("{first} is not a GGUF file: a model here is a file whose name ends in .gguf");
        return page.fail(Place::Model, Fault::new(FaultCode::BadInput, message));
    }
    let blobs: Array = of_model.iter().map(|&idx| JsValue::from(files[idx].1.clone())).collect();
    let names = of_model.into_iter().map(|idx| names[idx].clone()).collect();
    load(page, role(page), ModelSource::File { names }, Some(blobs.into())).await;
}

/// The role that models are opened for.
fn role(page: Workbench) -> Role {
    page.shelf.with_untracked(|shelf| shelf.role)
}

/// Gives up the encoder: from now on the generator's own states compare the responses.
pub async fn remove_encoder(page: Workbench) {
    let request = Request::Unload { role: Role::Encoder };
    match client::ask(request).await {
        Ok(_) => {
            page.models.update(|models| models.encoder = None);
            page.status.set("The generator's own states compare the responses.".to_owned());
        }
        Err(fault) => page.fail(Place::Model, fault),
    }
}

/// Asks the loaded model with another chat template from now on.
pub async fn pick_template(page: Workbench, template: TemplateChoice) {
    if page.is_busy.get_untracked() {
        return;
    }
    page.clear_fault(Place::Model);
    match client::ask(ModelRequest::PickTemplate { template }.into()).await {
        Ok(Answer::Loaded(info)) => {
            page.status.set(format!("{} now uses another chat template.", info.name));
            page.models.update(|models| {
                models.generator = Some(*info);
                models.template = template;
            });
        }
        other => {
            let fault = client::fault_of(other);
            page.models.update(|models| models.forget_lost(&fault));
            page.fail(Place::Model, fault);
        }
    }
}

/// What the user wants models to run on, as far as this machine has it; tracked.
pub fn backend(page: Workbench) -> BackendChoice {
    match page.backend.get() {
        BackendChoice::Webgpu if !has_webgpu(page) => BackendChoice::Auto,
        choice => choice,
    }
}

/// Whether this machine has WebGPU, as far as is known yet; tracked.
pub fn has_webgpu(page: Workbench) -> bool {
    page.environment.with(|environment| {
        environment.as_ref().is_none_or(|environment| environment.backend == Backend::Webgpu)
    })
}

/// Runs models on something else from now on; a loaded one is loaded again.
pub async fn run_on(page: Workbench, choice: BackendChoice) {
    page.backend.set(choice);
    preferences::set(BACKEND, choice.as_str());
    make_room(page).await;
}

/// Loads the model that is loaded again, with what is chosen now.
pub async fn make_room(page: Workbench) {
    if page.models.with_untracked(|models| models.generator.is_some()) {
        load_again(page).await;
    }
}

/// Loads the model that was loaded last, else the teaching model.
pub async fn load_again(page: Workbench) -> bool {
    let source = page.models.with_untracked(|models| models.source.clone());
    load(page, Role::Generator, source.unwrap_or_else(teaching), page.opened_files.get_value()).await
}

/// What was chosen in this browser before.
pub fn kept_backend() -> BackendChoice {
    let kept = preferences::get(BACKEND).unwrap_or_default();
    BackendChoice::ALL.into_iter().find(|choice| choice.as_str() == kept).unwrap_or_default()
}

/// The teaching model, which ships with the page.
pub fn teaching() -> ModelSource {
    model_source::teaching()
}
