//! Building pairs: start, go on after a cut, end.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use leptos::prelude::*;

use super::{
    super::{
        client::{self, JobEvent},
        state::{Activity, Focus, KeptModel, Place, Server, Sheet, Unfinished, Workbench},
        words,
    },
    keep, model, pick, server,
};
use crate::{
    browser::clock,
    curation::{LiveGrid, cut, cut_count, longer_limit, story},
    data::{Response, check_run},
    protocol::{
        Answer, BuildOutcome, BuildRequest, Fault, FaultCode, ModelRequest, Progress, Role, TokenUpdate,
    },
    server::model_name,
};

/// What came since the last frame: applied to the grid once per frame, so that a fast model cannot flood the page.
#[derive(Default)]
struct Frame {
    finished: Vec<Response>,
    updates: Vec<TokenUpdate>,
    progress: Option<Progress>,
    is_scheduled: bool,
}

/// Builds pairs from the setup; asks first when that would replace decisions that no file holds.
pub async fn build(page: Workbench) {
    let is_ready = page.setup.with_untracked(|setup| setup.blockers().is_empty());
    if !is_ready || page.is_busy.get_untracked() {
        return;
    }
    let has_agreed = page.run.with_untracked(|run| run.asks_to_replace);
    if at_stake(page).is_some() && !has_agreed {
        page.run.update(|run| run.asks_to_replace = true);
        return;
    }
    page.run.update(|run| run.asks_to_replace = false);
    let request = page.setup.with_untracked(|setup| BuildRequest {
        prompts: setup.prompts().to_vec(),
        config: setup.config().clone(),
        finished: Vec::new(),
        finished_by: None,
        created: clock::iso_now(),
    });
    let by = page.server.get_untracked();
    if by.is_some() || has_model(page).await {
        keep::begin_run(page, &request, by.as_ref());
        run(page, request, Of::New, by).await;
    }
}

/// Makes the session's cut responses again with twice their limit; all else stays. The session's own model has to be loaded.
pub async fn rerun_cut(page: Workbench) {
    if page.is_busy.get_untracked() {
        return;
    }
    let request = page.desk.with_untracked(|desk| {
        let session = desk.as_ref()?.session();
        let (finished, config) = cut::again(session, longer_limit(session));
        let request = BuildRequest {
            prompts: session.prompts.clone(),
            config,
            finished,
            finished_by: Some(session.model.clone()),
            created: session.created.clone(),
        };
        Some((request, session.model.clone()))
    });
    let Some((request, made_with)) = request else { return };
    let by = page.server.get_untracked().filter(|server| model_name(&server.model) == made_with.name);
    if by.is_none() && page.models.with_untracked(|models| !models.has_model_of(&made_with)) {
        let message = format!(
            "open {} first: these responses were made with it; then run the cut ones again",
            words::model(&made_with)
        );
        page.fail(Place::Results, Fault::new(FaultCode::NoModel, message));
        return;
    }
    page.clear_fault(Place::Results);
    run(page, request, Of::Cut, by).await;
}

/// What a run is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// A session of its own.
    New,
    /// The cut responses of the session on the desk, which stays as it is until they are there.
    Cut,
}

/// Goes on with a run that a reload of this tab cut short, where that needs nobody: its models are on this device.
pub async fn resume_alone(page: Workbench) {
    let unfinished = page.run.with_untracked(|run| run.unfinished.clone().filter(|_| run.goes_on_alone));
    page.run.update(|run| run.goes_on_alone = false);
    let Some(unfinished) = unfinished else { return };
    if !model::are_here(page, &unfinished).await || page.is_busy.get_untracked() {
        return;
    }
    let kept = words::kept_of(unfinished.request.finished.len(), unfinished.n_responses);
    page.interrupted.set(Some(format!("Going on with the run that was interrupted{kept}.")));
    resume(page, unfinished).await;
    page.interrupted.set(None);
}

/// Goes on with a run that was cut short, from the responses that were saved.
pub async fn resume(page: Workbench, unfinished: Unfinished) {
    let said = page.interrupted.get_untracked();
    let KeptModel { template, .. } = unfinished.model;
    let by = page.server.get_untracked();
    let by = by.filter(|server| unfinished.model.server.as_ref() == Some(&server.base));
    if !has_models_of(page, &unfinished).await {
        return;
    }
    if by.is_none() && page.models.with_untracked(|models| models.template != template) {
        model::pick_template(page, template).await;
    }
    page.interrupted.set(said);
    keep::run_begins(page);
    page.setup.update(|setup| {
        setup.set_session(unfinished.request.prompts.clone(), unfinished.request.config.clone());
    });
    run(page, unfinished.request, Of::New, by).await;
}

/// The models that a run was made with are loaded, now or already.
async fn has_models_of(page: Workbench, unfinished: &Unfinished) -> bool {
    let KeptModel { name, server: address, .. } = &unfinished.model;
    if let Some(address) = address {
        let is_there = page.server.with_untracked(|server| {
            server.as_ref().is_some_and(|server| (&server.base, &server.model) == (address, name))
        });
        if !is_there {
            let message = format!(
                "use the server {address} with the model {} first: this run is on it; then go on",
                model_name(name)
            );
            page.fail(Place::Run, Fault::new(FaultCode::NoModel, message));
        }
        return is_there;
    }
    let is_loaded = |role: Role, kept: &KeptModel| {
        page.models.with_untracked(|models| models.of(role).is_some_and(|model| model.sha256 == kept.sha256))
    };
    let encoder = unfinished.encoder.as_ref().map(|encoder| (Role::Encoder, encoder));
    for (role, kept) in encoder.into_iter().chain([(Role::Generator, &unfinished.model)]) {
        if is_loaded(role, kept) {
            continue;
        }
        let source = kept.source.clone();
        let is_there = match source {
            Some(source) => {
                if !model::load_with(page, role, source, None, kept.template).await {
                    return false;
                }
                is_loaded(role, kept)
            }
            None => false,
        };
        if !is_there {
            let message = format!("open {} first: this run was made with it; then go on", kept.name);
            page.fail(Place::Run, Fault::new(FaultCode::NoModel, message));
            return false;
        }
    }
    true
}

/// Forgets a run that was cut short.
pub fn discard(page: Workbench) {
    page.run.update(|run| run.unfinished = None);
    keep::end_run(page);
}

/// What a new run would lose, in words: decisions that no file holds, or the responses of a run cut short.
pub fn at_stake(page: Workbench) -> Option<String> {
    let n_decisions = keep::n_not_backed_up(page);
    let n_responses = page.run.with_untracked(|run| {
        run.unfinished.as_ref().map_or(0, |unfinished| unfinished.request.finished.len())
    });
    match (n_decisions, n_responses) {
        (0, 0) => None,
        (0, n) => Some(format!(
            "The run that was cut short has made {}.",
            words::plural(n, "response", "responses")
        )),
        (n, _) => {
            Some(format!("{} in no downloaded file.", words::plural(n, "decision is", "decisions are")))
        }
    }
}

async fn has_model(page: Workbench) -> bool {
    page.models.with_untracked(|models| models.generator.is_some())
        || model::load(page, Role::Generator, model::teaching(), None).await
}

/// Runs; `by` is the server that makes the responses, where this page's model does not.
async fn run(page: Workbench, request: BuildRequest, of: Of, by: Option<Server>) {
    let place = if of == Of::Cut { Place::Results } else { Place::Run };
    page.clear_fault(Place::Run);
    if let Some(problem) = check_run(&request.prompts, &request.config).first() {
        return page.fail(place, Fault::new(FaultCode::BadInput, problem.to_string()));
    }
    page.progress.set(Progress::default());
    let mut grid = LiveGrid::new(&request.prompts, &request.config.languages, request.config.n);
    request.finished.iter().for_each(|response| grid.finish(response));
    page.live.set(grid);
    page.focus.set(Focus::first(request.config.languages.len()));
    page.status.set("Building pairs.".to_owned());
    let sheet = Arc::new(Sheet::new(&request.prompts, &request.config));
    let again = request.clone();
    let frame = Rc::new(RefCell::new(Frame { finished: request.finished.clone(), ..Frame::default() }));
    let held = Rc::clone(&frame);
    page.run.update(|run| {
        run.sheet = Some(sheet);
        run.unfinished = None;
        run.problems = Vec::new();
    });
    let on_event = move |event| take(page, &held, event, of);
    let answer = match by.clone() {
        Some(by) => server::build(page, by, request, on_event).await,
        None => {
            let request = ModelRequest::Build(Box::new(request)).into();
            page.job(Activity::Building, request, None, on_event).await
        }
    };
    page.run.update(|run| run.sheet = None);
    match answer {
        Ok(Answer::Built(outcome)) if outcome.cancelled && of == Of::Cut => {
            page.status.set("Stopped. The session is unchanged.".to_owned());
        }
        Ok(Answer::Built(outcome)) if outcome.cancelled => stop(page, again, by.as_ref(), *outcome),
        Ok(Answer::Built(outcome)) if of == Of::Cut => put(page, *outcome),
        Ok(Answer::Built(outcome)) => {
            let mut problems = outcome.problems.clone();
            let story = end(page, *outcome).await;
            match by {
                // A server compares nothing. What was said of its run stays, whatever is said of comparing.
                Some(_) => {
                    pick::pick_pairs(page).await;
                    page.run.update(|run| {
                        problems.append(&mut run.problems);
                        run.problems = problems;
                    });
                }
                None => page.status.set(format!("Done. {story}")),
            }
        }
        other => {
            let fault = client::fault_of(other);
            let finished = std::mem::take(&mut frame.borrow_mut().finished);
            match fault.code {
                FaultCode::Cancelled => say_stopped(page, finished.len()),
                _ => page.fail(place, fault),
            }
            if of == Of::New {
                keep::offer_unfinished(page, again, by.as_ref(), finished);
            }
        }
    }
}

/// The person stopped the run: what has finished stays, and the run can go on.
fn stop(page: Workbench, request: BuildRequest, by: Option<&Server>, outcome: BuildOutcome) {
    let mut finished = outcome.session.responses;
    finished.retain(Response::is_candidate);
    say_stopped(page, finished.len());
    page.run.update(|run| run.problems = outcome.problems);
    keep::offer_unfinished(page, request, by, finished);
}

fn say_stopped(page: Workbench, n_kept: usize) {
    page.status.set(format!("Stopped. {} are kept.", words::plural(n_kept, "response", "responses")));
}

/// The session is on the desk; says what came of it.
async fn end(page: Workbench, outcome: BuildOutcome) -> String {
    let story = words::story(&story(&outcome.session));
    page.run.update(|run| run.problems = outcome.problems);
    keep::open_session(page, outcome.session, None, keep::fate_of_old(page)).await;
    keep::run_is_done(page);
    story
}

/// The cut responses are there, longer: they take their places in the session.
fn put(page: Workbench, outcome: BuildOutcome) {
    let time = clock::iso_now();
    let put = page.desk.with_untracked(|desk| {
        let old = desk.as_ref()?.session();
        let note = cut::other_encoder(old, &outcome.session);
        let merged = cut::merged(old, outcome.session, &time);
        let taken_back = merged.events[old.events.len()..].to_vec();
        Some((cut_count(&merged), note, taken_back, merged))
    });
    let Some((count, note, taken_back, merged)) = put else { return };
    page.run.update(|run| {
        run.problems = outcome.problems;
        run.problems.extend(note);
    });
    let max_tokens = merged.config.max_tokens;
    page.setup.update(|setup| setup.change(|config| config.max_tokens = max_tokens));
    keep::events_added(page, taken_back);
    keep::take_session(page, merged);
    page.status.set(match count.n_cut {
        0 => "Done. No response is cut short now.".to_owned(),
        n => format!("Done. {} still cut short.", words::plural(n, "response is", "responses are")),
    });
}

fn take(page: Workbench, frame: &Rc<RefCell<Frame>>, event: JobEvent, of: Of) {
    let mut held = frame.borrow_mut();
    match event {
        JobEvent::Progress(progress) => held.progress = Some(progress),
        // The job has noted it.
        JobEvent::Memory(_) | JobEvent::Restored(..) => return,
        JobEvent::Interrupted(_) => {
            held.updates.clear();
            page.live.update(LiveGrid::interrupt);
            return;
        }
        JobEvent::Tokens(updates) => held.updates.extend(updates),
        JobEvent::Responses(responses) => {
            page.live.update(|grid| responses.iter().for_each(|response| grid.finish(response)));
            held.finished.extend(responses.iter().cloned());
            if of == Of::New {
                keep::keep_responses(page, responses);
            }
            return;
        }
    }
    if !held.is_scheduled {
        held.is_scheduled = true;
        let frame = Rc::clone(frame);
        request_animation_frame(move || show(page, &frame));
    }
}

/// Applies a frame's worth of updates; the page then follows a cell that still runs.
fn show(page: Workbench, frame: &Rc<RefCell<Frame>>) {
    let (updates, progress) = {
        let mut held = frame.borrow_mut();
        held.is_scheduled = false;
        (std::mem::take(&mut held.updates), held.progress.take())
    };
    if let Some(progress) = progress {
        page.progress.set(progress);
    }
    if !updates.is_empty() {
        page.live.update(|grid| {
            for update in updates {
                let at = (update.prompt_id.as_str(), &update.language, update.sample);
                grid.grow(at, &update.reasoning, &update.text, update.n_tokens);
            }
        });
    }
    let focus = page.focus.get_untracked();
    let next = page.live.with_untracked(|grid| {
        if focus.is_chosen || !grid.is_done(focus.cell) { None } else { grid.first_running() }
    });
    if let Some(cell) = next {
        page.focus.update(|focus| focus.cell = cell);
    }
}
