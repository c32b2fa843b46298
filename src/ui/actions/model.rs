//! Loading a model.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::super::{
    api,
    client::{self, JobEvent},
    state::{Activity, Engine, Place, Workbench},
};
use crate::protocol::{Answer, Fault, FaultCode, LoadRequest, ModelSource, Progress, Request};

/// Loads a model for answering prompts; `true` when it is ready. One thing at a time: refused while a job runs.
pub async fn load(page: Workbench, source: ModelSource, file: Option<JsValue>) -> bool {
    if page.engine.with_untracked(|engine| engine.activity != Activity::Idle) {
        return false;
    }
    page.clear_fault(Place::Model);
    page.progress.set(Progress::default());
    page.status.set("Loading the model.".to_owned());
    let request = LoadRequest { source: source.clone(), ..default_load() };
    let job = client::run(Request::LoadModel(request), file, move |event| {
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
    match answer {
        Ok(Answer::Loaded(info)) => {
            page.status.set(format!("{} is ready.", info.name));
            page.engine.update(|engine| {
                engine.model = Some(*info);
                engine.source = Some(source);
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
    }
}

/// The teaching model, which ships with the page.
pub fn teaching() -> ModelSource {
    api::teaching_model_source()
}

/// Stops the running job; its answer still comes.
pub fn cancel(page: Workbench) {
    if let Some(job) = page.engine.with_untracked(|engine| engine.job) {
        client::cancel(job);
        page.engine.update(|engine| engine.is_cancelling = true);
        page.status.set("Stopping after this step.".to_owned());
    }
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
}

/// A worker that answers something else than it was asked.
pub fn unexpected() -> Fault {
    Fault::new(FaultCode::Internal, "the worker gave an answer to another question; reload the page")
}

fn default_load() -> LoadRequest {
    LoadRequest {
        source: ModelSource::File { name: String::new() },
        role: crate::protocol::Role::Generator,
        backend: crate::protocol::BackendChoice::Auto,
    }
}
