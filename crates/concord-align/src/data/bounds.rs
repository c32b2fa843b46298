//! Bounds of the numbers in a session. They are needed: a script can pass NaN, and JSON's 1e39 is infinite as f32.

use super::problem::FieldProblem;

/// A range of allowed numbers, ends included, and how to say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    low: f32,
    high: f32,
    words: &'static str,
}

/// Any number.
pub(super) const FINITE: Bounds = Bounds { low: f32::MIN, high: f32::MAX, words: "a finite number" };

/// Cosines and what is made of them. Other programs round worse than we do.
pub(super) const COSINE: Bounds = Bounds { low: -1.001, high: 1.001, words: "-1 to 1" };

/// Parts of a whole.
pub(super) const SHARE: Bounds = Bounds { low: 0.0, high: 1.001, words: "0 to 1" };

/// Log-probs. A sum over thousands of tokens that were all certain may be rounded to a little more than 0.
pub(super) const LOGPROB: Bounds = Bounds { low: f32::MIN, high: 0.1, words: "a finite number up to 0" };

/// Sampling temperatures. A smaller one than a millionth has no finite inverse that logits could be multiplied by.
pub(super) const TEMPERATURE: Bounds = Bounds { low: 1e-6, high: 100.0, words: "0, or 0.000001 to 100" };

/// Repetition penalties: logits are divided by it.
pub(super) const PENALTY: Bounds = Bounds { low: 0.01, high: 100.0, words: "0.01 to 100" };

/// Minimum margins. Two similarities differ by at most 2, but scores of some methods are log-probs; a minimum that no pair
/// reaches is a way to ask for none.
pub(super) const MARGIN: Bounds = Bounds { low: -1e4, high: 1e4, words: "-10000 to 10000" };

impl Bounds {
    /// Whether a number lies within; NaN and infinity never do.
    pub(super) fn hold(self, value: f32) -> bool {
        value.is_finite() && (self.low..=self.high).contains(&value)
    }

    /// What to say of a number that does not.
    pub(super) fn problem(self, field: String, value: f32) -> FieldProblem {
        FieldProblem {
            field,
            reason: format!("the number is {value}"),
            fix: format!("it must be {}", self.words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_allowed_and_what_is_no_number_never_is() {
        for bounds in [FINITE, COSINE, SHARE, LOGPROB, TEMPERATURE, PENALTY, MARGIN] {
            assert!(bounds.hold(bounds.low) && bounds.hold(bounds.high), "{bounds:?}");
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                assert!(!bounds.hold(value), "{value} {bounds:?}");
            }
        }
        assert!(!COSINE.hold(5.0) && !SHARE.hold(-0.1) && !LOGPROB.hold(1.0) && !PENALTY.hold(0.0));
        let said = COSINE.problem("similarities[0].cosine[3]".into(), 5.0).to_string();
        assert_eq!(said, "similarities[0].cosine[3]: the number is 5; it must be -1 to 1");
    }

    #[test]
    fn every_allowed_temperature_has_a_finite_inverse() {
        assert!((1.0 / TEMPERATURE.low).is_finite());
    }
}
