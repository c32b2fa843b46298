//! Vectors of tokenised texts, a batch at a time, so that the job can be stopped between two.

use crate::{
    generate::{LanguageModel, ModelError, Pooling, Scheduler},
    protocol::Fault,
};

use super::{
    generator::{generate_fault, model_fault},
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
    model.hold_vectors(texts.len() as u32).await.map_err(|error| model_fault(&error))?;
    let mut n_held = 0;
    while n_held < texts.len() {
        task.check().await?;
        let held = scheduler.hold_next(model, &texts[n_held..], states, n_held as u32).await;
        n_held += held.map_err(|error| generate_fault(&error))?;
    }
    let cosines = model.cosines(texts.len() as u32).await.map_err(|error| model_fault(&error))?;
    match cosines.iter().all(|cosine| cosine.is_finite()) {
        true => Ok(cosines),
        false => Err(model_fault(&ModelError::NotFinite { what: "the vector of a text" })),
    }
}
