//! Step 9: DPO by hand, on the log-probs of a real pair.

use serde::{Deserialize, Serialize};

use super::{
    super::{question::Question, shown::Shown, staged::Staged},
    pair::is_foreign,
};
use crate::{
    align::losses::{LogProbs, dpo, dpo_gradient},
    data::Pair,
};

/// The losses that are offered: 0, half of the right one, the right one, 1.
const N_OPTIONS: usize = 4;
/// The beta that the step begins with.
pub const BETA: f64 = 0.1;

/// A pair and what the model gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DpoScene {
    /// The chosen response.
    pub chosen: Shown,
    /// The rejected response.
    pub rejected: Shown,
    /// Log-prob of the chosen one, in nats.
    pub chosen_logprob: f32,
    /// Log-prob of the rejected one, in nats.
    pub rejected_logprob: f32,
}

/// The loss at one place, and its gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DpoNow {
    /// The loss, in nats.
    pub loss: f64,
    /// By the log-prob of the chosen response; below 0, so that a step raises it.
    pub by_chosen: f64,
    /// By the log-prob of the rejected response.
    pub by_rejected: f64,
}

impl DpoScene {
    /// Takes the pair of which the model itself prefers the rejected response most, of those without words of another
    /// language; training has most to do there.
    pub fn of(staged: &Staged) -> Option<Self> {
        let all = staged.session.pairs.iter().filter_map(|pair| Self::of_pair(staged, pair));
        all.min_by(|a, b| a.preference().total_cmp(&b.preference()))
    }

    fn of_pair(staged: &Staged, pair: &Pair) -> Option<Self> {
        let session = &staged.session;
        let response = |sample| session.response(&pair.prompt_id, &pair.language, sample);
        let (chosen, rejected) = (response(pair.chosen?)?, response(pair.rejected?)?);
        let prompt = session.prompts.iter().find(|prompt| prompt.id == pair.prompt_id)?;
        let question = prompt.text.get(&pair.language)?;
        if [chosen, rejected].into_iter().any(|response| is_foreign(&Shown::of(response), question)) {
            return None;
        }
        Some(Self {
            chosen: Shown::of(chosen),
            rejected: Shown::of(rejected),
            chosen_logprob: chosen.logprob?,
            rejected_logprob: rejected.logprob?,
        })
    }

    fn preference(&self) -> f32 {
        self.chosen_logprob - self.rejected_logprob
    }

    /// The loss once training has moved the two log-probs by as much.
    pub fn now(&self, moved: LogProbs, beta: f64) -> DpoNow {
        let reference =
            LogProbs { chosen: f64::from(self.chosen_logprob), rejected: f64::from(self.rejected_logprob) };
        let policy = LogProbs {
            chosen: reference.chosen + moved.chosen,
            rejected: reference.rejected + moved.rejected,
        };
        let gradient = dpo_gradient(policy, reference, beta);
        DpoNow {
            loss: dpo(policy, reference, beta),
            by_chosen: gradient.chosen,
            by_rejected: gradient.rejected,
        }
    }

    /// The losses that are offered, ascending.
    pub fn options(&self) -> [f64; N_OPTIONS] {
        let start = self.now(LogProbs::default(), BETA).loss;
        [0.0, start / 2.0, start, 1.0]
    }

    /// How large is the loss before the first step?
    pub fn question(&self) -> Question {
        Question::One { n_options: N_OPTIONS, right: vec![2] }
    }
}
