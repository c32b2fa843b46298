//! Loading a model.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{
    super::{
        client::{self, JobEvent},
        model_source,
        state::{Activity, Engine, Place, Room, Workbench},
    },
    shelf,
};
use crate::{
    browser::preferences,
    protocol::{
        Answer, Backend, BackendChoice, Fault, FaultCode, LoadRequest, MemoryReport, ModelRequest,
        ModelSource, Progress, Request, Role, TemplateChoice,
    },
};

/// The name that the choice is kept under.
const BACKEND: &str = "backend";

/// Loads a model to answer prompts or to embed responses; `true` when it is ready. One thing at a time: refused while a job
/// runs.
pub async fn load(page: Workbench, role: Role, source: ModelSource, files: Option<JsValue>) -> bool {
    // What was picked for a model holds for it alone.
    let is_same = |engine: &Engine| role == Role::Generator && engine.source.as_ref() == Some(&source);
    let picked = page.engine.with_untracked(|engine| is_same(engine).then_some(engine.template));
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
    if page.engine.with_untracked(|engine| engine.activity != Activity::Idle) {
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
    let job = client::run(request.into(), files.clone(), move |event| {
        if let JobEvent::Progress(progress) = event {
            page.progress.set(progress);
        }
    });
    page.engine.update(|engine| {
        engine.activity = Activity::Loading;
        engine.job = Some(job.id);
        engine.is_cancelling = false;
    });
    let answer = job.answer.await;
    page.engine.update(|engine| {
        engine.activity = Activity::Idle;
        engine.job = None;
        engine.is_cancelling = false;
    });
    let is_by_address = matches!(source, ModelSource::Url { .. });
    let is_loaded = match answer {
        Ok(Answer::Loaded(info)) if role == Role::Encoder => {
            page.status.set(format!("{} will compare the responses.", info.name));
            page.engine.update(|engine| engine.encoder = Some(*info));
            true
        }
        Ok(Answer::Loaded(info)) => {
            page.status.set(format!("{} is ready.", info.name));
            page.opened_files.set_value(files);
            page.engine.update(|engine| {
                engine.model = Some(*info);
                engine.source = Some(source);
                engine.template = template;
            });
            true
        }
        Ok(_) => {
            page.fail(Place::Model, unexpected());
            false
        }
        Err(fault) => {
            forget_lost_model(page, &fault);
            page.fail(Place::Model, fault);
            false
        }
    };
    // Whether it came or not, what is on this device may be more or less now.
    if is_by_address {
        shelf::look(page).await;
    }
    is_loaded
}

/// Gives up the encoder: from now on the generator's own states compare the responses.
pub async fn remove_encoder(page: Workbench) {
    let request = Request::Unload { role: Role::Encoder };
    match client::run(request, None, |_event| {}).answer.await {
        Ok(_) => {
            page.engine.update(|engine| engine.encoder = None);
            page.status.set("The generator's own states compare the responses.".to_owned());
        }
        Err(fault) => page.fail(Place::Model, fault),
    }
}

/// Asks the loaded model with another chat template from now on.
pub async fn pick_template(page: Workbench, template: TemplateChoice) {
    if page.engine.with_untracked(|engine| engine.activity != Activity::Idle) {
        return;
    }
    page.clear_fault(Place::Model);
    match client::run(ModelRequest::PickTemplate { template }.into(), None, |_event| {}).answer.await {
        Ok(Answer::Loaded(info)) => {
            page.status.set(format!("{} now uses another chat template.", info.name));
            page.engine.update(|engine| {
                engine.model = Some(*info);
                engine.template = template;
            });
        }
        Ok(_) => page.fail(Place::Model, unexpected()),
        Err(fault) => {
            forget_lost_model(page, &fault);
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
    page.engine.with(|engine| {
        engine.environment.as_ref().is_none_or(|environment| environment.backend == Backend::Webgpu)
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
    if page.engine.with_untracked(|engine| engine.model.is_some()) {
        load_again(page).await;
    }
}

/// Loads the model that was loaded last, else the teaching model.
pub async fn load_again(page: Workbench) -> bool {
    let source = page.engine.with_untracked(|engine| engine.source.clone());
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

/// Stops the running job; its answer still comes.
pub fn cancel(page: Workbench) {
    if let Some(job) = page.engine.with_untracked(|engine| engine.job) {
        client::cancel(job);
        page.engine.update(|engine| engine.is_cancelling = true);
        page.status.set("Stopping after this step.".to_owned());
    }
}

/// The loaded model takes more or less memory now.
pub fn set_memory(page: Workbench, memory: MemoryReport) {
    page.engine.update(|engine| {
        if let Some(info) = &mut engine.model {
            info.memory = memory;
        }
    });
}

/// After a fault that took the model away, the page must not show it as loaded.
pub fn forget_lost_model(page: Workbench, fault: &Fault) {
    let is_lost = matches!(
        fault.code,
        FaultCode::DeviceLost | FaultCode::NoModel | FaultCode::OutOfMemory | FaultCode::Internal
    );
    if is_lost {
        page.engine.update(|engine: &mut Engine| engine.model = None);
    }
    // The encoder was on the same device.
    if fault.code == FaultCode::DeviceLost {
        page.engine.update(|engine| engine.encoder = None);
    }
}

/// A worker that answers something else than it was asked.
pub fn unexpected() -> Fault {
    Fault::new(FaultCode::Internal, "the worker answered another request; reload the page")
}
