//! Every way of choosing pairs behind one door: [`SessionConfig::method`] says which.
//!
//! A [`Selector`] is made once for a prompt set and then asked prompt by prompt, so that a page can pick in slices.

use serde::{Deserialize, Serialize};

use super::{Material, PromptIndex, baselines::SetStats, cm_align};
use crate::data::{Method, Pair, Reference, SessionConfig};

/// What a method picked over a whole prompt set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// One per prompt, in the prompts' order.
    pub references: Vec<Reference>,
    /// One per prompt and language asked, in the prompts' and then the settings' order.
    pub pairs: Vec<Pair>,
}

/// Picks references and pairs for a whole prompt set. Cheap enough to run again whenever a setting changes.
///
/// Prompts without a text in a language have no row there. Cancelled responses are no candidates.
pub fn select(material: Material<'_>, config: &SessionConfig) -> Selection {
    let index = PromptIndex::new(material);
    let selector = Selector::new(&index, config);
    let mut out = Selection::default();
    for prompt_idx in 0..material.prompts.len() {
        let (reference, pairs) = selector.pick(prompt_idx);
        out.references.push(reference);
        out.pairs.extend(pairs);
    }
    out
}

/// A method with its settings, and what it must know of the whole set before it judges one prompt.
#[derive(Debug)]
pub struct Selector<'a> {
    index: &'a PromptIndex<'a>,
    config: &'a SessionConfig,
    /// `None` for the methods with a reference, which judge every prompt by itself.
    stats: Option<SetStats>,
}

impl<'a> Selector<'a> {
    /// Looks at the whole set where the method needs that, in time linear in the responses.
    pub fn new(index: &'a PromptIndex<'a>, config: &'a SessionConfig) -> Self {
        Self { index, config, stats: SetStats::of(index, config) }
    }

    /// For some prompts of a larger set, of which another pass has found what the method must know
    /// ([`super::baselines::SetTally`]). Only the prompts of `index` are in memory, so a set may be larger than that.
    ///
    /// # Errors
    /// The statistics are of another method than the settings', or missing where it needs them; says which are needed.
    pub fn with_stats(
        index: &'a PromptIndex<'a>,
        config: &'a SessionConfig,
        stats: Option<SetStats>,
    ) -> Result<Self, Method> {
        let needed = (!config.method.has_reference()).then_some(config.method);
        if stats.as_ref().map(SetStats::method) != needed {
            return Err(config.method);
        }
        Ok(Self { index, config, stats })
    }

    /// The reference and the pairs of a prompt, by its place in the set.
    pub fn pick(&self, prompt_idx: usize) -> (Reference, Vec<Pair>) {
        let prompt = &self.index.material.prompts[prompt_idx];
        match &self.stats {
            None => cm_align::pick(prompt, self.index.of(prompt), self.config),
            Some(stats) => stats.pick(prompt, self.index, self.config),
        }
    }
}
