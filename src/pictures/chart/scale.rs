//! From numbers to places on an axis, and the round numbers that are written along it.

/// A straight line from numbers to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Scale {
    /// From `domain` to `range`. A domain without length, or with an end that is not finite, becomes one of length 1.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        let (low, high) = domain;
        let domain = match (low.is_finite() && high.is_finite(), high > low) {
            (true, true) => (low, high),
            (true, false) => (low - 0.5, low + 0.5),
            _ => (0.0, 1.0),
        };
        Self { domain, range }
    }

    /// The numbers it spans.
    pub fn domain(self) -> (f64, f64) {
        self.domain
    }

    /// The place of a number; what is not finite lies at the low end.
    pub fn at(self, value: f64) -> f64 {
        let share = (value - self.domain.0) / (self.domain.1 - self.domain.0);
        let share = if share.is_finite() { share } else { 0.0 };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// The number at a place, kept within the domain.
    pub fn invert(self, place: f64) -> f64 {
        let share = (place - self.range.0) / (self.range.1 - self.range.0);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.domain.0 + share * (self.domain.1 - self.domain.0)
    }
}

/// Round numbers within `low..=high`, at most `n_most` of them: multiples of 1, 2 or 5 times a power of ten.
pub fn ticks(low: f64, high: f64, n_most: usize) -> Vec<f64> {
    if !((high - low).is_finite() && high > low) || n_most < 2 {
        return Vec::new();
    }
    let step = tick_step(high - low, n_most);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if !first.is_finite() || first + 1.0 == first {
        // So close together for their size that a float cannot tell them apart.
        return Vec::new();
    }
    // Adding zero makes a negative zero a plain one.
    let counted = std::iter::successors(Some(first), |at| Some(at + 1.0)).take_while(|at| *at <= last);
    counted.take(n_most).map(|at| at * step + 0.0).collect()
}

/// The smallest round step that puts at most `n_most` ticks on a length.
fn tick_step(length: f64, n_most: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of ticks")]
    let rough = length / (n_most - 1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0].into_iter().map(|round| round * power).find(|step| *step >= rough * (1.0 - 1e-9));
    step.unwrap_or(10.0 * power)
}

/// The ends of `low..=high` moved outwards to round numbers.
pub fn rounded(low: f64, high: f64, n_most: usize) -> (f64, f64) {
    if !((high - low).is_finite() && high > low) || n_most < 2 {
        return (low, high);
    }
    let step = tick_step(high - low, n_most);
    ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step)
}

/// Decimals that tell the ticks apart.
pub fn decimals(ticks: &[f64]) -> usize {
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    (0..8)
        .find(|decimals| step * 10_f64.powi(*decimals) >= 1.0 - 1e-6)
        .map_or(0, |decimals| decimals as usize)
}

/// Lowest and highest of the finite values; `None` where there is none.
pub fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |found, value| match found {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round() {
        let cases: [(f64, f64, usize, &[f64], usize); 5] = [
            (0.0, 1.0, 6, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 1),
            (-0.3, 0.72, 4, &[0.0, 0.5], 1),
            (0.0, 8.0, 5, &[0.0, 2.0, 4.0, 6.0, 8.0], 0),
            (0.91, 0.94, 4, &[0.91, 0.92, 0.93, 0.94], 2),
            (1.0, 1.0, 4, &[], 0),
        ];
        for (low, high, n, expected, places) in cases {
            let found = ticks(low, high, n);
            assert_eq!(found.len(), expected.len(), "{low} to {high}: {found:?}");
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
            assert_eq!(decimals(&found), places, "{found:?}");
        }
        assert_eq!(rounded(0.13, 0.88, 6), (0.0, 1.0));
    }

    #[test]
    fn a_scale_without_length_has_its_value_in_the_middle() {
        let scale = Scale::new((3.0, 3.0), (0.0, 100.0));
        assert!((scale.at(3.0) - 50.0).abs() < 1e-12);
        assert_eq!(Scale::new((f64::NAN, 1.0), (0.0, 1.0)).domain(), (0.0, 1.0));
        assert!((scale.at(f64::NAN)).abs() < 1e-12);
    }

    #[test]
    fn numbers_too_large_to_be_told_apart_have_no_ticks() {
        // A margin of a damaged session, widened by 0.05 to either side.
        let margin = 245_803_427_823_616.0_f64;
        assert!(ticks(margin - 0.05, margin + 0.05, 8).len() <= 8);
        assert!(ticks(1e300, 1.000_000_1e300, 8).len() <= 8);
        assert!(ticks(-f64::MAX, f64::MAX, 8).is_empty());
    }

    proptest! {
        #[test]
        fn any_ends_have_few_ticks(low in any::<f64>(), high in any::<f64>(), n in 0_usize..12) {
            prop_assert!(ticks(low, high, n).len() <= n);
            prop_assert!(ticks(low, low + low.abs() * 1e-15, n).len() <= n);
        }

        #[test]
        fn invert_undoes_at(low in -1e3_f64..1e3, length in 1e-3_f64..1e3, share in 0.0_f64..1.0) {
            let scale = Scale::new((low, low + length), (300.0, 20.0));
            let value = low + share * length;
            prop_assert!((scale.invert(scale.at(value)) - value).abs() < 1e-6 * length.max(low.abs()).max(1.0));
        }

        #[test]
        fn ticks_stay_inside_and_are_few(low in -1e4_f64..1e4, length in 1e-4_f64..1e4, n in 2_usize..12) {
            let found = ticks(low, low + length, n);
            prop_assert!(found.len() <= n, "{} of {}", found.len(), n);
            let slack = length * 1e-6 + 1e-9;
            prop_assert!(found.iter().all(|tick| (low - slack..=low + length + slack).contains(tick)));
        }
    }
}
