//! The jobs of loaded models: one place says which function does each.

pub mod build;
mod embed;
pub mod embedder;
mod generate;
mod limit;
mod measure;
pub mod prepare;
mod respond;
mod response_room;
pub mod rows;
mod score;
pub mod text;
mod translate;
mod unwritable;

use super::{
    counters::{report, reset_counters},
    generator::{Generator, generate_fault},
    models::Models,
    task::{Host, Task},
};
use crate::{
    generate::{Counters, LanguageModel},
    protocol::{Answer, Fault, ModelRequest},
};
use build::build;
use embed::embed;
use generate::generate;
use measure::measure;
use score::score;
use translate::translate;

/// Runs a job on the models that it is for.
///
/// # Errors
/// As [`ModelRequest::check`]; a model that is missing, and what the job's own function gives.
pub async fn run<M: LanguageModel, H: Host>(
    models: &mut Models<M>,
    task: &Task<H>,
    request: ModelRequest,
) -> Result<Answer, Fault> {
    request.check()?;
    match request {
        ModelRequest::Build(request) => {
            let (generator, encoder) = models.with_encoder()?;
            Ok(Answer::Built(Box::new(build(generator, encoder, task, *request).await?)))
        }
        ModelRequest::Measure(request) => {
            Ok(Answer::Measured(Box::new(measure(models.generator()?, task, *request).await?)))
        }
        ModelRequest::Generate(request) => generate(models.generator()?, task, &request).await,
        ModelRequest::Translate(request) => translate(models.generator()?, task, &request).await,
        ModelRequest::Score { input, completion, date } => {
            score(models.generator()?, task, &input, &completion, date).await.map(Answer::Scored)
        }
        ModelRequest::Logits { tokens } => {
            let Generator { model, scheduler, .. } = models.generator()?;
            let logits = scheduler.logits(model, &tokens).await;
            logits.map(Answer::Numbers).map_err(|error| generate_fault(&error))
        }
        ModelRequest::Embed(request) => embed(models.embedder(&request)?, task, &request).await,
        ModelRequest::PickTemplate { template } => {
            let generator = models.generator()?;
            generator.pick_template(template)?;
            Ok(Answer::Loaded(Box::new(generator.info.clone())))
        }
        ModelRequest::Counters => {
            let counters = models.all()?.fold(Counters::default(), |sum, model| sum + model.counters());
            Ok(Answer::Counted(report(counters)))
        }
        ModelRequest::ResetCounters => {
            models.all()?.for_each(reset_counters);
            Ok(Answer::Done)
        }
    }
}

#[cfg(test)]
mod cancel_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thinking_tests;
#[cfg(test)]
mod translate_tests;
