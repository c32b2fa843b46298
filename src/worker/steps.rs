//! The loop of every job that generates: breathe, cancel or step, take the events.

use crate::{
    generate::{LanguageModel, RowEvent, Scheduler, StopHook},
    protocol::Fault,
};

use super::{
    generator::model_fault,
    task::{Host, Task},
};

/// Steps a scheduler until nothing is left to do. `on_step` takes the events of each step, those of a cancelled or
/// failed one too; an error of its own ends the loop.
///
/// # Errors
/// A failure of the model, or what `on_step` gives.
pub(super) async fn run_steps<M: LanguageModel, H: Host>(
    model: &mut M,
    scheduler: &mut Scheduler,
    task: &Task<H>,
    stop: &mut StopHook<'_>,
    mut on_step: impl FnMut(Vec<RowEvent>, &Scheduler) -> Result<(), Fault>,
) -> Result<(), Fault> {
    loop {
        task.breathe().await;
        let step = if task.is_cancelled() {
            scheduler.cancel();
            Ok(())
        } else {
            scheduler.step(model, stop).await
        };
        on_step(scheduler.take_events(), scheduler)?;
        step.map_err(|error| model_fault(&error))?;
        if scheduler.is_idle() {
            return Ok(());
        }
    }
}
