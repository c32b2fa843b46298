//! `embed`: vectors of texts, by the encoder or by states of the generator.

use crate::{
    generate::LanguageModel,
    protocol::{Answer, EmbedRequest, Fault, FaultCode},
    worker::{
        generator::Generator,
        prompter::text_fault,
        task::{Host, Task},
        vectors::embed_tokens,
    },
};

use super::{embedder::Embedder, unwritable::lost_of_request};

/// One vector per text.
pub(super) async fn embed<M: LanguageModel, H: Host>(
    embedder: Embedder<'_, M>,
    task: &Task<H>,
    request: &EmbedRequest,
) -> Result<Answer, Fault> {
    let problems = lost_of_request(embedder.tokenizer(), request);
    let vectors = match embedder {
        Embedder::Encoder(encoder) => encoder.embed(task, &request.texts, request.text_kind).await?,
        Embedder::Generator(generator) => states(generator, task, request).await?,
    };
    Ok(Answer::Vectors(vectors, problems))
}

/// The generator's states after a layer, pooled.
async fn states<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: &EmbedRequest,
) -> Result<Vec<Vec<f32>>, Fault> {
    let layer = request.layer.unwrap_or_else(|| generator.middle_layer());
    let n_layers = generator.info.n_layers;
    if layer > n_layers {
        let message =
            format!("layer {layer} does not exist; the model has layers 0 (the embedding) to {n_layers}");
        return Err(Fault::new(FaultCode::BadInput, message));
    }
    let pooling = request.pooling.unwrap_or_default();
    let Generator { model, scheduler, prompter, info, .. } = generator;
    let tokens = request.texts.iter().map(|text| prompter.tokenizer.encode(text, false));
    let mut tokens = tokens.collect::<Result<Vec<_>, _>>().map_err(text_fault)?;
    if request.cuts {
        tokens.iter_mut().for_each(|text| text.truncate(info.seq_len as usize));
    }
    embed_tokens(task, (model, scheduler), &tokens, layer, pooling).await
}
