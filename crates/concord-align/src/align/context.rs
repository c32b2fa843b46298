//! What the rules of one prompt look at: its candidates by language, their cosines, their code.

use std::collections::HashMap;

use super::{PromptMaterial, code::Snippets, similarity::CosineView};
use crate::data::{InOrder, Language, Prompt, Response, SessionConfig, Similarity, TaskKind};

/// The candidates of one prompt, ready to be compared.
pub(super) struct Context<'a> {
    pub(super) prompt: &'a Prompt,
    pub(super) config: &'a SessionConfig,
    /// All responses of the prompt, translations among them.
    pub(super) material: &'a PromptMaterial<'a>,
    pub(super) cosines: CosineView<'a>,
    rows: HashMap<&'a Language, Vec<&'a Response>>,
    snippets: Option<Snippets<'a>>,
}

impl<'a> Context<'a> {
    /// Sorts the candidates into rows; `similarity` is what [`Context::cosines`] looks into.
    pub(super) fn new(
        prompt: &'a Prompt,
        material: &'a PromptMaterial<'a>,
        similarity: Option<&'a Similarity>,
        config: &'a SessionConfig,
    ) -> Self {
        let mut rows: HashMap<&Language, Vec<&Response>> = HashMap::new();
        let candidates = || material.responses.iter().copied().filter(|r| r.is_candidate());
        for response in candidates() {
            rows.entry(&response.language).or_default().push(response);
        }
        rows.values_mut().for_each(|row| row.order_by_key(|r| r.sample));
        let needs_snippets = prompt.task == TaskKind::Code && config.method.has_reference();
        let snippets = needs_snippets.then(|| Snippets::new(candidates()));
        Self { prompt, config, material, cosines: CosineView::new(similarity), rows, snippets }
    }

    /// The candidates of a row in sample order.
    pub(super) fn row(&self, language: &Language) -> &[&'a Response] {
        self.rows.get(language).map(Vec::as_slice).unwrap_or_default()
    }

    /// The languages asked that this prompt has a text in, in the settings' order.
    pub(super) fn languages(&self) -> impl Iterator<Item = &'a Language> {
        let prompt = self.prompt;
        self.config.languages.iter().filter(|language| prompt.text.contains_key(language))
    }

    /// How close two responses are, for the tasks that compare by degree: cosine, or similarity of code snippets.
    pub(super) fn closeness(&self, a: &Response, b: &Response) -> Option<f32> {
        match &self.snippets {
            Some(snippets) => Some(snippets.similarity(a, b)),
            None => self.cosines.of(a, b),
        }
    }

    /// For each candidate the index of the one that stands for it: itself, or with `merge_duplicates` the first with
    /// the same text (leading and trailing white space aside).
    pub(super) fn representatives(&self, row: &[&Response]) -> Vec<usize> {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let merge = self.config.merge_duplicates;
        let texts = row.iter().map(|r| r.text.trim()).enumerate();
        texts.map(|(i, text)| if merge { *first.entry(text).or_insert(i) } else { i }).collect()
    }

    /// Whether a response came to its own end, and so did what it is a translation of (**ours**: what was cut lacks its end,
    /// most often the answer, and is not what the model would have said).
    pub(super) fn is_whole(&self, response: &Response) -> bool {
        let is_source = |(language, sample): &(Language, u32)| {
            let all = self.material.responses.iter();
            all.copied().find(|r| r.language == *language && r.sample == *sample && r.is_cut())
        };
        !response.is_cut() && response.translation_of.as_ref().and_then(is_source).is_none()
    }

    /// Whether the language gate lets a response be chosen: false only if its language was detected, differs from the
    /// one it was asked in, and the gate is on (**ours**). Texts whose language cannot be told always pass.
    pub(super) fn passes_gate(&self, response: &Response) -> bool {
        let detected = response.detected_language.as_ref();
        !self.config.language_gate || detected.is_none_or(|detected| detected.may_be(&response.language))
    }
}

/// Whether a response says anything. One that does not is never a reference, never chosen and never rejected (**ours**:
/// trainers cannot take an empty text), but it counts in `n`.
pub(super) fn has_text(response: &Response) -> bool {
    !response.text.trim().is_empty()
}

/// A score, and what decides among equal scores; both finite.
pub(super) type Key = (f32, f32);

/// The index of the largest key, the first of equal ones.
pub(super) fn argmax(keys: impl Iterator<Item = (usize, Key)>) -> Option<usize> {
    keys.reduce(|best, next| if less(best.1, next.1) { next } else { best }).map(|(i, _)| i)
}

/// The index of the smallest key, the first of equal ones.
pub(super) fn argmin(keys: impl Iterator<Item = (usize, Key)>) -> Option<usize> {
    keys.reduce(|best, next| if less(next.1, best.1) { next } else { best }).map(|(i, _)| i)
}

/// First by the score, then by the tie-break; all values are finite.
fn less(a: Key, b: Key) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}
