//! The computations behind the screen, in steps of a few milliseconds each.

use super::Source;
use crate::{
    align::{
        alignx::{Alignment, LayerAlignment, TEMPERATURE},
        cosines::Cosines,
        mlc::{MlcSettings, PromptCosines, SetMlc, Unseen, mlc_of_set, unseen},
        vector_table::VectorTable,
    },
    data::{InOrder, Representations, RepresentedText, StatePooling},
};

/// What is known of one layer, whatever the loss's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerFacts {
    /// After how many layers.
    pub layer: u32,
    /// Its place in the session's representations.
    pub place: usize,
    /// The cosines of the languages, by prompt.
    pub prompts: Vec<PromptCosines>,
    /// How languages align.
    pub alignment: LayerAlignment,
    /// Languages whose vectors do not depend on the prompt.
    pub unseen: Unseen,
}

/// A cosine from here on is 1 to three digits.
const IS_ONE: f64 = 0.9995;

impl LayerFacts {
    /// Whether the layer sees one token of every text and that is the same one, so that every cosine is 1: so it is before the
    /// first layer of a chat template, whose end is the template's.
    pub fn sees_one_token(&self, (text, pooling): Source) -> bool {
        let is_one = |prompt: &PromptCosines| prompt.cosines.minimum().is_none_or(|lowest| lowest >= IS_ONE);
        (self.layer, text, pooling) == (0, RepresentedText::Chat, StatePooling::Last)
            && self.prompts.iter().all(is_one)
    }
}

/// Goes through the layers of a source.
#[derive(Clone, Debug)]
pub struct LayerScan {
    todo: Vec<usize>,
    work: Work,
    layers: Vec<LayerFacts>,
}

#[derive(Clone, Debug)]
enum Work {
    Idle,
    Cosines(VectorTable, Vec<PromptCosines>),
    Contrast(Vec<PromptCosines>, Box<Alignment>),
}

impl LayerScan {
    /// Finds the layers of a source.
    pub fn new(all: &[Representations], source: Source) -> Self {
        let mut todo: Vec<usize> =
            (0..all.len()).filter(|at| (all[*at].text, all[*at].pooling) == source).collect();
        todo.order_by_key(|at| all[*at].layer);
        Self { todo, work: Work::Idle, layers: Vec::new() }
    }

    /// Does the next step; whether any is left. `all` are the representations that it was made of.
    pub fn step(&mut self, all: &[Representations]) -> bool {
        let Some(place) = self.todo.get(self.layers.len()).copied() else { return false };
        let Some(layer) = all.get(place) else { return false };
        self.work = match std::mem::replace(&mut self.work, Work::Idle) {
            Work::Idle => Work::Cosines(VectorTable::new(layer), Vec::new()),
            Work::Cosines(table, mut done) if done.len() < table.prompts().len() => {
                done.push(cosines(&table, done.len()));
                Work::Cosines(table, done)
            }
            Work::Cosines(_, done) => Work::Contrast(done, Box::new(Alignment::new(layer, TEMPERATURE))),
            Work::Contrast(prompts, mut alignment) => {
                if alignment.step() {
                    Work::Contrast(prompts, alignment)
                } else {
                    let alignment = alignment.finish();
                    let unseen = unseen(layer);
                    self.layers.push(LayerFacts { layer: layer.layer, place, prompts, alignment, unseen });
                    Work::Idle
                }
            }
        };
        self.layers.len() < self.todo.len()
    }

    /// Layers that are done, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.layers.len(), self.todo.len())
    }

    /// What was found, in the order of layers.
    pub fn finish(self) -> Vec<LayerFacts> {
        self.layers
    }
}

/// The cosines of one prompt's languages.
fn cosines(table: &VectorTable, prompt: usize) -> PromptCosines {
    let there = (0..table.languages().len())
        .filter_map(|language| Some((language, table.unit(prompt, language)?.to_vec())));
    let (languages, units): (Vec<usize>, Vec<Vec<f64>>) = there.unzip();
    PromptCosines {
        prompt_id: table.prompts()[prompt].clone(),
        languages: languages.into_iter().map(|at| table.languages()[at].clone()).collect(),
        cosines: Cosines::of_units(&units),
    }
}

/// The multilingual consistency loss of every layer, a layer per step.
#[derive(Clone, Debug)]
pub struct MlcScan {
    settings: MlcSettings,
    layers: Vec<SetMlc>,
}

impl MlcScan {
    /// With these settings.
    pub fn new(settings: MlcSettings) -> Self {
        Self { settings, layers: Vec::new() }
    }

    /// Does the next layer; whether any is left.
    pub fn step(&mut self, facts: &[LayerFacts]) -> bool {
        if let Some(next) = facts.get(self.layers.len()) {
            self.layers.push(mlc_of_set(&next.prompts, None, self.settings));
        }
        self.layers.len() < facts.len()
    }

    /// What was found, in the order of the facts.
    pub fn finish(self) -> Vec<SetMlc> {
        self.layers
    }
}
