//! Asking the model about the session: likelihoods of its responses, translations, states.
//!
//! One request holds a few prompts, so that no message is large, Cancel is quick and what has come stays. Rows that are
//! there already are not asked for again.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{
    super::{
        client::{self, JobEvent},
        state::{Activity, Place, Workbench},
        words,
    },
    keep, method, model,
};
use crate::{
    browser::clock,
    curation::{NeedCounter, merge_measurements},
    data::{MeasureKind, Measurements, Session},
    protocol::{Answer, Fault, FaultCode, MeasureOutcome, MeasureRequest, ModelRequest, Progress, Stage},
};

/// Responses in one request, or prompts where no response is asked about; roughly.
const TEXTS_AT_ONCE: usize = 256;

/// Prompts of one request, and the texts that the model reads or writes for each need.
struct Part {
    needs: Vec<MeasureKind>,
    prompts: Vec<usize>,
    n_texts: usize,
}

/// Asks for what is missing of these needs.
pub async fn ask(page: Workbench, needs: Vec<MeasureKind>) {
    if page.is_busy.get_untracked() {
        return;
    }
    page.clear_fault(Place::Ask);
    let Some(parts) =
        page.desk.with_untracked(|desk| desk.as_ref().map(|desk| parts(desk.session(), &needs)))
    else {
        return;
    };
    if parts.is_empty() || !has_model(page).await {
        return;
    }
    page.status.set("Asking the model about the responses.".to_owned());
    page.ask_problems.set(Vec::new());
    let total: usize = parts.iter().map(|part| part.n_texts).sum();
    let start = clock::now_ms();
    let created = keep::created(page);
    let (mut said, mut translated) = (Measurements::default(), Vec::new());
    let mut done = 0;
    let mut has_stopped = false;
    for part in parts {
        let n_texts = part.n_texts;
        let scale = Scale { start, done: done as f64, part: n_texts as f64, total: total as f64 };
        let outcome = ask_part(page, part, scale).await;
        has_stopped = outcome.as_ref().is_none_or(|outcome| outcome.cancelled);
        if let Some(outcome) = outcome {
            merge_measurements(&mut said, outcome.measurements);
            translated.extend(outcome.translated);
            page.ask_problems.update(|problems| problems.extend(outcome.problems));
        }
        if has_stopped {
            break;
        }
        done += n_texts;
    }
    let ending =
        if has_stopped { "Stopped. What the model said so far is kept." } else { "The model was asked." };
    page.status.set(ending.to_owned());
    // Another session may have been opened meanwhile.
    if keep::created(page) != created {
        return;
    }
    page.desk.update(|desk| {
        if let Some(desk) = desk {
            desk.take_measurements(said, translated);
        }
    });
    keep::session_changed(page);
    method::pick_again_if_it_needs(page, &needs).await;
}

/// How far the whole is, from how far a part is.
#[derive(Clone, Copy)]
struct Scale {
    /// When it began, in milliseconds.
    start: f64,
    /// Texts before this part.
    done: f64,
    /// Texts of this part.
    part: f64,
    /// Texts of all.
    total: f64,
}

impl Scale {
    fn progress(self, part: &Progress) -> Progress {
        let share = words::share(part).unwrap_or_default();
        let done = (self.done + share * self.part).min(self.total);
        let elapsed_secs = (clock::now_ms() - self.start) / 1e3;
        let remaining_secs = (done > 0.0).then(|| elapsed_secs * (self.total - done) / done);
        Progress { stage: Stage::Ask, done: done.floor(), total: self.total, remaining_secs, ..*part }
    }
}

/// Asks about the prompts of one part; `None` where that failed.
async fn ask_part(page: Workbench, part: Part, scale: Scale) -> Option<MeasureOutcome> {
    let request =
        page.desk.with_untracked(|desk| desk.as_ref().map(|desk| request(desk.session(), &part)))?;
    page.progress.set(scale.progress(&Progress::default()));
    let on_event = move |event| {
        if let JobEvent::Progress(progress) = event {
            page.progress.set(scale.progress(&progress));
        }
    };
    match page.job(Activity::Asking, ModelRequest::Measure(Box::new(request)).into(), None, on_event).await {
        Ok(Answer::Measured(mut outcome)) => {
            // Cancel may have come when this part was done already.
            outcome.cancelled |= page.active.get_untracked().is_cancelling;
            Some(*outcome)
        }
        other => {
            page.fail(Place::Ask, client::fault_of(other));
            None
        }
    }
}

/// The prompts that still lack something, a few at a time.
fn parts(session: &Session, needs: &[MeasureKind]) -> Vec<Part> {
    let counter = NeedCounter::new(session);
    let mut open: BTreeMap<usize, (Vec<MeasureKind>, usize)> = BTreeMap::new();
    for need in needs {
        for (prompt, n_texts) in counter.missing(*need).prompts {
            let (needs, sum) = open.entry(prompt).or_default();
            needs.push(*need);
            *sum += n_texts;
        }
    }
    let is_of_prompts = needs.iter().all(|need| need.is_of_prompts());
    let per_text = if is_of_prompts { 1 } else { session.config.n as usize };
    let at_once = TEXTS_AT_ONCE.div_ceil((session.config.languages.len() * per_text).max(1));
    let mut parts: Vec<Part> = Vec::new();
    for (prompt, (needs, n_texts)) in open {
        match parts.last_mut() {
            Some(part) if part.needs == needs && part.prompts.len() < at_once => {
                part.prompts.push(prompt);
                part.n_texts += n_texts;
            }
            _ => parts.push(Part { needs, prompts: vec![prompt], n_texts }),
        }
    }
    parts
}

fn request(session: &Session, part: &Part) -> MeasureRequest {
    let prompts: Vec<_> = part.prompts.iter().filter_map(|at| session.prompts.get(*at).cloned()).collect();
    let is_of_prompts = part.needs.iter().all(|need| need.is_of_prompts());
    let is_asked = |id: &str| !is_of_prompts && prompts.iter().any(|prompt| prompt.id == id);
    let responses =
        session.responses.iter().filter(|response| is_asked(&response.prompt_id)).cloned().collect();
    MeasureRequest {
        kinds: part.needs.clone(),
        layers: Vec::new(),
        prompts,
        responses,
        config: session.config.clone(),
        model: Some(session.model.clone()),
    }
}

/// A model is loaded, or the one loaded last, else the teaching model, is loaded now. One that was not asked for by the
/// person must be the session's own.
pub async fn has_model(page: Workbench) -> bool {
    if page.models.with_untracked(|models| models.generator.is_some()) {
        return true;
    }
    if !model::load_again(page).await {
        return false;
    }
    match untrack(|| other_model(page)) {
        None => true,
        Some(name) => {
            let message =
                format!("open {name} on the Pairs screen first: that model wrote the session's responses");
            page.fail(Place::Ask, Fault::new(FaultCode::NoModel, message));
            false
        }
    }
}

/// The session's model, where another one is loaded; tracked.
pub fn other_model(page: Workbench) -> Option<String> {
    page.models.with(|models| models.generator.as_ref().map(|_| ()))?;
    page.desk.with(|desk| {
        let model = &desk.as_ref()?.session().model;
        let is_loaded = page.models.with(|models| models.has_model_of(model));
        (!is_loaded).then(|| words::model(model))
    })
}
