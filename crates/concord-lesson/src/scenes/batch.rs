//! Step 8: what an optimiser step sees.

use serde::{Deserialize, Serialize};

use super::super::{question::Question, shown::Tongue, staged::Staged};
use crate::align::{
    BatchSettings, Composition,
    batchwise::{BatchItem, compose},
};

/// The pairs, and the steps of two ways to compose them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchScene {
    /// Prompts that have pairs.
    pub prompts: Vec<String>,
    /// Languages that have pairs.
    pub languages: Vec<Tongue>,
    /// Prompt and language of each pair, by their places above.
    pub pairs: Vec<(usize, usize)>,
    /// Pairs of each step with whole groups, by their places.
    pub whole: Vec<Vec<usize>>,
    /// Pairs of each step in random order.
    pub random: Vec<Vec<usize>>,
}

/// What a step sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Different prompts.
    pub n_prompts: usize,
    /// Different languages.
    pub n_languages: usize,
    /// Prompts of which all pairs are there.
    pub n_whole: usize,
}

impl BatchScene {
    /// Composes the session's pairs, two prompts to a step, with its seed.
    pub fn of(staged: &Staged) -> Option<Self> {
        let session = &staged.session;
        let with_pair =
            || session.pairs.iter().filter(|pair| pair.chosen.is_some() && pair.rejected.is_some());
        let n_tokens = 0;
        let items: Vec<BatchItem> = with_pair()
            .map(|pair| BatchItem {
                prompt_id: pair.prompt_id.clone(),
                language: pair.language.clone(),
                n_tokens,
            })
            .collect();
        let prompts: Vec<String> = session
            .prompts
            .iter()
            .map(|prompt| prompt.id.clone())
            .filter(|id| items.iter().any(|item| item.prompt_id == *id))
            .collect();
        let languages: Vec<_> =
            staged.languages().iter().filter(|l| items.iter().any(|item| item.language == **l)).collect();
        if prompts.len() < 3 || languages.len() < 2 {
            return None;
        }
        let place = |item: &BatchItem| {
            let prompt = prompts.iter().position(|id| *id == item.prompt_id)?;
            Some((prompt, languages.iter().position(|l| **l == item.language)?))
        };
        let steps = |composition| {
            let settings =
                BatchSettings { composition, seed: session.config.seed, ..BatchSettings::default() };
            let batches = compose(&items, staged.anchor(), &settings).batches;
            batches.iter().map(|batch| batch.items.iter().map(|item| *item as usize).collect()).collect()
        };
        Some(Self {
            pairs: items.iter().map(place).collect::<Option<_>>()?,
            whole: steps(Composition::AnchorExcluded),
            random: steps(Composition::Random),
            languages: languages.into_iter().map(Tongue::of).collect(),
            prompts,
        })
    }

    /// What a step of some pairs sees.
    pub fn seen(&self, pairs: &[usize]) -> Seen {
        let has_prompt = |prompt: &usize| pairs.iter().any(|pair| self.pairs[*pair].0 == *prompt);
        let has_language = |language: &usize| pairs.iter().any(|pair| self.pairs[*pair].1 == *language);
        let prompts: Vec<usize> = (0..self.prompts.len()).filter(has_prompt).collect();
        let n_languages = (0..self.languages.len()).filter(has_language).count();
        let is_whole = |prompt: &&usize| {
            (0..self.pairs.len())
                .filter(|pair| self.pairs[*pair].0 == **prompt)
                .all(|pair| pairs.contains(&pair))
        };
        let n_whole = prompts.iter().filter(is_whole).count();
        Seen { n_prompts: prompts.len(), n_languages, n_whole }
    }

    /// How many of the steps in random order see a prompt in all its languages? Option `k` is `k` of them.
    pub fn question(&self) -> Question {
        let right = self.random.iter().filter(|step| self.seen(step).n_whole > 0).count();
        Question::One { n_options: self.random.len() + 1, right: vec![right] }
    }
}
