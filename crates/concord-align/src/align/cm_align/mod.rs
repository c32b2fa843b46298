//! CM-Align (arXiv 2509.08541): a consistency-guided reference in the anchor language, then cross-lingual pairs.
//!
//! | step | math | general | code |
//! |---|---|---|---|
//! | consistency of an anchor response | share of the responses with its answer | mean cosine to the others | mean snippet similarity to the others |
//! | reference | majority vote; in the majority, highest mean cosine to it (**ours**) | highest consistency | highest consistency |
//! | score of a candidate | 1 if its answer is the reference's, else 0 | cosine to the reference | snippet similarity to it |
//! | chosen, rejected | from the ones, from the zeros; highest and lowest cosine to the reference (**ours**) | highest, lowest score | highest, lowest score (**ours**) |
//!
//! What the paper says and what is **ours** can be told apart by a switch: with [`TieBreak::Sample`] no cosine decides
//! anything in math, and the lowest sample index settles what the paper leaves equal; math then needs no embeddings at
//! all. Cosines that are there are still recorded, as evidence. Also ours, each with a switch: the language gate, merged
//! duplicates, the minimum margin, anchor pairs. Ours without a switch: the similarity of code, that a text without
//! a character is neither reference nor chosen nor rejected, and that a response which was cut at the token limit is
//! neither reference nor chosen while a whole one could be.
//!
//! Every tie that is left goes to the lowest sample index, so that the order in which responses or languages arrive
//! changes nothing. A prompt's own `task` decides which column applies. Sums are kept in f64 and compared as the stored
//! f32, so that the numbers on screen are the ones that decided. No output is ever NaN.

mod pairs;
mod reference;

use super::{PromptMaterial, context::Context};
use crate::data::{Pair, Prompt, Reference, SessionConfig, TieBreak};

/// Picks the reference and the pairs of one prompt.
pub(super) fn pick(
    prompt: &Prompt,
    material: &PromptMaterial<'_>,
    config: &SessionConfig,
) -> (Reference, Vec<Pair>) {
    let context = Context::new(prompt, material, material.similarity, config);
    let reference = reference::pick(&context);
    let pairs = context.languages().map(|language| pairs::pick(&context, &reference, language)).collect();
    (reference, pairs)
}

/// Whether cosines settle what the paper leaves equal.
fn cosine_breaks_ties(config: &SessionConfig) -> bool {
    config.tie_break == TieBreak::Cosine
}

#[cfg(test)]
mod tests;
