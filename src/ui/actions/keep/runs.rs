//! A run under way as a book: its request is the head, finished responses are its log.

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::{
    super::super::state::{KeptModel, Models, Unfinished, Workbench},
    loops::{self, Body, Held, keeper, lock_of, meta, pump, text_file},
};
use crate::{
    browser::tabs,
    data::{self, Response},
    journal::{Entry, Kind},
    protocol::BuildRequest,
};

/// A run as its head has it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptRun {
    pub request: BuildRequest,
    pub model: KeptModel,
}

/// Stores a run before it begins, in the place of an interrupted one.
pub fn begin_run(page: Workbench, request: &BuildRequest) {
    let run = KeptRun { request: request.clone(), model: page.models.with_untracked(Models::kept) };
    let Ok(text) = serde_json::to_string(&run) else { return };
    let Some(file) = text_file(&text) else { return };
    let request = &run.request;
    let meta = meta(Kind::Run, &request.created, request.prompts.len(), &request.config.languages);
    let id = loops::new_id();
    keeper(|keeper| {
        let old = keeper.run.replace(id.clone());
        keeper.held.insert(id.clone(), Held { body: Body::Given(file), meta });
        keeper.journal.begin(&id, 0, old.into_iter().collect());
    });
    spawn_local(async move {
        tabs::hold(&lock_of(&id)).await;
        pump(page);
    });
}

/// Forgets the run: it has ended, or the person does not want it.
pub fn end_run(page: Workbench) {
    keeper(|keeper| {
        if let Some(id) = keeper.run.take() {
            keeper.journal.forget(&id);
        }
    });
    pump(page);
}

/// Stores responses that have just finished.
pub fn keep_responses(page: Workbench, responses: Vec<Response>) {
    keeper(|keeper| {
        if let Some(id) = keeper.run.clone() {
            keeper.journal.append(&id, Entry::Responses { responses }, loops::now());
        }
    });
    pump(page);
}

/// After a failed run: offers to go on from what has finished.
pub fn offer_unfinished(page: Workbench, request: BuildRequest, finished: Vec<Response>) {
    let model = page.models.with_untracked(Models::kept);
    offer(page, KeptRun { request, model }, finished);
}

/// Offers to go on with a run.
pub(super) fn offer(page: Workbench, run: KeptRun, mut finished: Vec<Response>) {
    let KeptRun { mut request, model } = run;
    let mut known = std::collections::HashSet::new();
    finished.retain(|r| known.insert((r.prompt_id.clone(), r.language.clone(), r.sample)));
    let texts = |languages: &[data::Language], prompt: &data::Prompt| {
        languages.iter().filter(|language| prompt.text.contains_key(*language)).count()
    };
    let n_texts: usize = request.prompts.iter().map(|prompt| texts(&request.config.languages, prompt)).sum();
    let n_responses = n_texts * request.config.n as usize;
    request.finished = finished;
    page.run.update(|run| run.unfinished = Some(Unfinished { request, model, n_responses }));
}
