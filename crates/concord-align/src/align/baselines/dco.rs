//! DCO, direct consistency optimisation: a loss without labels that asks a model to prefer the same of two answers in two
//! languages as strongly as another language does.
//!
//! A training loss, so there is nothing to pick here; its value says how far two languages are from agreeing.

/// `|m1 - o1 - o2 / beta| + |m2 - o2 - beta * o1|`, 0 and up, in nats.
///
/// `margins` are the policy's log-likelihood differences of two candidate answers in two languages, `reference_margins`
/// the reference model's, both in nats; `beta` is above 0. With policy and reference one model it is
/// `|o2| / beta + beta * |o1|`.
pub fn dco_loss([m1, m2]: [f64; 2], [o1, o2]: [f64; 2], beta: f64) -> f64 {
    (m1 - o1 - o2 / beta).abs() + (m2 - o2 - beta * o1).abs()
}

#[cfg(test)]
mod tests {
    use super::dco_loss;

    #[test]
    fn worked_values() {
        for (margins, reference, beta, wanted) in [
            ([0.0, 0.0], [0.0, 0.0], 1.0, 0.0),
            ([5.0, 4.0], [1.0, 2.0], 0.5, 1.5),
            // The policy's margins are exactly the sums that the loss asks for.
            ([5.0, 2.5], [1.0, 2.0], 0.5, 0.0),
            ([1.0, 2.0], [1.0, 2.0], 0.5, 4.5),
            ([-3.0, 1.0], [0.5, -0.25], 1.0, 4.0),
        ] {
            let loss = dco_loss(margins, reference, beta);
            assert!((loss - wanted).abs() < 1e-12, "{margins:?} {reference:?} {beta}: {loss}");
        }
    }

    #[test]
    fn one_model_for_both_leaves_what_the_other_language_prefers() {
        let loss = dco_loss([0.7, -1.5], [0.7, -1.5], 0.25);
        assert!((loss - (1.5 / 0.25 + 0.25 * 0.7)).abs() < 1e-12);
    }
}
