//! The numbers of responses among those of their prompt and language.

use std::collections::{HashMap, HashSet};

use super::pairs::{Side, Sided};
use crate::data::{InOrder, Language, MOST_SAMPLES, Response};

/// Place of the prompt, place of the model, the number that was said, the response, and its side of a pair.
type Taken = (usize, usize, Option<u32>, Response, Option<Side>);

/// Responses as they come, by prompt.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    all: Vec<Taken>,
    models: HashMap<Option<String>, usize>,
    said: HashSet<(usize, Language, usize, u32)>,
    counts: HashMap<(usize, Language), u32>,
}

impl Numbered {
    /// Takes a response with the number that the file gives it, and its side of a pair where it is of one.
    ///
    /// # Errors
    /// The same prompt, language, model and number came before, or there are too many.
    pub(super) fn take(
        &mut self,
        prompt: usize,
        response: Response,
        said: Option<u32>,
        side: Option<Side>,
    ) -> Result<(), String> {
        let (id, language) = (&response.prompt_id, &response.language);
        let n_models = self.models.len();
        let model = *self.models.entry(response.model.clone()).or_insert(n_models);
        if let Some(sample) = said
            && !self.said.insert((prompt, language.clone(), model, sample))
        {
            return Err(format!("{id} / {} / sample {sample} is there twice", language.as_str()));
        }
        let count = self.counts.entry((prompt, language.clone())).or_default();
        if *count == MOST_SAMPLES {
            return Err(format!("{id} has more than {MOST_SAMPLES} responses in {}", language.as_str()));
        }
        *count += 1;
        self.all.push((prompt, model, said, response, side));
        Ok(())
    }

    /// The responses by prompt, language and number. Numbers stay as the file has them, from 0, where every response has one
    /// and one model wrote all; else they are counted, model by model. Beside them the numbers of those that are of a pair.
    pub(super) fn finish(mut self) -> (Vec<Response>, Vec<Sided>) {
        let are_kept = self.models.len() == 1
            && self.all.iter().all(|(_, _, said, ..)| said.is_some_and(|said| said < MOST_SAMPLES))
            && self.all.iter().any(|(_, _, said, ..)| *said == Some(0));
        self.all.order_by(|a, b| {
            (a.0, &a.3.language, a.1, a.2.unwrap_or(u32::MAX)).cmp(&(
                b.0,
                &b.3.language,
                b.1,
                b.2.unwrap_or(u32::MAX),
            ))
        });
        let mut counts: HashMap<(usize, Language), u32> = HashMap::new();
        let mut sides = Vec::new();
        let number = |(prompt, _, said, mut response, side): Taken| {
            let count = counts.entry((prompt, response.language.clone())).or_default();
            response.sample = said.filter(|_| are_kept).unwrap_or(*count);
            *count += 1;
            let sided = |side| (side, response.prompt_id.clone(), response.language.clone(), response.sample);
            sides.extend(side.map(sided));
            response
        };
        let responses = self.all.into_iter().map(number).collect();
        (responses, sides)
    }
}
