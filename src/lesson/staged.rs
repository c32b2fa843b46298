//! The session that a lesson is about: narrowed to the link's prompts, and picked again by its seed and smallest margin.

use std::collections::HashSet;

use super::link::Link;
use crate::{
    align::{Material, random::SplitMix64, select},
    data::{Language, Prompt, Session, TaskKind},
};

/// A session as a link shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Staged {
    /// Its prompts, responses, references, pairs, cosines and measurements.
    pub session: Session,
    /// Decides orders and what is drawn.
    pub seed: u32,
    /// The smallest margin.
    pub margin: f32,
}

impl Staged {
    /// Takes what the link asks for. Numbers of prompts that the session does not have are passed over.
    pub fn new(mut session: Session, link: &Link) -> Self {
        if !link.prompts.is_empty() {
            let mut number = 0;
            session.prompts.retain(|_| {
                number += 1;
                link.prompts.contains(&number)
            });
            let kept: HashSet<String> = session.prompts.iter().map(|prompt| prompt.id.clone()).collect();
            let is_kept = |id: &String| kept.contains(id);
            session.responses.retain(|response| is_kept(&response.prompt_id));
            session.similarities.retain(|similarity| is_kept(&similarity.prompt_id));
            session.measurements.own.retain(|row| is_kept(&row.prompt_id));
            session.measurements.instructed.retain(|row| is_kept(&row.prompt_id));
            session.measurements.translations.retain(|row| is_kept(&row.prompt_id));
            for record in &mut session.measurements.representations {
                let dim = record.dim as usize;
                let places: Vec<usize> =
                    (0..record.order.len()).filter(|at| is_kept(&record.order[*at].0)).collect();
                record.values = places
                    .iter()
                    .flat_map(|at| record.values.get(at * dim..(at + 1) * dim).unwrap_or_default().to_vec())
                    .collect();
                record.order = places.iter().map(|at| record.order[*at].clone()).collect();
            }
        }
        session.config.min_margin = link.margin;
        session.config.seed = link.seed;
        let picked = select(Material::of(&session), &session.config);
        (session.references, session.pairs) = (picked.references, picked.pairs);
        Self { session, seed: link.seed, margin: link.margin }
    }

    /// Languages of the session, the anchor first.
    pub fn languages(&self) -> &[Language] {
        &self.session.config.languages
    }

    /// The language whose responses the others are compared with.
    pub fn anchor(&self) -> &Language {
        &self.session.config.anchor
    }

    /// Prompts with numbers for answers.
    pub fn math(&self) -> impl Iterator<Item = &Prompt> {
        self.session.prompts.iter().filter(|prompt| prompt.task == TaskKind::Math)
    }

    /// Puts items into an order that the seed and the step decide.
    pub fn shuffle<T>(&self, step: &str, items: &mut [T]) {
        let key = step.bytes().fold(u64::from(self.seed), |key, byte| key * 31 + u64::from(byte));
        SplitMix64::new(key).shuffle(items);
    }

    /// The sample that is the reference of a prompt.
    pub fn reference(&self, prompt_id: &str) -> Option<u32> {
        self.session.references.iter().find(|reference| reference.prompt_id == prompt_id)?.sample
    }
}
