//! Step 6: MLC turns the representations of one prompt in many languages into one direction.

use serde::{Deserialize, Serialize};

use super::super::{
    question::Question,
    shown::{Asked, Tongue},
    staged::Staged,
};
use crate::{
    align::{
        cosines::{Cosines, dot, unit},
        mlc::{MlcSettings, gradient_by_unit, loss},
        symmetric::spectrum,
    },
    data::{Representations, RepresentedText},
};

/// The representations of one prompt after the last layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MlcScene {
    /// The question.
    pub asked: Asked,
    /// After how many layers.
    pub layer: u32,
    /// Of how many.
    pub n_layers: u32,
    /// The languages.
    pub languages: Vec<Tongue>,
    /// `[languages, dim]`: unit vectors.
    pub units: Vec<Vec<f64>>,
}

/// What some of the arrows have, one of them turned.
#[derive(Clone, Debug, PartialEq)]
pub struct MlcNow {
    /// Singular values of the arrows that are on, descending.
    pub singular: Vec<f64>,
    /// The loss, in nats.
    pub loss: f64,
    /// Of every arrow, its end in the plane of the first two directions, whether it is on or not.
    pub ends: Vec<[f64; 2]>,
    /// Of every arrow that is on, the length of its part of the gradient; 0 of those that are off.
    pub pull: Vec<f64>,
}

impl MlcScene {
    /// Takes the first prompt that has a representation in every language, after the last layer of the chat text.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all = &staged.session.measurements.representations;
        let chat = all.iter().filter(|record| record.text == RepresentedText::Chat);
        let record = chat.max_by_key(|record| record.layer)?;
        staged.session.prompts.iter().find_map(|prompt| {
            let found = |language| Some((language, vector(record, &prompt.id, language)?));
            let found: Vec<_> = staged.languages().iter().filter_map(found).collect();
            (found.len() > 2 && found.len() == staged.languages().len()).then(|| Self {
                asked: Asked::of(prompt, staged.anchor()),
                layer: record.layer,
                n_layers: record.n_layers,
                languages: found.iter().map(|(language, _)| Tongue::of(language)).collect(),
                units: found
                    .into_iter()
                    .map(|(_, vector)| unit(vector.iter().map(|x| f64::from(*x))))
                    .collect(),
            })
        })
    }

    /// The arrows that are on, and one turned towards the mean direction of the others by a share of the way, from 0 to 1.
    pub fn now(&self, is_on: &[bool], turned: Option<(usize, f64)>) -> MlcNow {
        let mut units = self.units.clone();
        if let Some((at, share)) = turned {
            units[at] = self.turned(at, share);
        }
        let on: Vec<Vec<f64>> =
            (0..units.len()).filter(|at| is_on[*at]).map(|at| units[at].clone()).collect();
        let singular = Cosines::of_units(&on).singular_values();
        let (value, gradient) = gradient_by_unit(&on, MlcSettings::default());
        let mut pulls = gradient.iter().map(|by| dot(by, by).sqrt());
        let [first, second] = self.plane();
        MlcNow {
            singular,
            loss: value,
            ends: units.iter().map(|unit| [dot(unit, &first), dot(unit, &second)]).collect(),
            pull: is_on
                .iter()
                .map(|is_on| if *is_on { pulls.next().unwrap_or_default() } else { 0.0 })
                .collect(),
        }
    }

    /// An arrow, turned towards the mean direction of the others by a share of the way to it.
    fn turned(&self, at: usize, share: f64) -> Vec<f64> {
        let dim = self.units[at].len();
        let others =
            |i: usize| (0..self.units.len()).filter(|o| *o != at).map(|o| self.units[o][i]).sum::<f64>();
        let mean = unit((0..dim).map(others));
        unit((0..dim).map(|i| (1.0 - share) * self.units[at][i] + share * mean[i]))
    }

    /// The first two directions of all arrows as they are: what the picture shows.
    fn plane(&self) -> [Vec<f64>; 2] {
        let n = self.units.len();
        let spectrum = spectrum(Cosines::of_units(&self.units).values(), n);
        [0, 1].map(|axis| {
            let dim = self.units[0].len();
            unit(
                (0..dim)
                    .map(|i| (0..n).map(|at| spectrum.vectors[axis][at] * self.units[at][i]).sum::<f64>()),
            )
        })
    }

    /// The loss if one arrow pointed where the others do on average.
    pub fn loss_if_turned(&self, at: usize) -> f64 {
        let mut units = self.units.clone();
        units[at] = self.turned(at, 1.0);
        loss(&Cosines::of_units(&units).singular_values(), MlcSettings::default()).value
    }

    /// Which arrow, turned to the others, lowers the loss most?
    pub fn question(&self) -> Question {
        let losses: Vec<f64> = (0..self.units.len()).map(|at| self.loss_if_turned(at)).collect();
        let lowest = (0..losses.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        Question::One { n_options: losses.len(), right: lowest.into_iter().collect() }
    }
}

fn vector<'a>(
    record: &'a Representations,
    prompt_id: &str,
    language: &crate::data::Language,
) -> Option<&'a [f32]> {
    let at = record.order.iter().position(|(id, l)| id == prompt_id && l == language)?;
    Some(record.vector(at)).filter(|vector| vector.iter().any(|x| *x != 0.0))
}
