//! AlignX (arXiv 2509.24338) as a diagnosis, from stored vectors alone: do translations lie together (contrastive loss,
//! retrieval), and can a small classifier still tell languages apart (language-matching loss)?
//!
//! Layer by layer the two give the align-then-diverge curve: languages meet in the middle of the network and part again
//! towards its end, where the next token's language has to be known.

mod classifier;
mod contrast;
#[cfg(test)]
mod tests;
mod training;
mod vectors;

pub use classifier::{Adam, Classifier, ClassifierGradient};
pub use contrast::{
    Alignment, AlignmentMeans, AlignmentPoint, LayerAlignment, PairAlignment, TEMPERATURE, align_layer,
    alignment_curve,
};
pub use training::{LanguageMatch, MatchQuality, MatchSettings, MatchTraining, language_match};
