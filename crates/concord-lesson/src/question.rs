//! What a step asks before it shows, what somebody predicts, and whether that holds.

use serde::{Deserialize, Serialize};

use crate::data::InOrder;

/// What a step asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// One of some options.
    One {
        /// How many there are.
        n_options: usize,
        /// The right ones, ascending; at least one.
        right: Vec<usize>,
    },
    /// All items in an order: the highest value first.
    Order {
        /// The values that decide, in the order in which the items are shown.
        values: Vec<f32>,
    },
}

/// What somebody predicts, by places among what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prediction {
    /// One option.
    One(usize),
    /// The items, the first on top.
    Order(Vec<usize>),
}

/// How right a prediction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether it is right.
    pub is_right: bool,
    /// Of an order: pairs of items that stand in the right order.
    pub n_right_pairs: usize,
    /// Of how many.
    pub n_pairs: usize,
}

impl Question {
    /// Judges a prediction; one of the other kind, or of another size, is wrong.
    ///
    /// Of an order, every two items with different values count as a pair; those with equal values may stand either way.
    pub fn verdict(&self, prediction: &Prediction) -> Verdict {
        match (self, prediction) {
            (Self::One { right, .. }, Prediction::One(at)) => {
                Verdict { is_right: right.contains(at), n_right_pairs: 0, n_pairs: 0 }
            }
            (Self::Order { values }, Prediction::Order(order)) if is_order(order, values.len()) => {
                let (mut n_right_pairs, mut n_pairs) = (0, 0);
                for (place, above) in order.iter().enumerate() {
                    for below in &order[place + 1..] {
                        n_pairs += usize::from(values[*above] != values[*below]);
                        n_right_pairs += usize::from(values[*above] > values[*below]);
                    }
                }
                Verdict { is_right: n_right_pairs == n_pairs, n_right_pairs, n_pairs }
            }
            _ => Verdict { is_right: false, n_right_pairs: 0, n_pairs: 0 },
        }
    }

    /// A prediction that is right.
    pub fn right(&self) -> Prediction {
        match self {
            Self::One { right, .. } => Prediction::One(right.first().copied().unwrap_or_default()),
            Self::Order { values } => {
                let mut order: Vec<usize> = (0..values.len()).collect();
                order.order_by(|a, b| values[*b].total_cmp(&values[*a]));
                Prediction::Order(order)
            }
        }
    }
}

/// Whether every place below `n` is there once.
fn is_order(order: &[usize], n: usize) -> bool {
    order.len() == n && (0..n).all(|at| order.contains(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_right_options_is_right() {
        let question = Question::One { n_options: 4, right: vec![1, 3] };
        for at in 0..4 {
            assert_eq!(question.verdict(&Prediction::One(at)).is_right, at % 2 == 1);
        }
        assert_eq!(question.right(), Prediction::One(1));
        assert!(!question.verdict(&Prediction::Order(vec![1])).is_right, "of the other kind");
    }

    #[test]
    fn an_order_is_judged_pair_by_pair_and_equal_values_may_stand_either_way() {
        let question = Question::Order { values: vec![0.2, 0.9, 0.9, 0.5] };
        for right in [vec![1, 2, 3, 0], vec![2, 1, 3, 0]] {
            let verdict = question.verdict(&Prediction::Order(right));
            assert_eq!(verdict, Verdict { is_right: true, n_right_pairs: 5, n_pairs: 5 });
        }
        let turned = question.verdict(&Prediction::Order(vec![0, 3, 1, 2]));
        assert_eq!(turned, Verdict { is_right: false, n_right_pairs: 0, n_pairs: 5 });
        assert_eq!(question.right(), Prediction::Order(vec![1, 2, 3, 0]));
        for other in [vec![0, 1, 2], vec![0, 1, 2, 2], vec![0, 1, 2, 9]] {
            assert!(!question.verdict(&Prediction::Order(other)).is_right);
        }
    }
}
