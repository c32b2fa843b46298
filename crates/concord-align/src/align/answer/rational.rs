//! Exact numbers and their canonical spelling.
//!
//! Each value has one spelling: no separators, `.` for decimals, no leading or trailing zeros, `-` only below zero; a
//! fraction is a decimal where that ends within 18 places (`1/2` is `0.5`) and else `p/q` in lowest terms (`1/3`). Equal
//! strings are therefore equal values and the other way round.

/// A rational number in lowest terms, denominator above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rational {
    num: i128,
    den: i128,
}

/// Longest decimal part that is written as a decimal.
const MAX_PLACES: u32 = 18;

impl Rational {
    /// `num / den` in lowest terms; `None` for a zero denominator.
    pub(super) fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 || num == i128::MIN || den == i128::MIN {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs()).max(1) as i128 * den.signum();
        Some(Self { num: num / divisor, den: den / divisor })
    }

    /// `whole.places`, both runs of ASCII digits; `None` if it does not fit 127 bits.
    pub(super) fn from_digits(whole: &str, places: &str) -> Option<Self> {
        let places = places.trim_end_matches('0');
        let digits = format!("0{whole}{places}");
        let den = 10_i128.checked_pow(u32::try_from(places.len()).ok()?)?;
        Self::new(digits.parse().ok()?, den)
    }

    /// Reads the canonical spelling, or one close to it: sign, digits, `.digits` or `/digits`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let value = match (text.split_once('/'), text.split_once('.')) {
            (Some((num, den)), None) if digits(num) && digits(den) => {
                Self::new(num.parse().ok()?, den.parse().ok()?)
            }
            (None, Some((whole, places))) if digits(whole) && digits(places) => {
                Self::from_digits(whole, places)
            }
            (None, None) if digits(text) => Self::from_digits(text, ""),
            _ => None,
        }?;
        Some(if negative { value.negated() } else { value })
    }

    pub(super) fn negated(self) -> Self {
        Self { num: -self.num, ..self }
    }

    /// Its distance from zero.
    pub(super) fn size(self) -> Self {
        if self.num < 0 { self.negated() } else { self }
    }

    /// Whether it is less than another; `None` where the comparison does not fit.
    pub(super) fn is_below(self, other: Self) -> Option<bool> {
        Some(self.num.checked_mul(other.den)? < other.num.checked_mul(self.den)?)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let num = self.num.checked_mul(other.den)?.checked_add(other.num.checked_mul(self.den)?)?;
        Self::new(num, self.den.checked_mul(other.den)?)
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        Self::new(self.num.checked_mul(other.num)?, self.den.checked_mul(other.den)?)
    }

    pub(super) fn divided_by(self, other: Self) -> Option<Self> {
        Self::new(self.num.checked_mul(other.den)?, self.den.checked_mul(other.num)?)
    }

    /// This value to a power. `None` above 40, where hardly any result would fit.
    pub(super) fn power(self, power: u32) -> Option<Self> {
        (power <= 40).then_some(())?;
        (0..power).try_fold(Self::new(1, 1)?, |product, _| product.times(self))
    }

    pub(super) fn power_of_ten(power: u32) -> Option<Self> {
        Self::new(10, 1)?.power(power)
    }

    /// The whole number it is, if it is one.
    pub(super) fn whole(self) -> Option<i128> {
        (self.den == 1).then_some(self.num)
    }

    /// The one spelling of this value.
    pub(super) fn canonical(self) -> String {
        let sign = if self.num < 0 { "-" } else { "" };
        let num = self.num.unsigned_abs();
        let den = self.den.unsigned_abs();
        if den == 1 {
            return format!("{sign}{num}");
        }
        match decimal_places(den) {
            Some(places) => {
                let (whole, mut rest) = (num / den, num % den);
                let mut decimals = String::new();
                for _ in 0..places {
                    rest *= 10;
                    decimals.push(char::from(b'0' + (rest / den) as u8));
                    rest %= den;
                }
                format!("{sign}{whole}.{decimals}")
            }
            None => format!("{sign}{num}/{den}"),
        }
    }
}

/// How many places `1 / den` needs, if it ends within [`MAX_PLACES`]; such a `den` divides 10^18, so `rest * 10` fits.
fn decimal_places(mut den: u128) -> Option<u32> {
    let (mut twos, mut fives) = (0, 0);
    while den.is_multiple_of(2) {
        (den, twos) = (den / 2, twos + 1);
    }
    while den.is_multiple_of(5) {
        (den, fives) = (den / 5, fives + 1);
    }
    Some(twos.max(fives)).filter(|&places| den == 1 && places <= MAX_PLACES)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rational;

    #[test]
    fn one_spelling_for_a_value() {
        for (written, canonical) in [
            ("12", "12"),
            ("0012", "12"),
            ("12.50", "12.5"),
            ("12.0", "12"),
            ("-0", "0"),
            ("-0.50", "-0.5"),
            ("1/2", "0.5"),
            ("-6/4", "-1.5"),
            ("2/6", "1/3"),
            ("-2/6", "-1/3"),
            ("1/1024", "0.0009765625"),
        ] {
            assert_eq!(
                Rational::parse(written).map(Rational::canonical).as_deref(),
                Some(canonical),
                "{written}"
            );
        }
    }

    #[test]
    fn no_number() {
        for text in [
            "",
            "-",
            "1/0",
            "1.",
            ".5",
            "1,5",
            "1e3",
            "１",
            "1/2/3",
            "9999999999999999999999999999999999999999999",
        ] {
            assert_eq!(Rational::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn canonical_reads_back(num in -1_000_000_000_000_i128..1_000_000_000_000, den in 1_i128..1_000_000) {
            let value = Rational::new(num, den).unwrap();
            prop_assert_eq!(Rational::parse(&value.canonical()), Some(value));
        }

        #[test]
        fn extreme_values_do_not_panic(num in any::<i128>(), den in any::<i128>()) {
            if let Some(value) = Rational::new(num, den) {
                prop_assert!(!value.canonical().is_empty());
                let _ = (value.plus(value), value.times(value), value.divided_by(value));
            }
        }
    }
}
