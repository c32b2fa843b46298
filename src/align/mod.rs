//! The methods: values in, values out. No model, no clock, no randomness source; seeds are arguments.
//!
//! Where a rule is ours and not a paper's, its doc says **ours**.

pub mod answer;
pub mod cm_align;
pub mod evaluate;
pub mod instructions;
pub mod material;
pub mod select;
pub mod similarity;

pub use answer::{AnswerRule, FoundAnswer, canonical_answer, extract_answer, find_answer, same_answer};
pub use evaluate::{Evaluation, LanguageQuality, PairQuality, Rate, evaluate, evaluate_parts};
pub use material::{Material, PromptIndex, PromptMaterial};
pub use select::{Selection, Selector, select};
pub use similarity::{cosine, cosine_triangle, unseen_languages};
