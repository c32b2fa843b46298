//! Missing texts of a prompt set under edit, drafted by the loaded model.
//!
//! One request holds a few hundred texts, so that no message is large. Each draft is put into the set as it comes, so that what
//! has come stays, whatever becomes of the job or the worker.

use std::collections::HashMap;

use leptos::prelude::*;

use super::super::{
    client::{self, JobEvent},
    state::{Activity, Place, Workbench},
    words,
};
use crate::{
    curation::{PromptEdit, Refused},
    data::{FinishReason, Language, Response},
    protocol::{Answer, FaultCode, ModelRequest, Progress, SourceText, Stage, TranslateRequest},
};

/// Texts in one request.
const TEXTS_AT_ONCE: usize = 256;

/// What has come of drafting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafted {
    /// Drafts that were put into the set.
    pub n_made: usize,
    /// Replies without a text.
    n_empty: usize,
    /// Replies that were the source again.
    n_same: usize,
    /// Replies that were cut off.
    n_cut: usize,
    /// Drafts that seem to be in another language than they were asked for in.
    n_foreign: usize,
    /// What the model could not be asked, in sentences.
    pub problems: Vec<String>,
    /// Whether it is over, and whether it was stopped before all was asked.
    is_over: bool,
    is_stopped: bool,
}

impl Drafted {
    fn take(&mut self, outcome: Result<bool, Refused>, is_foreign: bool) {
        match outcome {
            Ok(is_put) => {
                self.n_made += usize::from(is_put);
                self.n_foreign += usize::from(is_put && is_foreign);
            }
            Err(Refused::Empty) => self.n_empty += 1,
            Err(Refused::Same) => self.n_same += 1,
        }
    }

    /// All of it in words; nothing before it is over.
    pub fn words(&self) -> String {
        if !self.is_over {
            return String::new();
        }
        let stopped = if self.is_stopped { "Stopped. " } else { "" };
        let mut text = format!("{stopped}{} drafted.", words::plural(self.n_made, "text was", "texts were"));
        if self.n_foreign > 0 {
            text += &format!(
                " {} in another language: read them with care.",
                words::plural(self.n_foreign, "seems to be", "seem to be")
            );
        }
        let refused: Vec<String> =
            [(self.n_empty, "empty"), (self.n_same, "the source again"), (self.n_cut, "cut off")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, what)| format!("{} {what}", words::plural(n, "reply was", "replies were")))
                .collect();
        if !refused.is_empty() {
            text += &format!(
                " {}: no draft was made of them.",
                words::sentence(&refused.join(", ")).trim_end_matches('.')
            );
        }
        text
    }
}

/// Asks the model for every text that is missing and can be translated. Both signals may be gone before it ends.
pub async fn draft(page: Workbench, edit: RwSignal<PromptEdit>, drafted: RwSignal<Drafted>) {
    let model =
        page.models.with_untracked(|models| models.generator.as_ref().map(|model| model.name.clone()));
    let Some(model) = model.filter(|_| !page.is_busy.get_untracked()) else { return };
    page.clear_fault(Place::Drafts);
    let missing = edit.with_untracked(PromptEdit::missing);
    let total = missing.len() as f64;
    page.status.set("Drafting missing texts.".to_owned());
    drafted.set(Drafted::default());
    let mut is_stopped = false;
    for (at, part) in missing.chunks(TEXTS_AT_ONCE).enumerate() {
        let done = (at * TEXTS_AT_ONCE) as f64;
        let of_all = move |part: &Progress| Progress { done: done + part.done, total, ..*part };
        page.progress.set(of_all(&Progress::of(Stage::Translate, 0.0, 0.0)));
        let Some((texts, keys)) = edit.try_with_untracked(|edit| sources(edit, part)) else { return };
        let date = page.setup.with_untracked(|setup| setup.config().date);
        let request = ModelRequest::Translate(TranslateRequest { texts, date });
        let model = model.clone();
        let on_event = move |event| match event {
            JobEvent::Progress(progress) => page.progress.set(of_all(&progress)),
            JobEvent::Responses(responses) => put(edit, drafted, &keys, &model, &responses),
            _ => {}
        };
        let answer = page.job(Activity::Drafting, request.into(), None, on_event).await;
        // Cancel may have come when this part was done already.
        is_stopped = page.active.get_untracked().is_cancelling;
        match answer {
            Ok(Answer::Translated(problems)) => {
                drafted.try_update(|drafted| drafted.problems.extend(problems));
            }
            other => {
                let fault = client::fault_of(other);
                is_stopped = true;
                if fault.code != FaultCode::Cancelled {
                    page.fail(Place::Drafts, fault);
                }
            }
        }
        if is_stopped {
            break;
        }
    }
    drafted.try_update(|drafted| (drafted.is_over, drafted.is_stopped) = (true, is_stopped));
    if let Some(words) = drafted.try_with_untracked(Drafted::words).filter(|_| !is_stopped) {
        page.status.set(words);
    }
}

/// What is asked for, and the prompts of the set by their ids.
fn sources(edit: &PromptEdit, part: &[(usize, Language)]) -> (Vec<SourceText>, HashMap<String, usize>) {
    let (mut texts, mut keys) = (Vec::new(), HashMap::new());
    for (key, into) in part {
        if let Some((id, from, text)) = edit.source(*key, into) {
            let (prompt_id, from, text) = (id.to_owned(), from.clone(), text.to_owned());
            keys.insert(prompt_id.clone(), *key);
            texts.push(SourceText { prompt_id, from, into: into.clone(), text });
        }
    }
    (texts, keys)
}

/// Puts drafts into the set.
fn put(
    edit: RwSignal<PromptEdit>,
    drafted: RwSignal<Drafted>,
    keys: &HashMap<String, usize>,
    model: &str,
    responses: &[Response],
) {
    for Response { prompt_id, language, text, finish_reason, detected_language, .. } in responses {
        let Some(key) = keys.get(prompt_id) else { continue };
        if *finish_reason == FinishReason::Length {
            drafted.try_update(|drafted| drafted.n_cut += 1);
        } else if let Some(outcome) = edit.try_update(|edit| edit.put_draft(*key, language, text, model)) {
            drafted.try_update(|drafted| {
                drafted.take(outcome, detected_language.as_ref().is_some_and(|found| found != language));
            });
        }
    }
}
