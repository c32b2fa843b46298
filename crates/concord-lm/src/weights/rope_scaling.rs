//! RoPE's frequencies, and what models do with them to read texts longer than those they were first trained on.
//!
//! Linear scaling (Chen et al. 2023) divides all angles by a factor. YaRN (Peng et al. 2023) does so for the pairs that turn
//! less than once in the original context and leaves those alone that turn often; it also makes queries and keys
//! longer. LongRoPE (Ding et al. 2024) divides each pair by a number of its own, which comes with the weights. "NTK"
//! changes the base, which a GGUF file then holds changed.

use super::error::WeightsError;

/// The frequencies of a kind of layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rope {
    /// Base of the frequencies.
    pub freq_base: f32,
    /// Angles are divided by it; 1 for none.
    pub factor: f32,
    /// Which angles are not.
    pub yarn: Option<Yarn>,
    /// Factor of queries and keys, in the values that turn.
    pub magnitude: f32,
}

/// Which pairs YaRN scales: those that turn less often than `beta_slow` in the original context wholly, those that turn
/// more often than `beta_fast` not at all, those between in part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Yarn {
    /// Positions of the original context.
    pub n_original: u32,
    /// Turns from which a pair is left alone.
    pub beta_fast: f32,
    /// Turns up to which a pair is scaled.
    pub beta_slow: f32,
    /// Share of the quick pairs' own angles, 0 for linear scaling to 1.
    pub mix: f32,
}

/// Divisors of the frequencies that come with the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeDivisors {
    /// None.
    None,
    /// One for each pair.
    One,
    /// Two for each pair: one for texts within the original context, one for longer ones. A model uses one set for all
    /// texts, by the longest that it is loaded for ([`super::Hyperparameters::within`]): rows share the keys of their
    /// prompt, so a row cannot go over to the other set as it grows. transformers does, and then evaluates all that was
    /// written again; llama.cpp does not either. The models are trained on short texts with the first set, so that is the one
    /// unless longer texts are asked for.
    ByLength {
        /// Positions of the original context.
        n_original: u32,
        /// Positions of the longest texts that the model can read.
        n_longest: u32,
    },
}

impl Rope {
    /// Frequencies of a base that nothing scales.
    pub fn plain(freq_base: f32) -> Self {
        Self { freq_base, factor: 1.0, yarn: None, magnitude: 1.0 }
    }

    /// Radians per position of each pair, `[rope_dim / 2]`; `divisors` holds as many, or nothing.
    pub fn frequencies(&self, rope_dim: u32, divisors: &[f32]) -> Vec<f64> {
        let (low, high) = self.yarn.map_or((0.0, 0.0), |yarn| yarn.ramp(rope_dim, self.freq_base));
        let frequency = |pair: u32| {
            let divisor = divisors.get(pair as usize).map_or(1.0, |divisor| f64::from(*divisor));
            let exponent = -2.0 * f64::from(pair) / f64::from(rope_dim);
            let own = f64::from(self.freq_base).powf(exponent) / divisor;
            let scaled = own / f64::from(self.factor);
            match self.yarn {
                None => scaled,
                Some(yarn) => {
                    let along = (f64::from(pair) - low) / (high - low).max(0.001);
                    let kept = f64::from(yarn.mix) * (1.0 - along.clamp(0.0, 1.0));
                    scaled * (1.0 - kept) + own * kept
                }
            }
        };
        (0..rope_dim / 2).map(frequency).collect()
    }

    /// Refuses numbers that give no angles.
    pub(super) fn checked(self) -> Result<Self, WeightsError> {
        let is_positive = |value: f32| value > 0.0 && value.is_finite();
        let yarn = self.yarn.is_none_or(|yarn| {
            // The pair that turns so many times is found by the logarithm of the base.
            self.freq_base > 1.0
                && [yarn.beta_fast, yarn.beta_slow].into_iter().all(is_positive)
                && (0.0..=1.0).contains(&yarn.mix)
        });
        let Self { freq_base, factor, magnitude, .. } = self;
        if yarn && [freq_base, factor, magnitude].into_iter().all(is_positive) {
            return Ok(self);
        }
        Err(WeightsError::damaged(format!("RoPE has the numbers {self:?}")))
    }
}

impl Yarn {
    /// The pairs between which angles pass from their own to scaled ones.
    fn ramp(&self, rope_dim: u32, freq_base: f32) -> (f64, f64) {
        // The pair that turns so many times in the original context.
        let pair_of = |turns: f32| {
            let positions_per_radian =
                f64::from(self.n_original) / (f64::from(turns) * std::f64::consts::TAU);
            f64::from(rope_dim) * positions_per_radian.ln() / (2.0 * f64::from(freq_base).ln())
        };
        let low = pair_of(self.beta_fast).floor().max(0.0);
        let high = pair_of(self.beta_slow).ceil().min(f64::from(rope_dim) - 1.0);
        (low, high)
    }
}

/// What YaRN multiplies queries and keys by: `0.1 * weight * ln(factor) + 1`, 1 where nothing is scaled.
pub(super) fn yarn_magnitude(factor: f32, weight: f32) -> f32 {
    if factor <= 1.0 { 1.0 } else { 0.1 * weight * factor.ln() + 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_scaling_divides_all_angles() {
        let plain = Rope::plain(10_000.0).frequencies(8, &[]);
        assert_eq!(plain[0], 1.0);
        assert!((plain[2] - 0.01).abs() < 1e-12);
        let scaled = Rope { factor: 4.0, ..Rope::plain(10_000.0) }.frequencies(8, &[1.0, 2.0, 1.0, 1.0]);
        assert!((scaled[1] - plain[1] / 8.0).abs() < 1e-12);
    }

    /// Quick pairs keep their angles, slow ones are divided, the share falls in between.
    #[test]
    fn yarn_scales_the_slow_pairs() {
        let yarn = Yarn { n_original: 4096, beta_fast: 32.0, beta_slow: 1.0, mix: 1.0 };
        let base = Rope::plain(10_000.0);
        let plain = base.frequencies(128, &[]);
        let scaled = Rope { factor: 16.0, yarn: Some(yarn), ..base }.frequencies(128, &[]);
        let shares: Vec<f64> = plain.iter().zip(&scaled).map(|(own, scaled)| scaled / own).collect();
        // 4096 positions are 20.4 turns of pair 23 and 0.99 of pair 45.
        assert_eq!(shares[20], 1.0);
        assert!((shares[46] - 1.0 / 16.0).abs() < 1e-12);
        assert!(shares.windows(2).all(|two| two[0] >= two[1]), "{shares:?}");
        let unmixed = Rope { factor: 16.0, yarn: Some(Yarn { mix: 0.0, ..yarn }), ..base };
        let linear = Rope { factor: 16.0, ..base };
        assert_eq!(unmixed.frequencies(128, &[]), linear.frequencies(128, &[]));
    }

    #[test]
    fn magnitudes_grow_with_the_logarithm() {
        assert_eq!(yarn_magnitude(1.0, 1.0), 1.0);
        assert!((yarn_magnitude(16.0, 1.0) - 1.277_259).abs() < 1e-6);
    }

    #[test]
    fn impossible_numbers_are_refused() {
        let base = Rope::plain(10_000.0);
        let yarn = Yarn { n_original: 8, beta_fast: 32.0, beta_slow: 0.0, mix: 1.0 };
        let cases = [
            Rope { factor: f32::INFINITY, ..base },
            Rope { magnitude: f32::NAN, ..base },
            Rope { yarn: Some(yarn), ..base },
            Rope { freq_base: 1.0, yarn: Some(Yarn { beta_slow: 1.0, ..yarn }), ..base },
        ];
        for rope in cases {
            assert!(rope.checked().is_err(), "{rope:?}");
        }
        assert_eq!(base.checked(), Ok(base));
    }
}
