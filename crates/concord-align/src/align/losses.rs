//! Losses of the current model on a pair set, from teacher-forced log-probs: DPO with NLL (CM-Align, methods §1.3), ORPO.
//!
//! The reference model of DPO is the current model itself, so before any training the DPO loss of every pair is exactly
//! `log 2` and says nothing; it is what training starts from. What says something is the raw margin
//! `log pi(y_w|x) - log pi(y_l|x)`, whether it is above 0 (the model already prefers the chosen response), the margin
//! per token, NLL and ORPO.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::evaluate::{Evaluation, Rate};
use super::metrics::non_anchor_gap;
use crate::data::{Language, Pair, RowScores};

/// A mean token log-prob of ORPO is taken as at most this: at 0 the odds would be infinite (**ours**).
const HIGHEST_LOG_PROB: f64 = -1e-12;

/// Weights of the losses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LossSettings {
    /// `beta` of DPO.
    pub beta: f64,
    /// Weight of the NLL of the chosen response beside DPO: 0 for general tasks, 1 for math and, **ours**, for code.
    pub gamma: f64,
    /// Weight of the odds ratio in ORPO.
    pub lam: f64,
}

impl Default for LossSettings {
    fn default() -> Self {
        Self { beta: 0.1, gamma: 1.0, lam: 0.1 }
    }
}

/// `log(1 / (1 + e^-x))` without overflow: at most 0.
pub fn log_sigmoid(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

/// `log(1 - e^x)` for `x < 0`, exact near 0 and far below it.
pub fn log_1m_exp(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

/// Log-probs of a chosen and a rejected response, in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogProbs {
    /// `log pi(y_w | x)`.
    pub chosen: f64,
    /// `log pi(y_l | x)`.
    pub rejected: f64,
}

/// `-log sigmoid(beta * [(log pi(y_w) - log ref(y_w)) - (log pi(y_l) - log ref(y_l))])` (methods §1.3).
pub fn dpo(policy: LogProbs, reference: LogProbs, beta: f64) -> f64 {
    -log_sigmoid(beta * advantage(policy, reference))
}

/// Derivatives of [`dpo`] by the policy's log-probs of chosen and rejected: `-beta * sigmoid(-beta * a)` and its opposite.
pub fn dpo_gradient(policy: LogProbs, reference: LogProbs, beta: f64) -> LogProbs {
    let slope = beta * log_sigmoid(-beta * advantage(policy, reference)).exp();
    LogProbs { chosen: -slope, rejected: slope }
}

fn advantage(policy: LogProbs, reference: LogProbs) -> f64 {
    (policy.chosen - reference.chosen) - (policy.rejected - reference.rejected)
}

/// `-lp_w + lam * (-log sigmoid((lp_w - lp_l) - (log(1-e^lp_w) - log(1-e^lp_l))))` with `lp` the mean token log-prob
/// (methods §3).
pub fn orpo(per_token: LogProbs, lam: f64) -> f64 {
    let chosen = per_token.chosen.min(HIGHEST_LOG_PROB);
    let rejected = per_token.rejected.min(HIGHEST_LOG_PROB);
    let log_odds_ratio = (chosen - rejected) - (log_1m_exp(chosen) - log_1m_exp(rejected));
    -chosen - lam * log_sigmoid(log_odds_ratio)
}

/// Means over the pairs of a language, or over all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairLosses {
    /// Pairs whose two responses were measured and have tokens.
    pub n_pairs: u32,
    /// Pairs that were not measured, or with a response without tokens.
    pub n_not_measured: u32,
    /// DPO against itself: `log 2`.
    pub dpo: Option<f64>,
    /// `-log pi(y_w|x) / |y_w|`, in nats per token.
    pub nll: Option<f64>,
    /// `dpo + gamma * nll`.
    pub total: Option<f64>,
    /// ORPO.
    pub orpo: Option<f64>,
    /// `log pi(y_w|x) - log pi(y_l|x)`, in nats.
    pub margin: Option<f64>,
    /// The same with each log-prob divided by its tokens, in nats per token.
    pub token_margin: Option<f64>,
    /// Pairs whose margin is above 0: the model itself prefers the chosen response.
    pub chosen_likelier: Rate,
}

/// Losses of the current model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Losses {
    /// All pairs.
    pub all: PairLosses,
    /// Languages that have pairs, in the order in which they were asked for.
    pub languages: Vec<(Language, PairLosses)>,
    /// The anchor's share of pairs with the chosen response likelier minus the mean of the others', in points; needs
    /// anchor pairs.
    pub preference_gap: Option<f64>,
    /// The anchor's accuracy minus the mean of the others', in points; needs gold answers.
    pub accuracy_gap: Option<f64>,
}

/// Computes the losses of the pairs (rows with a skip are passed over) from [`crate::data::Measurements::own`].
/// `evaluation` is for the gap in accuracy.
pub fn losses(
    pairs: &[Pair],
    own: &[RowScores],
    anchor: &Language,
    languages: &[Language],
    settings: LossSettings,
    evaluation: Option<&Evaluation>,
) -> Losses {
    let mut scores: HashMap<(&str, &Language, u32), (f64, f64)> = HashMap::new();
    for row in own {
        for ((&sample, &n_tokens), &logprob) in row.samples.iter().zip(&row.n_tokens).zip(&row.logprob) {
            if n_tokens > 0 && logprob.is_finite() {
                let score = (f64::from(logprob), f64::from(n_tokens));
                scores.insert((&row.prompt_id, &row.language, sample), score);
            }
        }
    }
    let mut all = Sums::default();
    let mut by_language = vec![Sums::default(); languages.len()];
    for pair in pairs.iter().filter(|pair| pair.skip.is_none()) {
        let Some((chosen, rejected)) = pair.chosen.zip(pair.rejected) else { continue };
        let score = |sample| scores.get(&(pair.prompt_id.as_str(), &pair.language, sample)).copied();
        let scored = score(chosen).zip(score(rejected));
        all.add(scored, settings);
        let place = languages.iter().position(|language| *language == pair.language);
        place.into_iter().for_each(|i| by_language[i].add(scored, settings));
    }
    let finished = languages.iter().cloned().zip(by_language.into_iter().map(Sums::finish));
    let languages: Vec<(Language, PairLosses)> =
        finished.filter(|(_, losses)| losses.n_pairs + losses.n_not_measured > 0).collect();
    let preference: Vec<(Language, Option<f64>)> =
        languages.iter().map(|(l, losses)| (l.clone(), losses.chosen_likelier.share)).collect();
    let accuracy = evaluation.map(|evaluation| {
        evaluation.languages.iter().map(|q| (q.language.clone(), q.accuracy.share)).collect::<Vec<_>>()
    });
    Losses {
        all: all.finish(),
        preference_gap: non_anchor_gap(&preference, anchor),
        accuracy_gap: accuracy.and_then(|rates| non_anchor_gap(&rates, anchor)),
        languages,
    }
}

#[derive(Clone, Debug, Default)]
struct Sums {
    n_not_measured: u32,
    /// DPO, NLL, total, ORPO, margin, margin per token.
    sums: [f64; 6],
    chosen_likelier: Rate,
}

impl Sums {
    /// Adds a pair by log-prob and tokens of chosen and rejected.
    fn add(&mut self, scored: Option<((f64, f64), (f64, f64))>, settings: LossSettings) {
        let Some(((chosen, n_chosen), (rejected, n_rejected))) = scored else {
            self.n_not_measured += 1;
            return;
        };
        let policy = LogProbs { chosen, rejected };
        let per_token = LogProbs { chosen: chosen / n_chosen, rejected: rejected / n_rejected };
        let (dpo, nll) = (dpo(policy, policy, settings.beta), -per_token.chosen);
        let values = [
            dpo,
            nll,
            dpo + settings.gamma * nll,
            orpo(per_token, settings.lam),
            chosen - rejected,
            per_token.chosen - per_token.rejected,
        ];
        self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        self.chosen_likelier.count(chosen > rejected);
    }

    fn finish(self) -> PairLosses {
        let n_pairs = self.chosen_likelier.whole;
        let [dpo, nll, total, orpo, margin, token_margin] =
            self.sums.map(|sum| (n_pairs > 0).then(|| sum / f64::from(n_pairs)));
        PairLosses {
            n_pairs,
            n_not_measured: self.n_not_measured,
            dpo,
            nll,
            total,
            orpo,
            margin,
            token_margin,
            chosen_likelier: self.chosen_likelier,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::LN_2;

    use proptest::prelude::*;

    use super::*;

    fn log_probs(chosen: f64, rejected: f64) -> LogProbs {
        LogProbs { chosen, rejected }
    }

    #[test]
    fn stable_far_out() {
        for (x, wanted) in [(0.0, -LN_2), (800.0, 0.0), (-800.0, -800.0), (-1e300, -1e300)] {
            assert!((log_sigmoid(x) - wanted).abs() <= 1e-12 * wanted.abs(), "{x}");
        }
        for (x, wanted) in
            [(-LN_2, -LN_2), (-1e-20, 1e-20_f64.ln()), (-800.0, 0.0), (-40.0, -(-40.0_f64).exp())]
        {
            assert!((log_1m_exp(x) - wanted).abs() <= 1e-12 * (1.0 + wanted.abs()), "{x}");
        }
    }

    #[test]
    fn hand_cases() {
        let same = log_probs(-3.0, -5.0);
        assert!((dpo(same, same, 0.1) - LN_2).abs() < 1e-15);
        // beta * advantage = 0.1 * 20 = 2.
        let wanted = (1.0 + (-2.0_f64).exp()).ln();
        assert!((dpo(log_probs(-3.0, -25.0), same, 0.1) - wanted).abs() < 1e-12);
        // Probabilities 1/2 and 1/4: odds 1 and 1/3, ratio 3, sigmoid(log 3) = 3/4.
        let got = orpo(log_probs(0.5_f64.ln(), 0.25_f64.ln()), 0.1);
        assert!((got - (LN_2 - 0.1 * 0.75_f64.ln())).abs() < 1e-12, "{got}");
        assert!(orpo(log_probs(0.0, 0.0), 0.1).is_finite() && orpo(log_probs(0.0, -1e6), 0.1).is_finite());
    }

    proptest! {
        #[test]
        fn gradient_is_the_slope(w in -60.0..0.0, l in -60.0..0.0, rw in -60.0..0.0, rl in -60.0..0.0, beta in 0.01..1.0) {
            let (policy, reference, h) = (log_probs(w, l), log_probs(rw, rl), 1e-5);
            let at = |dw: f64, dl: f64| dpo(log_probs(w + dw, l + dl), reference, beta);
            let slope = dpo_gradient(policy, reference, beta);
            prop_assert!(((at(h, 0.0) - at(-h, 0.0)) / (2.0 * h) - slope.chosen).abs() < 1e-7);
            prop_assert!(((at(0.0, h) - at(0.0, -h)) / (2.0 * h) - slope.rejected).abs() < 1e-7);
        }

        #[test]
        fn losses_are_finite_and_prefer_the_likelier(a in -1e4..0.0, b in -1e4..0.0) {
            let loss = orpo(log_probs(a, b), 0.1);
            prop_assert!(loss.is_finite() && loss >= 0.0);
            prop_assert!(dpo(log_probs(a, b), log_probs(b, a), 0.1).is_finite());
            prop_assert!(orpo(log_probs(a, a - 1.0), 0.1) <= orpo(log_probs(a, a), 0.1));
        }
    }

    fn pair(language: &str, chosen: u32, rejected: u32) -> Pair {
        Pair {
            prompt_id: "a".into(),
            language: language.into(),
            chosen: Some(chosen),
            rejected: Some(rejected),
            scores: Vec::new(),
            cosine: Vec::new(),
            margin: Some(1.0),
            skip: None,
        }
    }

    #[test]
    fn of_a_pair_set() {
        let row = |language: &str, logprob: [f32; 3]| RowScores {
            prompt_id: "a".into(),
            language: language.into(),
            samples: vec![0, 1, 2],
            n_tokens: vec![2, 4, 0],
            logprob: logprob.to_vec(),
        };
        let own = [row("en", [-1.0, -4.0, 0.0]), row("de", [-6.0, -4.0, 0.0])];
        let languages = ["de", "en", "sw"].map(Language::from);
        // The third pair holds a response without tokens; Swahili was not measured.
        let pairs = [pair("en", 0, 1), pair("de", 0, 1), pair("de", 0, 2), pair("sw", 0, 1)];
        let out = losses(&pairs, &own, &"en".into(), &languages, LossSettings::default(), None);
        assert_eq!((out.all.n_pairs, out.all.n_not_measured), (2, 2));
        assert!((out.all.dpo.unwrap() - LN_2).abs() < 1e-15);
        assert_eq!((out.all.margin, out.all.token_margin), (Some(0.5), Some(-0.75)));
        assert_eq!((out.all.nll, out.all.chosen_likelier), (Some(1.75), Rate::of(1, 2)));
        assert_eq!(out.all.total, out.all.dpo.map(|dpo| dpo + 1.75));
        assert_eq!(out.preference_gap, Some(100.0));
        let sw = &out.languages[2].1;
        assert_eq!((sw.n_not_measured, sw.dpo, sw.orpo, sw.margin), (1, None, None, None));
        assert_eq!(
            losses(&[], &own, &"en".into(), &languages, LossSettings::default(), None),
            Losses::default()
        );
    }
}
