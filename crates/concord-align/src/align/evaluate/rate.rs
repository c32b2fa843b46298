//! Shares of what was counted, and the intervals about them.

use serde::{Deserialize, Serialize};

/// `part` of `whole`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many are so.
    pub part: u32,
    /// Of how many.
    pub whole: u32,
    /// `part / whole`, `None` if `whole` is 0.
    pub share: Option<f64>,
    /// Where the share lies in 95 % of the resampled prompt sets; `None` if nothing was resampled or counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// Two ends, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Rate {
    /// That many of so many.
    pub fn of(part: u32, whole: u32) -> Self {
        let share = (whole > 0).then(|| f64::from(part) / f64::from(whole));
        Self { part, whole, share, interval: None }
    }

    /// Counts one more case; an interval would no longer fit and is dropped.
    pub fn count(&mut self, is_so: bool) {
        *self = Self::of(self.part + u32::from(is_so), self.whole + 1);
    }
}
