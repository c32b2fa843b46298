//! How values spread over a prompt set.

use crate::data::InOrder;

/// Finite values in ascending order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    sorted: Vec<f64>,
}

impl Distribution {
    /// Of some values; those that are not finite are left out.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        sorted.order_by(f64::total_cmp);
        Self { sorted }
    }

    /// The values, ascending.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// Their mean; `None` if there are none.
    pub fn mean(&self) -> Option<f64> {
        let n = self.sorted.len();
        (n > 0).then(|| self.sorted.iter().sum::<f64>() / n as f64)
    }

    /// The value below which a share of the others lies, from 0 (lowest) over 0.5 (median) to 1 (highest), on the straight
    /// line between neighbours; `None` if there are none. A share outside counts as the nearer end.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        let at = share.clamp(0.0, 1.0) * last as f64;
        let below = (at.floor() as usize).min(last);
        let above = (below + 1).min(last);
        let (low, high) = (self.sorted[below], self.sorted[above]);
        Some(low + (high - low) * (at - below as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_on_the_line_between_neighbours() {
        let found = Distribution::new([4.0, 1.0, f64::NAN, 2.0, 3.0, f64::INFINITY]);
        let cases = [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (1.0, 4.0), (-1.0, 1.0), (7.0, 4.0)];
        for (share, expected) in cases {
            assert_eq!(found.quantile(share), Some(expected), "{share}");
        }
        assert_eq!(found.mean(), Some(2.5));
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        let nothing = Distribution::default();
        assert_eq!((nothing.mean(), nothing.quantile(0.5)), (None, None));
        assert_eq!(Distribution::new([2.0]).quantile(0.3), Some(2.0));
    }
}
