//! CM-Align (arXiv 2509.08541): a consistency-guided reference in the anchor language, then cross-lingual pairs.
//!
//! | step | math | general | code |
//! |---|---|---|---|
//! | consistency of an anchor response | share of the responses with its answer | mean cosine to the others | mean snippet similarity to the others |
//! | reference | majority vote; in the majority, highest mean cosine to it (**ours**) | highest consistency | highest consistency |
//! | score of a candidate | 1 if its answer is the reference's, else 0 | cosine to the reference | snippet similarity to it |
//! | chosen, rejected | from the ones, from the zeros; highest and lowest cosine to the reference (**ours**) | highest, lowest score | highest, lowest score (**ours**) |
//!
//! Every tie goes to the lowest sample index, so that the order in which responses or languages arrive changes nothing.
//! A prompt's own `task` decides which column applies. Sums are kept in f64 and compared as the stored f32, so that the
//! numbers on screen are the ones that decided. No output is ever NaN.

mod code;
mod pairs;
mod reference;

use std::collections::HashMap;

use super::{PromptMaterial, similarity::CosineView};
use crate::data::{Language, Pair, Prompt, Reference, Response, SessionConfig, Similarity, Task};
use code::Snippets;

/// Picks the reference and the pairs of one prompt.
pub(super) fn pick(
    prompt: &Prompt,
    material: &PromptMaterial<'_>,
    config: &SessionConfig,
) -> (Reference, Vec<Pair>) {
    let context = Context::new(prompt, &material.responses, material.similarity, config);
    let reference = reference::pick(&context);
    let languages = config.languages.iter().filter(|language| prompt.text.contains_key(language));
    let pairs = languages.map(|language| pairs::pick(&context, &reference, language)).collect();
    (reference, pairs)
}

/// Everything the rules of one prompt look at.
struct Context<'a> {
    prompt: &'a Prompt,
    config: &'a SessionConfig,
    rows: HashMap<&'a Language, Vec<&'a Response>>,
    cosines: CosineView<'a>,
    snippets: Option<Snippets<'a>>,
}

impl<'a> Context<'a> {
    fn new(
        prompt: &'a Prompt,
        responses: &[&'a Response],
        similarity: Option<&'a Similarity>,
        config: &'a SessionConfig,
    ) -> Self {
        let mut rows: HashMap<&Language, Vec<&Response>> = HashMap::new();
        for response in responses.iter().filter(|r| r.is_candidate()) {
            rows.entry(&response.language).or_default().push(response);
        }
        rows.values_mut().for_each(|row| row.sort_by_key(|r| r.sample));
        let snippets = (prompt.task == Task::Code).then(|| Snippets::new(responses));
        Self { prompt, config, rows, cosines: CosineView::new(similarity), snippets }
    }

    /// The candidates of a row in sample order.
    fn row(&self, language: &Language) -> &[&'a Response] {
        self.rows.get(language).map(Vec::as_slice).unwrap_or_default()
    }

    /// How close two responses are, for the tasks that compare by degree: cosine, or similarity of code snippets.
    fn closeness(&self, a: &Response, b: &Response) -> Option<f32> {
        match &self.snippets {
            Some(snippets) => Some(snippets.similarity(a, b)),
            None => self.cosines.of(a, b),
        }
    }

    /// For each candidate the index of the one that stands for it: itself, or with `merge_duplicates` the first with
    /// the same text (leading and trailing white space aside).
    fn representatives(&self, row: &[&Response]) -> Vec<usize> {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let merge = self.config.merge_duplicates;
        let texts = row.iter().map(|r| r.text.trim()).enumerate();
        texts.map(|(i, text)| if merge { *first.entry(text).or_insert(i) } else { i }).collect()
    }
}

/// The index of the largest key, the first of equal ones.
fn argmax(keys: impl Iterator<Item = (usize, (f32, f32))>) -> Option<usize> {
    keys.reduce(|best, next| if less(best.1, next.1) { next } else { best }).map(|(i, _)| i)
}

/// The index of the smallest key, the first of equal ones.
fn argmin(keys: impl Iterator<Item = (usize, (f32, f32))>) -> Option<usize> {
    keys.reduce(|best, next| if less(next.1, best.1) { next } else { best }).map(|(i, _)| i)
}

/// First by the score, then by the tie-break; all values are finite.
fn less(a: (f32, f32), b: (f32, f32)) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}

#[cfg(test)]
mod tests;
