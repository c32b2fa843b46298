//! Scores a list of completions, each distinct one once.

use std::collections::HashMap;

use crate::{
    generate::{Forced, LanguageModel},
    protocol::Fault,
    worker::{
        generator::{Generator, generate_fault},
        task::Host,
    },
};

use super::asker::Asker;

/// No round takes more completions than this: as many rows as a model can be loaded with.
const MOST_AT_ONCE: usize = 256;

/// Completions after prompts. Those of one prompt should be added one after the other, as they then share it.
#[derive(Debug, Default)]
pub(super) struct ForcedList {
    prompts: Distinct,
    completions: Distinct,
    places: HashMap<(usize, usize), usize>,
    asked: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    prompt: usize,
    completion: usize,
    /// How often it was added.
    n_wanted: usize,
    logprob: Option<f32>,
}

/// Sequences of tokens, each kept once.
#[derive(Debug, Default)]
struct Distinct {
    all: Vec<Vec<u32>>,
    places: HashMap<Vec<u32>, usize>,
}

impl Distinct {
    fn place(&mut self, tokens: &[u32]) -> usize {
        if let Some(&place) = self.places.get(tokens) {
            return place;
        }
        self.all.push(tokens.to_vec());
        self.places.insert(tokens.to_vec(), self.all.len() - 1);
        self.all.len() - 1
    }
}

impl ForcedList {
    /// Adds a completion that fits the model; gives its place, the same for the same tokens.
    pub(super) fn add(&mut self, prompt: &[u32], completion: &[u32]) -> usize {
        let (prompt, completion) = (self.prompts.place(prompt), self.completions.place(completion));
        let place = *self.places.entry((prompt, completion)).or_insert(self.asked.len());
        match self.asked.get_mut(place) {
            Some(asked) => asked.n_wanted += 1,
            None => self.asked.push(Asked { prompt, completion, n_wanted: 1, logprob: None }),
        }
        place
    }

    /// Sum of the log-probs of the completion's tokens, in nats; `None` where it was not scored.
    pub(super) fn logprob(&self, place: usize) -> Option<f32> {
        self.asked[place].logprob
    }

    /// Scores all, batch after batch.
    ///
    /// # Errors
    /// Once cancelled, or when the model fails; what was scored is there.
    pub(super) async fn score<M: LanguageModel, H: Host>(
        &mut self,
        asker: &mut Asker<'_, M, H>,
    ) -> Result<(), Fault> {
        let Self { prompts, completions, asked, .. } = self;
        let mut rest = &mut asked[..];
        while !rest.is_empty() {
            asker.teller.task.check().await?;
            let forced = rest.iter().take(MOST_AT_ONCE).map(|asked| Forced {
                prompt: &prompts.all[asked.prompt],
                completion: &completions.all[asked.completion],
            });
            let forced: Vec<Forced<'_>> = forced.collect();
            let Generator { model, scheduler, .. } = &mut *asker.generator;
            let scores = scheduler.score_next(model, &forced).await;
            let scores = scores.map_err(|error| generate_fault(&error))?;
            let (done, after) = rest.split_at_mut(scores.len());
            for (asked, scores) in done.iter_mut().zip(&scores) {
                // From 0.0, as the sum of no numbers is -0.0.
                asked.logprob = Some(scores.iter().fold(0.0, |sum, &score| sum + f64::from(score)) as f32);
            }
            asker.teller.advance(done.iter().map(|asked| asked.n_wanted).sum());
            rest = after;
        }
        Ok(())
    }
}
