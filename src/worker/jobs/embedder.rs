//! Vectors of responses, by the encoder or by the generator's middle layer, and the cosines a session keeps of them.

use crate::{
    data::{Response, Similarity},
    generate::{LanguageModel, Pooling},
    protocol::Fault,
    text::Tokenizer,
    worker::{
        encoder::Encoder,
        generator::Generator,
        prompter::text_fault,
        task::{Host, Task},
        vectors::compare_tokens,
    },
};

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

    /// The cosines of all pairs, each once.
    async fn compare<H: Host>(&mut self, task: &Task<H>, responses: &[&Response]) -> Result<Vec<f32>, Fault> {
        let generator = match self {
            Self::Encoder(encoder) => {
                let texts: Vec<&str> = responses.iter().map(|response| response.text.as_str()).collect();
                return encoder.compare(task, &texts).await;
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
        compare_tokens(task, (model, scheduler), &texts, (layer, Pooling::Mean)).await
    }

    /// What reads the texts.
    pub fn tokenizer(&self) -> &Tokenizer {
        match self {
            Self::Encoder(encoder) => &encoder.tokenizer,
            Self::Generator(generator) => &generator.prompter.tokenizer,
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
        let prompt_id = responses[0].prompt_id.clone();
        let order = responses.iter().map(|response| (response.language.clone(), response.sample)).collect();
        let cosine = embedder.compare(task, responses).await?;
        similarities.push(Similarity { prompt_id, order, cosine });
        on_done(responses.len());
    }
    Ok(())
}
