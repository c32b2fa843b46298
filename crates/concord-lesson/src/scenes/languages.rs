//! Step 1: one question in many languages.

use serde::{Deserialize, Serialize};

use super::super::{
    question::Question,
    shown::{Asked, Shown},
    staged::Staged,
};
use crate::{
    align::{answer::answer_key, gold_answer},
    data::Prompt,
};

/// One question, and the first response in every language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Languages {
    /// The question in the anchor language.
    pub asked: Asked,
    /// The right answer.
    pub gold: String,
    /// The first response of each language, and whether it is right.
    pub rows: Vec<(Shown, bool)>,
}

impl Languages {
    /// Takes the prompt on which the languages differ most: about half of the first responses are right. The first of several.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all = staged.math().filter_map(|prompt| Self::of_prompt(staged, prompt));
        let from_half = |scene: &Self| (2 * scene.n_right()).abs_diff(scene.rows.len());
        all.filter(|scene| scene.rows.len() > 1).min_by_key(from_half)
    }

    fn of_prompt(staged: &Staged, prompt: &Prompt) -> Option<Self> {
        let gold = gold_answer(prompt, staged.anchor())?;
        let key = answer_key(&gold);
        let first = |language| staged.session.candidates(&prompt.id, language).into_iter().next();
        let rows = staged.languages().iter().filter_map(first);
        let is_right = |answer: &Option<String>| answer.as_deref().map(answer_key).as_ref() == Some(&key);
        let rows = rows.map(|response| (Shown::of(response), is_right(&response.answer))).collect();
        Some(Self { asked: Asked::of(prompt, staged.anchor()), gold, rows })
    }

    /// How many of the responses are right.
    pub fn n_right(&self) -> usize {
        self.rows.iter().filter(|(_, is_right)| *is_right).count()
    }

    /// In how many languages is the first response right? Option `k` is `k` of them.
    pub fn question(&self) -> Question {
        Question::One { n_options: self.rows.len() + 1, right: vec![self.n_right()] }
    }
}
