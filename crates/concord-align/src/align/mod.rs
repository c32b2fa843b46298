//! The methods: values in, values out. No model, no clock, no randomness source; seeds are arguments.
//!
//! Where a rule is ours and not a paper's, its doc says **ours**.

pub mod alignx;
pub mod answer;
pub mod bands;
pub mod baselines;
pub mod batchwise;
pub mod cm_align;
pub mod code;
pub mod compare;
mod context;
pub mod cosines;
pub mod distribution;
pub mod evaluate;
pub mod evidence;
pub mod gold;
pub mod instructions;
pub mod losses;
pub mod material;
pub mod metrics;
pub mod mlc;
mod preference;
pub mod projection;
pub mod random;
pub mod raters;
pub mod reread;
pub mod select;
pub mod similarity;
pub mod symmetric;
pub mod vector_table;

pub use answer::{AnswerRule, FoundAnswer, canonical_answer, extract_answer, find_answer, same_answer};
pub use baselines::{SetStats, SetTally};
pub use batchwise::{BatchSettings, Batches, Composition, compose};
pub use compare::{Comparison, ComparisonTable};
pub use evaluate::{
    Evaluating, Evaluation, Interval, LanguageQuality, PairQuality, Rate, evaluate, evaluate_parts,
};
pub use gold::{gold_answer, unreadable_gold};
pub use losses::{LossSettings, Losses, losses};
pub use material::{Material, PromptIndex, PromptMaterial};
pub use reread::{find_answer_of, read_answer, separate_reasoning};
pub use select::{Selection, Selector, select};
pub use similarity::{cosine, cosine_triangle, unseen_languages};
