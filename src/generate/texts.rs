//! Scoring, embedding and logits of given tokens: the scheduler lends the slots for the time of a call.

use super::job::{GenerateError, InputError, check_tokens};
use super::model::{LanguageModel, ModelError, Pooling, TokenInput};
use super::scheduler::Scheduler;

/// Slots and table rows lent to one call of the model.
struct Lent {
    slots: Vec<u32>,
    table_rows: Vec<u32>,
}

impl Scheduler {
    /// Log-probs, in nats under the raw model, of the tokens of `completion` after `prompt`.
    /// `[completion.len()]`
    ///
    /// # Errors
    /// Tokens that do not fit the model, or a failure of the model.
    pub async fn score<M: LanguageModel>(
        &mut self,
        model: &mut M,
        prompt: &[u32],
        completion: &[u32],
    ) -> Result<Vec<f32>, GenerateError> {
        let tokens = [prompt, completion].concat();
        check_tokens(&tokens, &self.shape)?;
        let Some(n_context) = prompt.len().checked_sub(1) else { return Err(InputError::EmptyPrompt.into()) };
        if completion.is_empty() {
            return Ok(Vec::new());
        }
        let lent = self.lend(1, tokens.len() as u32)?;
        let result = score_lent(model, &lent, &tokens, n_context, self.batch_len()).await;
        self.take_back(&lent);
        Ok(result?)
    }

    /// Logits after the last of `tokens`. `[vocab_size]`
    ///
    /// # Errors
    /// Tokens that do not fit the model, or a failure of the model.
    pub async fn logits<M: LanguageModel>(
        &mut self,
        model: &mut M,
        tokens: &[u32],
    ) -> Result<Vec<f32>, GenerateError> {
        check_tokens(tokens, &self.shape)?;
        if tokens.is_empty() {
            return Err(InputError::EmptyPrompt.into());
        }
        let lent = self.lend(1, tokens.len() as u32)?;
        let result = logits_lent(model, &lent, tokens, self.batch_len()).await;
        self.take_back(&lent);
        Ok(result?)
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
        texts.iter().try_for_each(|text| check_tokens(text, &self.shape))?;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut rest = texts;
        while let Some(first) = rest.first() {
            let n_texts = self.n_fitting(rest).max(1);
            let (texts, after) = rest.split_at(n_texts);
            rest = after;
            let is_long = first.len() > self.batch_len();
            if is_long && !self.shape.is_causal {
                let (n_needed, n_slots) = (first.len() as u32, self.shape.max_batch_tokens);
                return Err(InputError::NoRoom { n_needed, n_slots }.into());
            }
            let lent = self.lend(n_texts as u32, texts.iter().map(|text| text.len() as u32).sum())?;
            let result = if is_long {
                embed_long(model, &lent, first, (layer, pooling), self.batch_len()).await
            } else {
                embed_lent(model, &lent, texts, (layer, pooling)).await
            };
            self.take_back(&lent);
            vectors.extend(result?);
        }
        let dim = self.shape.dim as usize;
        vectors.iter_mut().filter(|vector: &&mut Vec<f32>| vector.is_empty()).for_each(|vector| {
            vector.resize(dim, 0.0);
        });
        Ok(vectors)
    }

    /// How many of the texts, from the first, go into one call.
    fn n_fitting(&self, texts: &[Vec<u32>]) -> usize {
        let n_most = self.shape.max_batch_tokens.min(self.n_free_slots()) as usize;
        let mut n_tokens = 0;
        let fitting = texts.iter().take(self.table_rows.n_free() as usize).take_while(|text| {
            n_tokens += text.len();
            n_tokens <= n_most
        });
        fitting.count()
    }

    fn batch_len(&self) -> usize {
        self.shape.max_batch_tokens.max(1) as usize
    }

    fn lend(&mut self, n_table_rows: u32, n_slots: u32) -> Result<Lent, InputError> {
        let no_room = InputError::NoRoom { n_needed: n_slots, n_slots: self.n_free_slots() };
        self.prefixes.evict(n_slots.saturating_sub(self.slots.n_free()), &mut self.slots);
        let Some(slots) = self.slots.take(n_slots) else { return Err(no_room) };
        let Some(table_rows) = self.table_rows.take(n_table_rows) else {
            self.slots.give_back(&slots);
            return Err(no_room);
        };
        Ok(Lent { slots, table_rows })
    }

    fn take_back(&mut self, lent: &Lent) {
        self.slots.give_back(&lent.slots);
        self.table_rows.give_back(&lent.table_rows);
    }
}

/// Tokens of one sequence from `first_position` on.
fn inputs(tokens: &[u32], first_position: usize, table_row: u32) -> Vec<TokenInput> {
    let positions = first_position as u32..;
    tokens.iter().zip(positions).map(|(&id, position)| TokenInput { id, position, table_row }).collect()
}

fn count<M: LanguageModel>(model: &mut M, n_tokens: usize) {
    model.counters_mut().text_tokens_evaluated += n_tokens as u32;
}

async fn score_lent<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    tokens: &[u32],
    n_context: usize,
    batch_len: usize,
) -> Result<Vec<f32>, ModelError> {
    let table_row = lent.table_rows[0];
    model.set_slots(table_row, 0, &lent.slots)?;
    let mut position = 0;
    for chunk in tokens[..n_context].chunks(batch_len) {
        model.prefill(&inputs(chunk, position, table_row), &[]).await?;
        position += chunk.len();
    }
    let mut log_probs = Vec::new();
    for chunk in tokens[n_context..tokens.len() - 1].chunks(batch_len) {
        let targets = &tokens[position + 1..][..chunk.len()];
        log_probs.extend(model.score(&inputs(chunk, position, table_row), targets).await?);
        position += chunk.len();
    }
    count(model, position);
    Ok(log_probs)
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

/// Embeds texts in one call; empty texts give empty vectors.
async fn embed_lent<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    texts: &[Vec<u32>],
    (layer, pooling): (u32, Pooling),
) -> Result<Vec<Vec<f32>>, ModelError> {
    let (mut tokens, mut groups) = (Vec::new(), Vec::new());
    for (text, &table_row) in texts.iter().zip(&lent.table_rows).filter(|(text, _)| !text.is_empty()) {
        model.set_slots(table_row, 0, &lent.slots[tokens.len()..][..text.len()])?;
        tokens.extend(inputs(text, 0, table_row));
        groups.push(text.len() as u32);
    }
    if tokens.is_empty() {
        return Ok(vec![Vec::new(); texts.len()]);
    }
    count(model, tokens.len());
    let mut vectors = model.embed(&tokens, &groups, layer, pooling).await?.into_iter();
    let of_text = |text: &Vec<u32>| if text.is_empty() { None } else { vectors.next() };
    Ok(texts.iter().map(of_text).map(Option::unwrap_or_default).collect())
}

/// Embeds a text longer than a call, part by part.
async fn embed_long<M: LanguageModel>(
    model: &mut M,
    lent: &Lent,
    text: &[u32],
    (layer, pooling): (u32, Pooling),
    batch_len: usize,
) -> Result<Vec<Vec<f32>>, ModelError> {
    let table_row = lent.table_rows[0];
    model.set_slots(table_row, 0, &lent.slots)?;
    count(model, text.len());
    let mut vector = Vec::new();
    for (idx, chunk) in text.chunks(batch_len).enumerate() {
        let tokens = inputs(chunk, idx * batch_len, table_row);
        let of_chunk = model.embed(&tokens, &[chunk.len() as u32], layer, pooling).await?.swap_remove(0);
        match pooling {
            Pooling::First if idx > 0 => {}
            Pooling::First | Pooling::Last => vector = of_chunk,
            Pooling::Mean => {
                let share = chunk.len() as f32 / text.len() as f32;
                vector.resize(of_chunk.len(), 0.0);
                vector.iter_mut().zip(of_chunk).for_each(|(sum, value)| *sum += value * share);
            }
        }
    }
    Ok(vec![vector])
}
