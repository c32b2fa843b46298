//! A run under way as a book: its request is the head, finished responses are its log.

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::{
    super::super::state::{KeptModel, Server, Unfinished, Workbench},
    loops::{self, Body, Held, keeper, lock_of, meta, pump, text_file},
};
use crate::{
    browser::{preferences, tabs},
    data::{self, Response, from_json},
    journal::{Entry, Kind, UnderWay},
    protocol::BuildRequest,
};

/// A run as its head has it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptRun {
    pub request: BuildRequest,
    pub model: KeptModel,
    #[serde(default)]
    pub encoder: Option<KeptModel>,
}

/// Where a tab remembers, through a reload, that a run is under way in it.
const UNDER_WAY: &str = "run";

/// Stores a run before it begins, in the place of an interrupted one. `by` is the server that it is on.
pub fn begin_run(page: Workbench, request: &BuildRequest, by: Option<&Server>) {
    let run = kept_run(page, request.clone(), by);
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
    run_begins(page);
    spawn_local(async move {
        tabs::hold(&lock_of(&id)).await;
        pump(page);
    });
}

/// The run has ended, in the session on the desk, and goes once that is stored: with a full disk it is all there is.
pub fn run_is_done(page: Workbench) {
    preferences::set_for_tab(UNDER_WAY, "");
    keeper(|keeper| {
        if let (Some(run), Some(desk)) = (keeper.run.take(), &keeper.desk) {
            keeper.journal.takes_place_of(desk, &run);
        }
    });
    pump(page);
}

/// Forgets the run: the person does not want it.
pub fn end_run(page: Workbench) {
    preferences::set_for_tab(UNDER_WAY, "");
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
pub fn offer_unfinished(
    page: Workbench,
    request: BuildRequest,
    by: Option<&Server>,
    finished: Vec<Response>,
) {
    preferences::set_for_tab(UNDER_WAY, "");
    offer(page, kept_run(page, request, by), finished);
}

fn kept_run(page: Workbench, request: BuildRequest, by: Option<&Server>) -> KeptRun {
    let (mut model, encoder) = page.models.with_untracked(|models| (models.kept(), models.kept_encoder()));
    if let Some(Server { base, model: name, .. }) = by {
        model = KeptModel { name: name.clone(), server: Some(base.clone()), ..KeptModel::default() };
    }
    KeptRun { request, model, encoder }
}

/// The kept run is under way from now on, here.
pub fn run_begins(page: Workbench) {
    let went_on_at = page.interrupted.with_untracked(Option::is_some).then(loops::now);
    if let Some(id) = keeper(|keeper| keeper.run.clone())
        && let Ok(text) = serde_json::to_string(&UnderWay { id, went_on_at })
    {
        preferences::set_for_tab(UNDER_WAY, &text);
    }
}

/// Whether a run that a reload cut short goes on by itself. `worked_at` is when its last response was stored.
pub(super) fn goes_on_alone(id: &str, worked_at: Option<u64>) -> bool {
    let mark = preferences::get_for_tab(UNDER_WAY).and_then(|text| from_json(&text).ok());
    mark.is_some_and(|mark: UnderWay| mark.goes_on_alone(id, worked_at, loops::now()))
}

/// Offers to go on with a run.
pub(super) fn offer(page: Workbench, run: KeptRun, mut finished: Vec<Response>) {
    let KeptRun { mut request, model, encoder } = run;
    let mut known = std::collections::HashSet::new();
    finished.retain(|r| known.insert((r.prompt_id.clone(), r.language.clone(), r.sample)));
    let texts = |languages: &[data::Language], prompt: &data::Prompt| {
        languages.iter().filter(|language| prompt.text.contains_key(*language)).count()
    };
    let n_texts: usize = request.prompts.iter().map(|prompt| texts(&request.config.languages, prompt)).sum();
    let n_responses = n_texts * request.config.n as usize;
    request.finished = finished;
    page.run.update(|run| run.unfinished = Some(Unfinished { request, model, encoder, n_responses }));
}
