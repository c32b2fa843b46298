//! The page's one job: started, listened to, awaited and cleared away in one place, however it ends.
//!
//! A script's jobs (`api::job`) are its own: it may run several, and the page shows none of them.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{
    client::{self, JobEvent},
    state::{ActiveJob, Activity, Workbench},
    words,
};
use crate::protocol::{Answer, Fault, Request};

impl Workbench {
    /// Runs a request as the page's job; whoever calls has seen that none is under way. `files` go with it, as in
    /// [`client::run`]. What becomes of the models is noted here, and what interrupted the job is said; other
    /// events are the caller's.
    ///
    /// # Errors
    /// What the worker says, or that it died. If the model is gone with it, the page no longer shows it as loaded.
    pub async fn job(
        self,
        activity: Activity,
        request: Request,
        files: Option<JsValue>,
        on_event: impl Fn(JobEvent) + 'static,
    ) -> Result<Answer, Fault> {
        let job = client::run(request, files, move |event| match event {
            JobEvent::Memory(memory) => self.models.update(|models| models.set_memory(memory)),
            JobEvent::Restored(role, info) => self.models.update(|models| models.set_info(role, *info)),
            event => {
                if let JobEvent::Interrupted(interruption) = &event {
                    let said =
                        self.progress.with_untracked(|progress| words::interrupted(interruption, progress));
                    self.status.set(said.clone());
                    self.interrupted.set(Some(said));
                }
                on_event(event);
            }
        });
        self.active.set(ActiveJob { activity, id: Some(job.id), is_cancelling: false });
        let answer = job.answer.await;
        // Whether it was asked to stop is still told: the answer may have been under way already.
        self.active.update(|active| (active.activity, active.id) = (Activity::Idle, None));
        self.interrupted.set(None);
        if let Err(fault) = &answer {
            self.models.update(|models| models.forget_lost(fault));
        }
        answer
    }

    /// Asks the job to stop; its answer still comes.
    pub fn cancel(self) {
        let id = self.active.get_untracked().id;
        let stop = self.stop.get_value();
        id.inspect(|id| client::cancel(*id));
        // Not heard where the run has just ended.
        let _sent = stop.as_ref().map(|stop| stop.unbounded_send(None));
        if id.is_some() || stop.is_some() {
            self.active.update(|active| active.is_cancelling = true);
            self.status.set("Stopping after this step.".to_owned());
        }
    }
}
