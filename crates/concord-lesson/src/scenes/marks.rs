//! Step 5: responses that consistency gives its best mark, and which of them to keep.

use serde::{Deserialize, Serialize};

use super::super::{
    misleads::find,
    question::Question,
    shown::{Asked, Shown},
    staged::Staged,
};
use crate::align::{answer::answer_key, gold_answer};

/// Why a response has the best mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is the reference: most agree with it, and it is right.
    Reference,
    /// It is the reference: most agree with it, and they are wrong.
    AgreedWrong,
    /// It scores highest in its row, with words of another language.
    Foreign,
    /// It was drawn to be the reference, by chance.
    Chance,
}

impl Why {
    /// What its texts are named by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::AgreedWrong => "agreed",
            Self::Foreign => "foreign",
            Self::Chance => "chance",
        }
    }
}

/// Responses with the best mark of their way of picking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Marks {
    /// Each with its question and why it has the mark, in the order in which they are shown.
    pub cards: Vec<(Shown, Asked, Why)>,
    /// Of each kind of misleading mark: how often it is in this session, and of how many prompts or rows.
    pub counts: Vec<(Why, usize, usize)>,
}

impl Marks {
    /// Takes one of each kind that the session has; `None` where only good ones are there.
    pub fn of(staged: &Staged) -> Option<Self> {
        let (session, anchor) = (&staged.session, staged.anchor());
        let found = find(session);
        let mut picked = Vec::new();
        let agreed = found.agreed.first().map(|case| (case.prompt_id.clone(), anchor, case.sample));
        picked.extend(agreed.map(|at| (at, Why::AgreedWrong)));
        let foreign = found.foreign.first().map(|case| (case.prompt_id.clone(), &case.language, case.sample));
        picked.extend(foreign.map(|at| (at, Why::Foreign)));
        let chance = found.chance.first().map(|case| (case.prompt_id.clone(), anchor, case.drawn));
        picked.extend(chance.map(|at| (at, Why::Chance)));
        if picked.is_empty() {
            return None;
        }
        // The good one is on another prompt where there is one.
        let is_right = |prompt_id: &str, sample: u32| {
            let prompt = session.prompts.iter().find(|prompt| prompt.id == prompt_id)?;
            let answer = session.response(prompt_id, anchor, sample)?.answer.as_deref().map(answer_key)?;
            (answer == answer_key(&gold_answer(prompt, anchor)?)).then_some(())
        };
        let good = session.references.iter().filter_map(|reference| {
            let sample = reference.sample?;
            is_right(&reference.prompt_id, sample)?;
            Some((reference.prompt_id.clone(), anchor, sample))
        });
        let is_used = |id: &str| picked.iter().any(|((used, ..), _)| used == id);
        let good =
            good.reduce(|best, next| if is_used(&best.0) && !is_used(&next.0) { next } else { best })?;
        picked.push((good, Why::Reference));
        let card = |((prompt_id, language, sample), why): ((String, _, u32), Why)| {
            let prompt = session.prompts.iter().find(|prompt| prompt.id == prompt_id)?;
            let response = session.response(&prompt_id, language, sample)?;
            Some((Shown::of(response), Asked::of(prompt, language), why))
        };
        let mut cards: Vec<_> = picked.into_iter().filter_map(card).collect();
        staged.shuffle("misleads", &mut cards);
        let counts = vec![
            (Why::AgreedWrong, found.agreed.len(), found.n_prompts),
            (Why::Foreign, found.foreign.len(), found.n_rows),
            (Why::Chance, found.chance.len(), found.n_prompts),
        ];
        (cards.len() > 1).then_some(Self { cards, counts })
    }

    /// Which one would you keep?
    pub fn question(&self) -> Question {
        let is_good = |at: &usize| self.cards[*at].2 == Why::Reference;
        let right = (0..self.cards.len()).filter(is_good).collect();
        Question::One { n_options: self.cards.len(), right }
    }
}
