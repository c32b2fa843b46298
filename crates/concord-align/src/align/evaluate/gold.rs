//! Gold answers, and which responses are right by them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::align::answer::answer_key;
use crate::align::gold_answer;
use crate::data::{FinishReason, Language, Pair, Prompt, Response};

/// A gold answer that cannot be read as a number, so that its prompt is not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadGold {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// What stands there.
    pub gold: String,
}

/// Whether both sides of a pair are as they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The chosen response has the gold answer.
    pub chosen_right: bool,
    /// The rejected response has not.
    pub rejected_wrong: bool,
}

/// The gold answers of a prompt set.
#[derive(Clone, Debug)]
pub(in crate::align) struct Gold<'a> {
    keys: HashMap<&'a str, String>,
    pub(in crate::align) unread: Vec<UnreadGold>,
}

impl<'a> Gold<'a> {
    /// Reads them with the habits of the anchor language. An empty one is none.
    pub(in crate::align) fn new(prompts: &'a [Prompt], anchor: &Language) -> Self {
        let mut out = Self { keys: HashMap::new(), unread: Vec::new() };
        for prompt in prompts {
            let Some(gold) = prompt.answer.as_deref().filter(|gold| !gold.trim().is_empty()) else {
                continue;
            };
            match gold_answer(prompt, anchor) {
                Some(value) => {
                    out.keys.insert(&prompt.id, answer_key(&value));
                }
                None => {
                    out.unread.push(UnreadGold { prompt_id: prompt.id.clone(), gold: gold.to_owned() });
                }
            }
        }
        out
    }

    /// Prompts that can be judged.
    pub(in crate::align) fn n_prompts(&self) -> usize {
        self.keys.len()
    }

    /// Which responses of a prompt are right; `None` if the prompt cannot be judged.
    pub(in crate::align) fn judge<'r>(
        &self,
        prompt_id: &str,
        responses: &[&'r Response],
    ) -> Option<Rights<'r>> {
        let gold = self.keys.get(prompt_id)?;
        let mut rights = Rights { right: HashMap::new(), candidates: Vec::new() };
        for r in responses.iter().filter(|r| r.finish_reason != FinishReason::Cancelled) {
            let is_right = r.answer.as_deref().is_some_and(|answer| answer_key(answer) == *gold);
            rights.right.insert((&r.language, r.sample), is_right);
            if r.is_candidate() {
                rights.candidates.push((&r.language, is_right));
            }
        }
        Some(rights)
    }
}

/// Which responses of one prompt are right: the same exact value as the gold answer. Translations are judged too.
#[derive(Clone, Debug)]
pub(in crate::align) struct Rights<'r> {
    right: HashMap<(&'r Language, u32), bool>,
    /// Language and rightness of every sample; translations are none.
    pub(in crate::align) candidates: Vec<(&'r Language, bool)>,
}

impl Rights<'_> {
    /// A response that is not there is wrong.
    pub(in crate::align) fn is_right(&self, language: &Language, sample: u32) -> bool {
        self.right.get(&(language, sample)).copied().unwrap_or_default()
    }

    /// `None` where there is no pair.
    pub(in crate::align) fn verdict(&self, pair: &Pair) -> Option<Verdict> {
        let (chosen, rejected) = pair.chosen.zip(pair.rejected)?;
        Some(Verdict {
            chosen_right: self.is_right(&pair.language, chosen),
            rejected_wrong: !self.is_right(&pair.language, rejected),
        })
    }
}
