//! What a model's states for one prompt in many languages look like, layer by layer. Pure.
//!
//! A [`LayerScan`] computes what does not depend on the loss's settings, an [`MlcScan`] the rest; both go in small steps, so
//! that a page can do them between its frames. `pictures` makes charts and tables of what they found.

pub mod pictures;
pub mod scan;

pub use pictures::{
    Metric, PairChoice, all_pairs, distribution, language_matrix, layer_curves, pair_table, spectrum_of,
};
pub use scan::{LayerFacts, LayerScan, MlcScan};

use crate::data::{Representations, RepresentedText, StatePooling};

/// What was read and how it became one vector.
pub type Source = (RepresentedText, StatePooling);

/// The sources that a session has states of, in the order in which they came.
pub fn sources(all: &[Representations]) -> Vec<Source> {
    let mut out: Vec<Source> = Vec::new();
    for found in all {
        let source = (found.text, found.pooling);
        if !out.contains(&source) {
            out.push(source);
        }
    }
    out
}

/// Bytes that states take in a session file: four per number, and base64 makes three into four.
///
/// `n_texts` prompts times languages, `n_layers` without the embedding, which is stored too.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub fn file_bytes(n_texts: usize, n_layers: u32, dim: u32, n_sources: usize) -> f64 {
    n_texts as f64 * (f64::from(n_layers) + 1.0) * f64::from(dim) * n_sources as f64 * 4.0 * 4.0 / 3.0
}

#[cfg(test)]
mod tests;
