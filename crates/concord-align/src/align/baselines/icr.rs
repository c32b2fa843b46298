//! ICR, the implicit cross-lingual reward (arXiv 2503.04647): how likely the model finds a response in language l after
//! the anchor's prompt and an instruction to answer in l.
//!
//! `r(y) = log pi(y | c_en) - a * |y|`, in nats, `|y|` in tokens; chosen is the highest, rejected the lowest of a row.
//!
//! What differs from the paper, **ours**: its reward is a ratio to a reference model, of a policy that DPO has trained
//! already; before training both are one model, so the likelihood itself is used. `a` is fitted so that length does not
//! decide: the least-squares slope of log-likelihood on tokens within rows, pooled over all rows of the set,
//! `a = sum (n - mean n)(lp - mean lp) / sum (n - mean n)^2`; 0 where no row has two lengths.

use super::{
    super::{
        context::Context,
        preference::{Judged, decide},
    },
    row_scores, score_of,
};
use crate::data::{InOrder, Language, Pair, RowScores, SkipReason};

/// The least-squares slope of log-probability on tokens within rows, in nats a token; the same in every order of `rows`.
pub fn length_slope(rows: &[RowScores]) -> f64 {
    slope_of(rows.iter().map(RowMoments::of).collect())
}

/// What a row says of the slope, by its name.
#[derive(Clone, Debug)]
pub(super) struct RowMoments {
    prompt_id: String,
    language: Language,
    /// Sums of products and of squares.
    sums: [f64; 2],
}

impl RowMoments {
    pub(super) fn of(row: &RowScores) -> Self {
        let mut samples = row.samples.clone();
        samples.order();
        let points: Vec<(f64, f64)> = samples
            .iter()
            .filter_map(|sample| score_of(row, *sample).map(|(n, logprob)| (f64::from(n), logprob)))
            .collect();
        let n = points.len().max(1) as f64;
        let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
        let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
        let products = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
        let squares = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum::<f64>();
        Self { prompt_id: row.prompt_id.clone(), language: row.language.clone(), sums: [products, squares] }
    }
}

/// The slope of all rows, added up in the order of their names.
pub(super) fn slope_of(mut rows: Vec<RowMoments>) -> f64 {
    rows.order_by(|a, b| (&a.prompt_id, &a.language).cmp(&(&b.prompt_id, &b.language)));
    let [mut products, mut squares] = [0.0, 0.0];
    for RowMoments { sums, .. } in &rows {
        products += sums[0];
        squares += sums[1];
    }
    let slope: f64 = products / squares;
    if slope.is_finite() { slope } else { 0.0 }
}

pub(super) fn pick(context: &Context<'_>, language: &Language, slope: f64, pair: &mut Pair) {
    let row = context.row(language);
    let scores = row_scores(context.material, language).and_then(|measured| {
        let reward = |sample| score_of(measured, sample).map(|(n, lp)| (lp - slope * f64::from(n)) as f32);
        row.iter().map(|r| reward(r.sample)).collect::<Option<Vec<f32>>>()
    });
    decide(context, row, Judged::by_score(context, row, scores.ok_or(SkipReason::NotMeasured)), pair);
}
