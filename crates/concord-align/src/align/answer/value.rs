//! The value of a number: an exact rational, or its digits if it is too long for one.

use super::rational::Rational;

/// What a number is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A number that fits.
    Exact(Rational),
    /// One that does not fit 127 bits, by its digits.
    Long(String),
}

impl Value {
    pub(super) fn canonical(&self) -> String {
        match self {
            Self::Exact(value) => value.canonical(),
            Self::Long(digits) => digits.clone(),
        }
    }

    /// Applies an exact operation. A long number stays as it is, and so does one whose result would not fit.
    pub(super) fn map(self, operation: impl FnOnce(Rational) -> Option<Rational>) -> Self {
        match self {
            Self::Exact(value) => Self::Exact(operation(value).unwrap_or(value)),
            long @ Self::Long(_) => long,
        }
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Exact(value) => Self::Exact(value.negated()),
            Self::Long(digits) => Self::Long(format!("-{digits}")),
        }
    }

    pub(super) fn from_digits(whole: &str, places: &str) -> Self {
        Rational::from_digits(whole, places).map_or_else(
            || {
                let (whole, places) = (whole.trim_start_matches('0'), places.trim_end_matches('0'));
                let whole = if whole.is_empty() { "0" } else { whole };
                Self::Long(if places.is_empty() { whole.to_owned() } else { format!("{whole}.{places}") })
            },
            Self::Exact,
        )
    }

    /// The exact value, unless it is too long.
    pub(super) fn exact(&self) -> Option<Rational> {
        if let Self::Exact(value) = self { Some(*value) } else { None }
    }

    pub(super) fn whole(&self) -> Option<i128> {
        if let Self::Exact(value) = self { value.whole() } else { None }
    }
}
