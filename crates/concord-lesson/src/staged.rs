//! The session that a lesson is about: narrowed to the link's prompts, and picked again by its seed and smallest margin.

use std::collections::HashSet;

use super::link::Link;
use crate::{
    align::{Material, random::SplitMix64, select},
    data::{Language, Measurements, Prompt, Representations, Session, TaskKind},
};

/// Prompts that a lesson looks at, at most: enough for every step, and quick in a session of thousands.
const MOST_PROMPTS: usize = 16;

/// A session as a link shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Staged {
    /// Its prompts, responses, references, pairs, cosines and measurements; seed and smallest margin are the link's.
    pub session: Session,
}

impl Staged {
    /// Takes what the link asks for. Numbers of prompts that the session does not have are passed over; without any, or if it
    /// has none of them, the first ones are taken.
    pub fn new(session: &Session, link: &Link) -> Self {
        let is_asked = |at: &usize| link.prompts.contains(&(at + 1));
        let has_asked = (0..session.prompts.len()).any(|at| is_asked(&at));
        let places = (0..session.prompts.len()).filter(|at| !has_asked || is_asked(at)).take(MOST_PROMPTS);
        let prompts: Vec<Prompt> = places.map(|at| session.prompts[at].clone()).collect();
        let kept: HashSet<&str> = prompts.iter().map(|prompt| prompt.id.as_str()).collect();
        let is_kept = |id: &str| kept.contains(id);
        let all = &session.measurements;
        let measurements = Measurements {
            instructed: all.instructed.iter().filter(|row| is_kept(&row.prompt_id)).cloned().collect(),
            translations: all.translations.iter().filter(|row| is_kept(&row.prompt_id)).cloned().collect(),
            states: all.states.iter().filter(|record| is_kept(&record.prompt_id)).cloned().collect(),
            representations: all.representations.iter().map(|record| narrowed(record, &is_kept)).collect(),
            ..Measurements::default()
        };
        let mut session = Session {
            schema: session.schema.clone(),
            config: session.config.clone(),
            model: session.model.clone(),
            responses: session.responses.iter().filter(|r| is_kept(&r.prompt_id)).cloned().collect(),
            similarities: session.similarities.iter().filter(|s| is_kept(&s.prompt_id)).cloned().collect(),
            measurements,
            prompts: prompts.clone(),
            ..Session::default()
        };
        session.config.min_margin = link.margin;
        session.config.seed = link.seed;
        let picked = select(Material::of(&session), &session.config);
        (session.references, session.pairs) = (picked.references, picked.pairs);
        Self { session }
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
        let key =
            step.bytes().fold(u64::from(self.session.config.seed), |key, byte| key * 31 + u64::from(byte));
        SplitMix64::new(key).shuffle(items);
    }

    /// The sample that is the reference of a prompt.
    pub fn reference(&self, prompt_id: &str) -> Option<u32> {
        self.session.references.iter().find(|reference| reference.prompt_id == prompt_id)?.sample
    }
}

/// The representations of some prompts.
fn narrowed(record: &Representations, is_kept: &impl Fn(&str) -> bool) -> Representations {
    let places: Vec<usize> = (0..record.order.len()).filter(|at| is_kept(&record.order[*at].0)).collect();
    Representations {
        order: places.iter().map(|at| record.order[*at].clone()).collect(),
        values: places.iter().flat_map(|at| record.vector(*at)).copied().collect(),
        ..*record
    }
}
