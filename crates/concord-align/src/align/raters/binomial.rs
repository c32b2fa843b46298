//! The interval of a share of independent cases.

use crate::align::evaluate::Interval;

/// The quantile of the normal distribution that 2.5 % lie above.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % score interval of `part` of `whole` cases (Wilson 1927): where the shares lie that the cases do not contradict.
/// It stays within 0 and 1 and has a width for 0 of n, too. `None` without a case.
pub fn wilson(part: u32, whole: u32) -> Option<Interval> {
    let n = f64::from(whole);
    let share = f64::from(part) / n;
    let squared = Z * Z / n;
    let middle = share + squared / 2.0;
    let reach = Z * (share * (1.0 - share) / n + squared / (4.0 * n)).sqrt();
    let end = |value: f64| (value / (1.0 + squared)).clamp(0.0, 1.0);
    (whole > 0).then(|| Interval { low: end(middle - reach), high: end(middle + reach) })
}
