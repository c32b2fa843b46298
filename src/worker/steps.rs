//! Every job that generates steps its scheduler here: between steps, messages are taken and the page may cancel.

use crate::{
    generate::{LanguageModel, ModelError, RowEvent, Scheduler, StopHook},
    protocol::Fault,
};

use super::{
    generator::model_fault,
    pace::CallPace,
    task::{Host, Task},
};

/// Steps a scheduler until nothing is left to do. `on_step` takes the events of each step, those of a cancelled or
/// failed one too.
///
/// # Errors
/// A failure of the model.
pub(super) async fn run_steps<M: LanguageModel, H: Host>(
    model: &mut M,
    scheduler: &mut Scheduler,
    task: &Task<H>,
    stop: &mut StopHook<'_>,
    mut on_step: impl FnMut(Vec<RowEvent>, &Scheduler),
) -> Result<(), Fault> {
    pause(task, scheduler).await;
    // How long a step takes depends on the rows, so each job finds it out.
    let mut pace = CallPace::default();
    // What works at once hears of Cancel in the middle of a call.
    let is_on_its_own = model.n_calls_at_once() > 1;
    let mut set_pace = |scheduler: &mut Scheduler| {
        let done = (scheduler.n_steps_done(), scheduler.n_prompt_tokens_done());
        let (n_steps, n_tokens) = pace.next(task.now_ms(), done.0, done.1);
        scheduler.set_steps_per_call(n_steps);
        if is_on_its_own {
            scheduler.set_tokens_per_call(n_tokens);
        }
    };
    set_pace(scheduler);
    let on_step = async |scheduler: &mut Scheduler, events| {
        set_pace(scheduler);
        on_step(events, scheduler);
        if !scheduler.is_idle() {
            pause(task, scheduler).await;
        }
    };
    match scheduler.run(model, stop, on_step).await {
        // What is left was cancelled, as between two steps.
        Err(ModelError::Stopped) => Ok(()),
        done => done.map_err(|error| model_fault(&error)),
    }
}

/// Lets waiting messages be taken; one of them may cancel what is left.
async fn pause<H: Host>(task: &Task<H>, scheduler: &mut Scheduler) {
    task.breathe().await;
    if task.is_cancelled() {
        scheduler.cancel();
    }
}
