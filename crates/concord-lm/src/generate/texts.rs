//! Embedding and logits of given tokens: the scheduler lends the slots for the time of a call.

use super::call::TokenInput;
use super::job::{GenerateError, InputError, check_tokens};
use super::model::{LanguageModel, ModelError, check_finite};
use super::scheduler::Scheduler;
use crate::weights::Pooling;

/// Slots and table rows lent to one call of the model.
pub(super) struct Lent {
    slots: Vec<u32>,
    table_rows: Vec<u32>,
}

impl Scheduler {
    /// Logits after the last of `tokens`. `[vocab_size]`
    ///
    /// # Errors
    /// Tokens that do not fit the model, or a failure of the model.
    pub async fn logits<M: LanguageModel>(
        &mut self,
        model: &mut M,
        tokens: &[u32],
    ) -> Result<Vec<f32>, GenerateError> {
        check_tokens(tokens, &self.roomiest())?;
        if tokens.is_empty() {
            return Err(InputError::EmptyPrompt.into());
        }
        self.make_room_for_texts(model, tokens.len()).await?;
        let lent = self.lend(1, tokens.len() as u32)?;
        let result = logits_lent(model, &lent, tokens, self.batch_len()).await;
        self.take_back(&lent);
        let logits = result?;
        check_finite("the logits", logits.iter().copied())?;
        Ok(logits)
    }

    /// One vector per text: hidden states after `layer` layers, pooled. `[texts.len()][dim]`; an empty text
    /// gives zeros. What a text gives does not depend on the other texts.
    ///
    /// # Errors
    /// Tokens that do not fit the model, or a failure of the model.
    pub async fn embed<M: LanguageModel>(
        &mut self,
        model: &mut M,
        texts: &[Vec<u32>],
        layer: u32,
        pooling: Pooling,
    ) -> Result<Vec<Vec<f32>>, GenerateError> {
        texts.iter().try_for_each(|text| check_tokens(text, &self.roomiest()))?;
        let mut vectors = Vec::with_capacity(texts.len());
        while vectors.len() < texts.len() {
            let of_layers = self.embed_next(model, &texts[vectors.len()..], &[layer], pooling).await?;
            vectors.extend(of_layers.into_iter().flatten());
        }
        Ok(vectors)
    }

    /// The first of the texts, at least one and as many as one call takes: hidden states after each of `layers`, which
    /// ascend, pooled. `[layers.len()][texts taken][dim]`; an empty text gives zeros. One pass serves all layers.
    ///
    /// # Errors
    /// As [`Scheduler::embed`].
    pub async fn embed_next<M: LanguageModel>(
        &mut self,
        model: &mut M,
        texts: &[Vec<u32>],
        layers: &[u32],
        pooling: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, GenerateError> {
        let Some(first) = texts.first() else { return Ok(vec![Vec::new(); layers.len()]) };
        let is_long = first.len() > self.batch_len();
        let (texts, lent) = self.lend_next(model, texts).await?;
        let result = if is_long {
            embed_long(model, &lent, first, (layers, pooling), self.batch_len()).await
        } else {
            embed_lent(model, &lent, texts, (layers, pooling)).await
        };
        self.take_back(&lent);
        let mut of_layers = result?;
        check_finite("the vector of a text", of_layers.iter().flatten().flatten().copied())?;
        let dim = self.shape.dim as usize;
        of_layers.iter_mut().flatten().filter(|vector| vector.is_empty()).for_each(|vector| {
            vector.resize(dim, 0.0);
        });
        Ok(of_layers)
    }

    /// The first of the texts, at least one and as many as one call takes, and their slots.
    async fn lend_next<'a, M: LanguageModel>(
        &mut self,
        model: &mut M,
        texts: &'a [Vec<u32>],
    ) -> Result<(&'a [Vec<u32>], Lent), GenerateError> {
        let n_first = texts.first().map_or(0, Vec::len);
        texts.first().map_or(Ok(()), |first| check_tokens(first, &self.roomiest()))?;
        self.make_room_for_texts(model, n_first).await?;
        let texts = &texts[..self.n_fitting(texts).max(1).min(texts.len())];
        texts.iter().try_for_each(|text| check_tokens(text, &self.shape))?;
        if n_first > self.batch_len() && !self.shape.is_causal {
            let (n_needed, n_slots) = (n_first as u32, self.shape.max_batch_tokens);
            return Err(InputError::NoRoom { n_needed, n_slots }.into());
        }
        let lent = self.lend(texts.len() as u32, texts.iter().map(|text| text.len() as u32).sum())?;
        Ok((texts, lent))
    }

    /// How many of the texts, from the first, go into one call.
    fn n_fitting(&self, texts: &[Vec<u32>]) -> usize {
        let n_most = self.n_call_tokens();
        let mut n_tokens = 0;
        let fitting = texts.iter().take(self.n_free_rows()).take_while(|text| {
            n_tokens += text.len();
            n_tokens <= n_most
        });
        fitting.count()
    }

    /// Tokens of texts that one call takes now.
    pub(super) fn n_call_tokens(&self) -> usize {
        self.tokens_per_call.min(self.n_free_slots()) as usize
    }

    /// Texts that one call takes now.
    pub(super) fn n_free_rows(&self) -> usize {
        self.table_rows.n_free() as usize
    }

    pub(super) fn batch_len(&self) -> usize {
        self.shape.max_batch_tokens.max(1) as usize
    }

    pub(super) fn lend(&mut self, n_table_rows: u32, n_slots: u32) -> Result<Lent, InputError> {
        let no_room = InputError::NoRoom { n_needed: n_slots, n_slots: self.n_free_slots() };
        self.prefixes.evict(n_slots.saturating_sub(self.slots.n_free()), &mut self.slots);
        let Some(slots) = self.slots.take(n_slots) else { return Err(no_room) };
        let Some(table_rows) = self.table_rows.take(n_table_rows) else {
            self.slots.give_back(&slots);
            return Err(no_room);
        };
        Ok(Lent { slots, table_rows })
    }

    pub(super) fn take_back(&mut self, lent: &Lent) {
        self.slots.give_back(&lent.slots);
        self.table_rows.give_back(&lent.table_rows);
    }
}

/// Tokens of one sequence from `first_position` on.
pub(super) fn inputs(tokens: &[u32], first_position: usize, table_row: u32) -> Vec<TokenInput> {
    let positions = first_position as u32..;
    tokens.iter().zip(positions).map(|(&id, position)| TokenInput { id, position, table_row }).collect()
}

pub(super) fn count<M: LanguageModel>(model: &mut M, n_tokens: usize) {
    model.counters_mut().text_tokens_evaluated += n_tokens as u32;
}

async fn logits_lent<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    tokens: &[u32],
    batch_len: usize,
) -> Result<Vec<f32>, ModelError> {
    let table_row = lent.table_rows[0];
    model.set_slots(table_row, 0, &lent.slots)?;
    count(model, tokens.len());
    let n_before = (tokens.len() - 1) / batch_len * batch_len;
    for (idx, chunk) in tokens[..n_before].chunks(batch_len).enumerate() {
        model.prefill(&inputs(chunk, idx * batch_len, table_row), &[]).await?;
    }
    model.logits(&inputs(&tokens[n_before..], n_before, table_row)).await
}

/// The tokens of texts that are not empty, and how many are of each; the model knows their slots.
pub(super) fn seated<'a, M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    texts: impl IntoIterator<Item = &'a Vec<u32>>,
) -> Result<(Vec<TokenInput>, Vec<u32>), ModelError> {
    let (mut tokens, mut groups) = (Vec::new(), Vec::new());
    for (text, &table_row) in texts.into_iter().zip(&lent.table_rows).filter(|(text, _)| !text.is_empty()) {
        model.set_slots(table_row, 0, &lent.slots[tokens.len()..][..text.len()])?;
        tokens.extend(inputs(text, 0, table_row));
        groups.push(text.len() as u32);
    }
    count(model, tokens.len());
    Ok((tokens, groups))
}

/// Embeds texts in one call; empty texts give empty vectors.
async fn embed_lent<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    texts: &[Vec<u32>],
    (layers, pooling): (&[u32], Pooling),
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let (tokens, groups) = seated(model, lent, texts)?;
    if tokens.is_empty() {
        return Ok(vec![vec![Vec::new(); texts.len()]; layers.len()]);
    }
    let of_layers = model.embed_layers(&tokens, &groups, layers, pooling).await?;
    let with_empty = |vectors: Vec<Vec<f32>>| {
        let mut vectors = vectors.into_iter();
        let of_text = |text: &Vec<u32>| if text.is_empty() { None } else { vectors.next() };
        texts.iter().map(of_text).map(Option::unwrap_or_default).collect()
    };
    Ok(of_layers.into_iter().map(with_empty).collect())
}

/// Embeds a text longer than a call, part by part.
async fn embed_long<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    text: &[u32],
    (layers, pooling): (&[u32], Pooling),
    batch_len: usize,
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let table_row = lent.table_rows[0];
    model.set_slots(table_row, 0, &lent.slots)?;
    count(model, text.len());
    let mut pooled = vec![Vec::new(); layers.len()];
    for (idx, chunk) in text.chunks(batch_len).enumerate() {
        let tokens = inputs(chunk, idx * batch_len, table_row);
        let of_layers = model.embed_layers(&tokens, &[chunk.len() as u32], layers, pooling).await?;
        for (vector, of_chunk) in pooled.iter_mut().zip(of_layers.into_iter().flatten()) {
            match pooling {
                Pooling::First if idx > 0 => {}
                Pooling::First | Pooling::Last => *vector = of_chunk,
                Pooling::Mean => {
                    let share = chunk.len() as f32 / text.len() as f32;
                    vector.resize(of_chunk.len(), 0.0);
                    vector.iter_mut().zip(of_chunk).for_each(|(sum, value)| *sum += value * share);
                }
            }
        }
    }
    Ok(pooled.into_iter().map(|vector| vec![vector]).collect())
}
