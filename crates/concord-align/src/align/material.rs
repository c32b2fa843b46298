//! What the methods look at: responses of a prompt set and what was measured of them, indexed by prompt.

use std::collections::HashMap;

use crate::data::{Measurements, Prompt, Response, RowScores, Session, Similarity, TranslationScores};

/// The records of a session that the methods read; settings apart, so that several can be tried on the same responses.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The prompts.
    pub prompts: &'a [Prompt],
    /// Their responses, in any order.
    pub responses: &'a [Response],
    /// Cosines of the responses, by prompt.
    pub similarities: &'a [Similarity],
    /// What a model said of the responses.
    pub measurements: &'a Measurements,
}

impl<'a> Material<'a> {
    /// That of a session.
    pub fn of(session: &'a Session) -> Self {
        Self {
            prompts: &session.prompts,
            responses: &session.responses,
            similarities: &session.similarities,
            measurements: &session.measurements,
        }
    }
}

/// The material of one prompt.
#[derive(Clone, Debug, Default)]
pub struct PromptMaterial<'a> {
    /// Its responses, cancelled ones and translations among them, in the order they came.
    pub responses: Vec<&'a Response>,
    /// Its cosines.
    pub similarity: Option<&'a Similarity>,
    /// Cosines of the generator's own states.
    pub states: Option<&'a Similarity>,
    /// Scores after the anchor's prompt with an instruction to answer in the row's language.
    pub instructed: Vec<&'a RowScores>,
    /// Scores of the anchor's responses as translations.
    pub translations: Vec<&'a TranslationScores>,
}

/// The material indexed by prompt: made once, used by every method.
#[derive(Clone, Debug)]
pub struct PromptIndex<'a> {
    /// What is indexed.
    pub material: Material<'a>,
    by_prompt: HashMap<&'a str, PromptMaterial<'a>>,
    places: HashMap<&'a str, usize>,
    none: PromptMaterial<'a>,
}

impl<'a> PromptIndex<'a> {
    /// Indexes the material.
    pub fn new(material: Material<'a>) -> Self {
        let mut by_prompt: HashMap<&str, PromptMaterial<'_>> = HashMap::new();
        for response in material.responses {
            by_prompt.entry(&response.prompt_id).or_default().responses.push(response);
        }
        for similarity in material.similarities {
            by_prompt.entry(&similarity.prompt_id).or_default().similarity = Some(similarity);
        }
        for states in &material.measurements.states {
            by_prompt.entry(&states.prompt_id).or_default().states = Some(states);
        }
        let places = material.prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.as_str(), i)).collect();
        for scores in &material.measurements.instructed {
            by_prompt.entry(&scores.prompt_id).or_default().instructed.push(scores);
        }
        for scores in &material.measurements.translations {
            by_prompt.entry(&scores.prompt_id).or_default().translations.push(scores);
        }
        Self { material, by_prompt, places, none: PromptMaterial::default() }
    }

    /// What there is of a prompt.
    pub fn of(&self, prompt: &Prompt) -> &PromptMaterial<'a> {
        self.by_prompt.get(prompt.id.as_str()).unwrap_or(&self.none)
    }

    /// The place of a prompt in the set, by its id.
    pub fn place(&self, prompt_id: &str) -> Option<usize> {
        self.places.get(prompt_id).copied()
    }
}
