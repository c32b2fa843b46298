//! Taking the model's states of the session's prompts: once in the chat template, once as bare text.

use leptos::prelude::*;

use super::{
    super::{
        client::{self, JobEvent},
        state::{Activity, Place, Workbench},
        words,
    },
    ask, keep, model,
};
use crate::{
    curation::represent,
    protocol::{Answer, MeasureKind, MeasureRequest, Progress, Request},
};

/// What the screen shows both of.
const KINDS: [MeasureKind; 2] = [MeasureKind::Chat, MeasureKind::Plain];

/// Takes the states after every layer into the session.
pub async fn measure(page: Workbench) {
    if page.engine.with_untracked(|engine| engine.activity != Activity::Idle) {
        return;
    }
    page.clear_fault(Place::Ask);
    if !ask::has_model(page).await {
        return;
    }
    let Some(session) = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared())) else {
        return;
    };
    let request = MeasureRequest {
        kinds: KINDS.to_vec(),
        layers: Vec::new(),
        prompts: session.prompts.clone(),
        responses: Vec::new(),
        config: session.config.clone(),
        model: Some(session.model.clone()),
    };
    let record = page.record.get_untracked();
    drop(session);
    page.progress.set(Progress::default());
    page.status.set("Measuring the prompts' states.".to_owned());
    let job = client::run(Request::Measure(Box::new(request)), None, move |event| {
        if let JobEvent::Progress(progress) = event {
            page.progress.set(progress);
        }
    });
    page.engine.update(|engine| {
        engine.activity = Activity::Asking;
        engine.job = Some(job.id);
        engine.is_cancelling = false;
        engine.ask_problems = Vec::new();
    });
    let answer = job.answer.await;
    page.engine.update(|engine| {
        engine.activity = Activity::Idle;
        engine.job = None;
        engine.is_cancelling = false;
    });
    match answer {
        Ok(Answer::Measured(outcome)) => {
            page.engine.update(|engine| engine.ask_problems = outcome.problems.clone());
            // Another session may have been opened meanwhile, and half of the states would be compared with nothing.
            if outcome.cancelled || page.record.get_untracked() != record {
                return page.status.set("Stopped. Nothing was taken into the session.".to_owned());
            }
            page.desk.update(|desk| {
                if let Some(desk) = desk {
                    desk.take_measurements(outcome.measurements, outcome.translated);
                }
            });
            page.status.set("Done. The states are in the session.".to_owned());
            keep::new_session(page);
        }
        Ok(_) => page.fail(Place::Ask, model::unexpected()),
        Err(fault) => {
            model::forget_lost_model(page, &fault);
            page.fail(Place::Ask, fault);
        }
    }
}

/// How large the states get in the session's file, in words; nothing until a model is loaded. Tracked.
pub fn size_words(page: Workbench) -> Option<String> {
    let (n_layers, dim) =
        page.engine.with(|engine| engine.model.as_ref().map(|model| (model.n_layers, model.dim)))?;
    let n_texts = page.desk.with(|desk| {
        let session = desk.as_ref()?.session();
        let languages = &session.config.languages;
        let of_prompt = |prompt: &crate::data::Prompt| {
            languages.iter().filter(|language| prompt.text.contains_key(*language)).count()
        };
        Some(session.prompts.iter().map(of_prompt).sum::<usize>())
    })?;
    let n_bytes = represent::file_bytes(n_texts, n_layers, dim, KINDS.len());
    Some(format!(
        "{} × {} states of {dim} numbers, read in two ways: about {} in the session's file.",
        words::plural(n_texts, "text", "texts"),
        n_layers + 1,
        words::bytes(n_bytes)
    ))
}
