//! Step 3: responses in another language, ordered by closeness to the reference.

use serde::{Deserialize, Serialize};

use super::super::{
    question::Question,
    shown::{Asked, Shown},
    staged::Staged,
};
use crate::{
    align::evidence::foreign_words,
    data::{InOrder, Language, Pair},
};

/// Responses that are to be ordered.
const N_ITEMS: usize = 5;

/// So many are worth ordering.
const ENOUGH: usize = 3;

/// One row: the reference, and responses of a language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairScene {
    /// The question, in the language of the responses.
    pub asked: Asked,
    /// The reference.
    pub reference: Shown,
    /// The responses with their scores, in the order in which they are shown first.
    pub items: Vec<(Shown, f32)>,
    /// Place of the chosen response among them.
    pub chosen: usize,
    /// Place of the rejected one.
    pub rejected: usize,
    /// The score of the chosen minus that of the rejected one.
    pub margin: f32,
}

impl PairScene {
    /// Takes a row with enough different scores and no words of another language, in Swahili where there is one, and else the one
    /// with the most.
    pub fn of(staged: &Staged) -> Option<Self> {
        let rank = |scene: &Self| {
            let n = scene.items.len();
            (!has_foreign(scene), scene.asked.language.tag == "sw", n)
        };
        let all = staged.session.pairs.iter().filter_map(|pair| Self::of_pair(staged, pair));
        all.reduce(|best, next| if rank(&next) > rank(&best) { next } else { best })
    }

    fn of_pair(staged: &Staged, pair: &Pair) -> Option<Self> {
        let session = &staged.session;
        let prompt = session.prompts.iter().find(|prompt| prompt.id == pair.prompt_id)?;
        let reference = session.response(&prompt.id, staged.anchor(), staged.reference(&prompt.id)?)?;
        if pair.language == *staged.anchor() {
            return None;
        }
        let row = session.candidates(&prompt.id, &pair.language);
        if row.len() != pair.scores.len() {
            return None;
        }
        let (chosen, rejected) = (pair.chosen?, pair.rejected?);
        let is_picked = |sample: u32| sample == chosen || sample == rejected;
        let mut scored: Vec<_> = row.into_iter().zip(pair.scores.iter().copied()).collect();
        // The picked ones first, so that of equal texts they stay.
        scored.order_by_key(|(response, _)| !is_picked(response.sample));
        let mut items: Vec<(Shown, f32)> = Vec::new();
        for (response, score) in scored {
            let is_new = items.iter().all(|(shown, other)| shown.text != response.text && *other != score);
            if is_new && items.len() < N_ITEMS {
                items.push((Shown::of(response), score));
            }
        }
        if items.len() < ENOUGH {
            return None;
        }
        staged.shuffle("pair", &mut items);
        let place = |sample: u32| items.iter().position(|(shown, _)| shown.sample == sample);
        Some(Self {
            asked: Asked::of(prompt, &pair.language),
            reference: Shown::of(reference),
            chosen: place(chosen)?,
            rejected: place(rejected)?,
            margin: pair.margin?,
            items,
        })
    }

    /// Which is closest, and which comes next?
    pub fn question(&self) -> Question {
        Question::Order { values: self.items.iter().map(|(_, score)| *score).collect() }
    }
}

/// Whether any of the responses has words in another language's script: that is the fifth step's matter.
fn has_foreign(scene: &PairScene) -> bool {
    scene.items.iter().any(|(shown, _)| is_foreign(shown, &scene.asked.text))
}

/// Whether a response to a question has words in another language's script.
pub(super) fn is_foreign(shown: &Shown, question: &str) -> bool {
    let language = Language::from(shown.language.tag.as_str());
    !foreign_words(&shown.text, &language, question).is_empty()
}
