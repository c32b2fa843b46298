//! Comparing texts by the cosines of their states: calls are filled, longest texts first, and vectors stay with the model.

use super::job::{GenerateError, check_tokens};
use super::model::{LanguageModel, check_finite};
use super::scheduler::Scheduler;
use super::texts::seated;
use crate::weights::Pooling;

/// Texts on the way to their cosines, begun by [`Scheduler::compare`].
#[derive(Debug)]
pub struct Comparison<'a> {
    texts: &'a [Vec<u32>],
    layer: u32,
    pooling: Pooling,
    /// Texts that have no vector yet, longest first.
    left: Vec<usize>,
}

impl Scheduler {
    /// Begins to compare texts by their states after `layer` layers, pooled. [`Scheduler::compare_next`] goes on.
    ///
    /// # Errors
    /// Tokens that do not fit the model, or no room for the vectors.
    pub async fn compare<'a, M: LanguageModel>(
        &self,
        model: &mut M,
        texts: &'a [Vec<u32>],
        (layer, pooling): (u32, Pooling),
    ) -> Result<Comparison<'a>, GenerateError> {
        texts.iter().try_for_each(|text| check_tokens(text, &self.roomiest()))?;
        model.hold_vectors(texts.len() as u32).await?;
        let nothing = vec![0.0; self.shape.dim as usize];
        let mut left = Vec::with_capacity(texts.len());
        for (idx, text) in texts.iter().enumerate() {
            match text.is_empty() {
                true => model.set_vector(idx as u32, &nothing)?,
                false => left.push(idx),
            }
        }
        left.sort_unstable_by_key(|&idx| (std::cmp::Reverse(texts[idx].len()), idx));
        Ok(Comparison { texts, layer, pooling, left })
    }

    /// One call of the model for a comparison; after the last, the cosines of all pairs of texts, each once:
    /// `[texts.len() * (texts.len() - 1) / 2]`, those of the first text with the others first. An empty text has cosine 0
    /// with all.
    ///
    /// # Errors
    /// As [`Scheduler::embed`].
    pub async fn compare_next<M: LanguageModel>(
        &mut self,
        model: &mut M,
        comparison: &mut Comparison<'_>,
    ) -> Result<Option<Vec<f32>>, GenerateError> {
        let Comparison { texts, layer, pooling, ref mut left } = *comparison;
        let n_texts = texts.len() as u32;
        let cosines = match left.first() {
            None => model.cosines(n_texts).await?,
            Some(&longest) if texts[longest].len() > self.batch_len() => {
                // Several calls give its vector, which is put together here.
                let text = &texts[longest..=longest];
                let of_layers = self.embed_next(model, text, &[layer], pooling).await?;
                of_layers.iter().flatten().try_for_each(|vector| model.set_vector(longest as u32, vector))?;
                left.remove(0);
                return Ok(None);
            }
            Some(&longest) => {
                self.make_room_for_texts(model, texts[longest].len()).await?;
                let together = self.take_fitting(texts, left);
                let n_compared = if left.is_empty() { n_texts } else { 0 };
                let n_tokens = together.iter().map(|&idx| texts[idx].len() as u32).sum();
                let lent = self.lend(together.len() as u32, n_tokens)?;
                let held = match seated(model, &lent, together.iter().map(|&idx| &texts[idx])) {
                    Ok((tokens, groups)) => {
                        let places: Vec<u32> = together.iter().map(|&idx| idx as u32).collect();
                        model.hold_states(&tokens, &groups, (layer, pooling), &places, n_compared).await
                    }
                    Err(error) => Err(error),
                };
                self.take_back(&lent);
                held?
            }
        };
        if !left.is_empty() {
            return Ok(None);
        }
        check_finite("the vector of a text", cosines.iter().copied())?;
        Ok(Some(cosines))
    }

    /// Takes the longest text out of those that are left, and with it whichever fit into the same call.
    fn take_fitting(&self, texts: &[Vec<u32>], left: &mut Vec<usize>) -> Vec<usize> {
        let (mut n_rows, mut n_tokens) = (self.n_free_rows(), self.n_call_tokens());
        let mut together = Vec::new();
        left.retain(|&idx| {
            let n = texts[idx].len();
            let fits = together.is_empty() || n_rows > 0 && n <= n_tokens;
            if fits {
                together.push(idx);
                n_rows = n_rows.saturating_sub(1);
                n_tokens = n_tokens.saturating_sub(n);
            }
            !fits
        });
        together
    }
}
