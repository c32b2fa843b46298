//! A loaded encoder: from texts to one vector each, as its authors intended.

use crate::{
    generate::{LanguageModel, Scheduler},
    protocol::{EncoderInfo, Fault, ModelInfo, TextKind},
    text::Tokenizer,
    weights::EncoderProfile,
};

use super::{
    prompter::text_fault,
    task::{Host, Task},
    vectors::{compare_tokens, embed_tokens},
};

/// An encoder, the scheduler that owns its slots, and how it reads texts.
#[derive(Debug)]
pub struct Encoder<M> {
    /// What runs it.
    pub model: M,
    /// Owns the slots of `model`.
    pub scheduler: Scheduler,
    /// Text to ids.
    pub tokenizer: Tokenizer,
    /// How vectors are made.
    pub profile: EncoderProfile,
    /// What the page is told of it.
    pub info: ModelInfo,
}

impl<M: LanguageModel> Encoder<M> {
    /// One vector per text; a text that is too long is cut. `[texts.len()][dim]`
    ///
    /// # Errors
    /// A text that cannot be tokenised, or a failure of the model.
    pub async fn embed<T: AsRef<str>, H: Host>(
        &mut self,
        task: &Task<H>,
        texts: &[T],
        kind: TextKind,
    ) -> Result<Vec<Vec<f32>>, Fault> {
        let tokens = self.tokens(texts, kind)?;
        let pooling = self.profile.pooling;
        let Self { model, scheduler, info, .. } = self;
        let mut vectors = embed_tokens(task, (model, scheduler), &tokens, info.n_layers, pooling).await?;
        if self.profile.normalise {
            vectors.iter_mut().for_each(|vector| normalise(vector));
        }
        Ok(vectors)
    }

    /// The cosines of all pairs of texts, each once; a text that is too long is cut. `[texts.len() * (texts.len() - 1) / 2]`
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub async fn compare<T: AsRef<str>, H: Host>(
        &mut self,
        task: &Task<H>,
        texts: &[T],
    ) -> Result<Vec<f32>, Fault> {
        let tokens = self.tokens(texts, TextKind::Similar)?;
        let states = (self.info.n_layers, self.profile.pooling);
        compare_tokens(task, (&mut self.model, &mut self.scheduler), &tokens, states).await
    }

    fn tokens<T: AsRef<str>>(&self, texts: &[T], kind: TextKind) -> Result<Vec<Vec<u32>>, Fault> {
        let prefix = match kind {
            TextKind::Similar => &self.profile.prefix,
            TextKind::Query => &self.profile.query_prefix,
            TextKind::Passage => &self.profile.passage_prefix,
        };
        let max_tokens = self.profile.max_tokens as usize;
        let tokens = texts.iter().map(|text| {
            let tokens = self.tokenizer.encode_whole(&format!("{prefix}{}", text.as_ref()))?;
            Ok(cut(tokens, max_tokens))
        });
        tokens.collect::<Result<_, _>>().map_err(text_fault)
    }

    /// What scored, for the session.
    pub fn name(&self) -> String {
        let EncoderProfile { pooling, prefix, .. } = &self.profile;
        let pooling = pooling.as_str();
        let prefix = if prefix.is_empty() { String::new() } else { format!(", texts after \"{prefix}\"") };
        format!("{}, {pooling}{prefix}", self.info.name)
    }
}

/// What the page shows of a profile.
pub fn encoder_info(profile: &EncoderProfile) -> EncoderInfo {
    EncoderInfo {
        pooling: profile.pooling,
        normalise: profile.normalise,
        prefix: profile.prefix.clone(),
        query_prefix: profile.query_prefix.clone(),
        passage_prefix: profile.passage_prefix.clone(),
        max_tokens: profile.max_tokens,
        similarity: profile.similarity.clone(),
        source: profile.source.clone(),
    }
}

/// The first tokens, and the very last, which many models put after every text.
fn cut(mut tokens: Vec<u32>, max_tokens: usize) -> Vec<u32> {
    if tokens.len() > max_tokens
        && let Some(last) = tokens.pop()
    {
        tokens.truncate(max_tokens.saturating_sub(1));
        tokens.push(last);
    }
    tokens
}

/// To length 1; a vector of zeros stays.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_keep_the_token_that_ends_them() {
        assert_eq!(cut(vec![1, 2, 3, 9], 4), [1, 2, 3, 9]);
        assert_eq!(cut(vec![1, 2, 3, 9], 3), [1, 2, 9]);
        assert_eq!(cut(vec![1, 2, 3, 9], 1), [9]);
    }

    #[test]
    fn vectors_get_length_one() {
        let mut vector = vec![3.0, 4.0];
        normalise(&mut vector);
        assert_eq!(vector, [0.6, 0.8]);
        let mut zeros = vec![0.0; 2];
        normalise(&mut zeros);
        assert_eq!(zeros, [0.0; 2]);
    }
}
