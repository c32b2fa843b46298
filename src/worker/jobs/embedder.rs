//! Vectors of responses, by the encoder or by the generator's middle layer, and the cosines a session keeps of them.

use crate::{
    data::{Response, Similarity},
    generate::{LanguageModel, Pooling},
    protocol::{Fault, TextKind},
    text::Tokenizer,
    worker::{
        encoder::Encoder,
        generator::{Generator, model_fault},
        prompter::text_fault,
        task::{Host, Task},
        vectors::embed_tokens,
    },
};

use super::similarity::{EmbeddedPrompt, similarity};

/// What makes vectors of responses.
#[derive(Debug)]
pub enum Embedder<'a, M> {
    /// As its authors made it to.
    Encoder(&'a mut Encoder<M>),
    /// By the mean of the states after its middle layer.
    Generator(&'a mut Generator<M>),
}

impl<M: LanguageModel> Embedder<'_, M> {
    /// For the session.
    pub fn name(&self) -> String {
        match self {
            Self::Encoder(encoder) => encoder.name(),
            Self::Generator(generator) => {
                format!("{}, layer {}, mean", generator.info.name, generator.middle_layer())
            }
        }
    }

    async fn embed<H: Host>(
        &mut self,
        task: &Task<H>,
        responses: &[&Response],
    ) -> Result<Vec<Vec<f32>>, Fault> {
        let generator = match self {
            Self::Encoder(encoder) => {
                let texts: Vec<&str> = responses.iter().map(|response| response.text.as_str()).collect();
                return encoder.embed(task, &texts, TextKind::Similar).await;
            }
            Self::Generator(generator) => generator,
        };
        let layer = generator.middle_layer();
        let Generator { model, scheduler, prompter, info, .. } = &mut **generator;
        let mut texts = Vec::with_capacity(responses.len());
        for response in responses {
            let mut tokens = prompter.tokenizer.encode(&response.text, false).map_err(text_fault)?;
            tokens.truncate(info.seq_len as usize);
            texts.push(tokens);
        }
        embed_tokens(task, (model, scheduler), &texts, layer, Pooling::Mean).await
    }

    /// What reads the texts.
    pub fn tokenizer(&self) -> &Tokenizer {
        match self {
            Self::Encoder(encoder) => &encoder.tokenizer,
            Self::Generator(generator) => &generator.prompter.tokenizer,
        }
    }

    fn model(&mut self) -> &mut M {
        match self {
            Self::Encoder(encoder) => &mut encoder.model,
            Self::Generator(generator) => &mut generator.model,
        }
    }
}

/// The cosines of the responses, which are in the prompts' order, prompt by prompt; `on_done` hears how many more were
/// embedded. What there is stays in `similarities` when it is cancelled.
///
/// # Errors
/// What the model says; [`crate::protocol::FaultCode::Cancelled`].
pub(crate) async fn embed_all<M: LanguageModel, H: Host>(
    embedder: &mut Embedder<'_, M>,
    task: &Task<H>,
    responses: &[&Response],
    similarities: &mut Vec<Similarity>,
    mut on_done: impl FnMut(usize),
) -> Result<(), Fault> {
    for responses in responses.chunk_by(|a, b| a.prompt_id == b.prompt_id) {
        let prompt = EmbeddedPrompt {
            prompt_id: &responses[0].prompt_id,
            responses: responses.to_vec(),
            vectors: embedder.embed(task, responses).await?,
        };
        let cosines = similarity(embedder.model(), prompt).await;
        similarities.push(cosines.map_err(|error| model_fault(&error))?);
        on_done(responses.len());
    }
    Ok(())
}
