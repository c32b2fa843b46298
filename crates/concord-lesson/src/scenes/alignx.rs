//! Step 7: where in the layers languages meet and part.

use serde::{Deserialize, Serialize};

use super::super::{question::Question, staged::Staged};
use crate::{
    align::alignx::{TEMPERATURE, align_layer, alignment_curve},
    data::RepresentedText,
};

/// Layers whose means differ by less are both right.
const TIE: f64 = 1e-6;

/// How alike one question is in all languages, layer by layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlignXScene {
    /// From the embedding up.
    pub layers: Vec<LayerMeans>,
    /// Prompts behind it.
    pub n_prompts: usize,
    /// Languages behind it.
    pub n_languages: usize,
}

/// Means over all ordered pairs of languages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerMeans {
    /// After how many layers.
    pub layer: u32,
    /// Mean cosine of one question in two languages.
    pub matched: f64,
    /// Mean cosine of two questions in two languages.
    pub unmatched: f64,
    /// Share of questions that are nearest to themselves in the other language.
    pub retrieval: f64,
    /// The contrastive loss, in nats.
    pub loss: f64,
}

impl AlignXScene {
    /// Takes all layers of the plain text; needs two prompts in two languages.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all = &staged.session.measurements.representations;
        let layers: Vec<_> = all
            .iter()
            .filter(|record| record.text == RepresentedText::Plain)
            .map(|record| align_layer(record, TEMPERATURE))
            .collect();
        let point = |point: crate::align::alignx::AlignmentPoint| {
            let means = point.means?;
            Some(LayerMeans {
                layer: point.layer,
                matched: means.matched,
                unmatched: means.unmatched?,
                retrieval: means.retrieval,
                loss: means.loss,
            })
        };
        let layers: Vec<LayerMeans> = alignment_curve(&layers).into_iter().filter_map(point).collect();
        let (n_prompts, n_languages) = (staged.session.prompts.len(), staged.languages().len());
        (layers.len() > 2).then_some(Self { layers, n_prompts, n_languages })
    }

    /// After which layer is one question most alike in all languages?
    pub fn question(&self) -> Question {
        let most = self.layers.iter().map(|layer| layer.matched).fold(f64::MIN, f64::max);
        let right = (0..self.layers.len()).filter(|at| self.layers[*at].matched > most - TIE).collect();
        Question::One { n_options: self.layers.len(), right }
    }
}
