//! Vectors of tokenised texts, a batch at a time, so that the job can be stopped between two.

use crate::{
    generate::{LanguageModel, Pooling, Scheduler},
    protocol::Fault,
};

use super::{
    generator::generate_fault,
    task::{Host, Task},
};

/// One vector per text: the states after `layer` layers, pooled. `[texts.len()][dim]`
///
/// # Errors
/// What the model says; [`crate::protocol::FaultCode::Cancelled`].
pub(super) async fn embed_tokens<M: LanguageModel, H: Host>(
    task: &Task<H>,
    (model, scheduler): (&mut M, &mut Scheduler),
    texts: &[Vec<u32>],
    layer: u32,
    pooling: Pooling,
) -> Result<Vec<Vec<f32>>, Fault> {
    let mut vectors = Vec::with_capacity(texts.len());
    while vectors.len() < texts.len() {
        task.check().await?;
        let of_layers = scheduler.embed_next(model, &texts[vectors.len()..], &[layer], pooling).await;
        vectors.extend(of_layers.map_err(|error| generate_fault(&error))?.into_iter().flatten());
    }
    Ok(vectors)
}

/// The cosines of all pairs of texts, each once, by the states after `layer` layers, pooled; the vectors stay with the model.
/// `[texts.len() * (texts.len() - 1) / 2]`
///
/// # Errors
/// As [`embed_tokens`].
pub(super) async fn compare_tokens<M: LanguageModel, H: Host>(
    task: &Task<H>,
    (model, scheduler): (&mut M, &mut Scheduler),
    texts: &[Vec<u32>],
    states: (u32, Pooling),
) -> Result<Vec<f32>, Fault> {
    let comparison = scheduler.compare(model, texts, states).await;
    let mut comparison = comparison.map_err(|error| generate_fault(&error))?;
    loop {
        task.check().await?;
        let cosines = scheduler.compare_next(model, &mut comparison).await;
        if let Some(cosines) = cosines.map_err(|error| generate_fault(&error))? {
            return Ok(cosines);
        }
    }
}
