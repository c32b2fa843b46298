//! Step 2: which of the anchor's responses would one trust?

use serde::{Deserialize, Serialize};

use super::super::{
    question::Question,
    shown::{Asked, Shown},
    staged::Staged,
};
use crate::{
    align::projection::project_gram,
    data::{InOrder, Language, Reference, Similarity},
};

/// The anchor's responses to one prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// The question.
    pub asked: Asked,
    /// The responses by sample.
    pub responses: Vec<Voter>,
    /// Place of the reference among them.
    pub reference: usize,
    /// Shares of the variance along the two directions of the picture.
    pub explained: [f64; 2],
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Voter {
    /// The response.
    pub shown: Shown,
    /// Its consistency: for math the share of responses with its answer, else its mean cosine to the others.
    pub consistency: f32,
    /// Responses with its answer, itself among them; 0 without an answer.
    pub n_same: usize,
    /// Mean cosine to the others, computed here.
    pub mean_cosine: f32,
    /// Its place in the picture.
    pub place: [f64; 2],
}

impl Vote {
    /// Takes the prompt with the most different answers among those that have a reference; the first of several.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all =
            staged.session.references.iter().filter_map(|reference| Self::of_reference(staged, reference));
        all.reduce(|best, next| if next.n_answers() > best.n_answers() { next } else { best })
    }

    fn of_reference(staged: &Staged, reference: &Reference) -> Option<Self> {
        let session = &staged.session;
        let prompt = session.prompts.iter().find(|prompt| prompt.id == reference.prompt_id)?;
        let row = session.candidates(&prompt.id, &reference.language);
        let similarity = session.similarities.iter().find(|similarity| similarity.prompt_id == prompt.id)?;
        let places: Option<Vec<usize>> =
            row.iter().map(|r| place_of(similarity, &r.language, r.sample)).collect();
        let places = places?;
        let n = row.len();
        if n < 3 || reference.consistency.len() != n {
            return None;
        }
        let cosine = |i: usize, j: usize| similarity.at(places[i], places[j]);
        let gram: Vec<f64> = (0..n * n).map(|at| f64::from(cosine(at / n, at % n))).collect();
        let picture = project_gram(&gram, n);
        let voter = |at: usize| Voter {
            shown: Shown::of(row[at]),
            consistency: reference.consistency[at],
            n_same: row.iter().filter(|r| r.answer.is_some() && r.answer == row[at].answer).count(),
            mean_cosine: (0..n).filter(|other| *other != at).map(|other| cosine(at, other)).sum::<f32>()
                / (n - 1) as f32,
            place: picture.points[at],
        };
        let sample = reference.sample?;
        Some(Self {
            asked: Asked::of(prompt, &reference.language),
            responses: (0..n).map(voter).collect(),
            reference: row.iter().position(|r| r.sample == sample)?,
            explained: picture.explained,
        })
    }

    fn n_answers(&self) -> usize {
        let mut answers: Vec<&str> =
            self.responses.iter().filter_map(|voter| voter.shown.answer.as_deref()).collect();
        answers.order();
        answers.dedup();
        answers.len()
    }

    /// Which one would you trust? Those as consistent as the reference are right.
    pub fn question(&self) -> Question {
        let most = self.responses[self.reference].consistency;
        let right = (0..self.responses.len()).filter(|at| self.responses[*at].consistency >= most).collect();
        Question::One { n_options: self.responses.len(), right }
    }
}

/// Where a response stands in the order of the cosines.
pub(super) fn place_of(similarity: &Similarity, language: &Language, sample: u32) -> Option<usize> {
    similarity.order.iter().position(|(l, s)| l == language && *s == sample)
}
