//! What a learner takes away: each step's prediction, and whether it held.

use serde::{Deserialize, Serialize};

use super::{
    question::{Prediction, Verdict},
    step::Step,
};
use crate::data::InOrder;

/// The schema tag of a result.
pub const RESULT_SCHEMA: &str = "concord-lesson/1";

/// The result of a lesson, as it is downloaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LessonResult {
    /// Always [`RESULT_SCHEMA`].
    pub schema: String,
    /// The name that was given; may be empty.
    pub name: String,
    /// The lesson link.
    pub link: String,
    /// Steps that were answered, in order.
    pub steps: Vec<StepResult>,
    /// How many of them are right.
    pub n_right: usize,
}

/// One step's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepResult {
    /// Number of the step, from 1.
    pub step: usize,
    /// Its name.
    pub name: String,
    /// What was predicted first; places count from 0.
    pub prediction: Prediction,
    /// What would have been right.
    pub right: Prediction,
    /// How right it was.
    pub verdict: Verdict,
}

impl LessonResult {
    /// Puts the steps in order and counts them.
    pub fn new(name: String, link: String, mut steps: Vec<StepResult>) -> Self {
        steps.order_by_key(|step| step.step);
        let n_right = steps.iter().filter(|step| step.verdict.is_right).count();
        Self { schema: RESULT_SCHEMA.to_owned(), name, link, steps, n_right }
    }
}

impl StepResult {
    /// That of a step.
    pub fn new(step: Step, prediction: Prediction, right: Prediction, verdict: Verdict) -> Self {
        Self { step: step.number(), name: step.name().to_owned(), prediction, right, verdict }
    }
}
