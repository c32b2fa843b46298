//! Confidence intervals by resampling prompts: the percentile bootstrap (Efron 1979).
//!
//! What is drawn is whole prompts, with replacement, because the rows of one prompt in several languages share its
//! difficulty and are no independent cases. A resample only adds up the counts of the drawn prompts, so a page can do a
//! few at a time.

use super::rate::{Interval, Rate};
use crate::align::random::SplitMix64;
use crate::data::InOrder;

/// Share of the resamples that lie below and above the interval together.
const OUTSIDE: f64 = 0.05;

/// Counts by prompt of any number of rates, and the shares that the resamples gave.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    n_rates: usize,
    /// `[n_prompts, n_rates, 2]`: part and whole.
    counts: Vec<u32>,
    random: SplitMix64,
    /// `[n_rates][n_resamples]`; resamples in which nothing was counted are left out.
    shares: Vec<Vec<f64>>,
}

impl Bootstrap {
    /// For so many rates; the seed decides what is drawn.
    pub fn new(n_rates: usize, seed: u32) -> Self {
        let shares = vec![Vec::new(); n_rates];
        Self { n_rates, counts: Vec::new(), random: SplitMix64::new(u64::from(seed)), shares }
    }

    /// Adds a prompt by its part and whole of each rate, missing ones counting as 0 of 0.
    pub fn add_prompt(&mut self, counts: &[[u32; 2]]) {
        let filled = counts.iter().copied().chain(std::iter::repeat([0; 2])).take(self.n_rates);
        self.counts.extend(filled.flatten());
    }

    /// Prompts added.
    pub fn n_prompts(&self) -> usize {
        self.counts.len().checked_div(self.width()).unwrap_or_default()
    }

    /// Draws as many prompts as there are, and keeps the share of every rate among them.
    pub fn resample(&mut self) {
        let n_prompts = self.n_prompts();
        let mut totals = vec![0; self.width()];
        for _ in 0..n_prompts {
            let drawn = self.random.below(n_prompts) * self.width();
            add(&mut totals, &self.counts[drawn..drawn + self.width()]);
        }
        for (shares, rate) in self.shares.iter_mut().zip(totals.chunks_exact(2)) {
            shares.extend(Rate::of(rate[0], rate[1]).share);
        }
    }

    /// Every rate over all prompts, with the interval that the resamples so far give.
    pub fn rates(&self) -> Vec<Rate> {
        let mut totals = vec![0; self.width()];
        self.counts.chunks_exact(self.width().max(1)).for_each(|counts| add(&mut totals, counts));
        let rates = totals.chunks_exact(2).zip(&self.shares);
        rates
            .map(|(rate, shares)| Rate { interval: percentile(shares), ..Rate::of(rate[0], rate[1]) })
            .collect()
    }

    fn width(&self) -> usize {
        2 * self.n_rates
    }
}

fn add(totals: &mut [u32], counts: &[u32]) {
    totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
}

/// The middle 95 % of the shares; ends between two of them are interpolated (as numpy's `percentile` does).
pub(in crate::align) fn percentile(shares: &[f64]) -> Option<Interval> {
    let mut sorted = shares.to_vec();
    sorted.order_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = |quantile: f64| {
        let place = quantile * last as f64;
        let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
        low + (high - low) * place.fract()
    };
    Some(Interval { low: at(OUTSIDE / 2.0), high: at(1.0 - OUTSIDE / 2.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_between_values() {
        let hundred: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(percentile(&hundred), Some(Interval { low: 2.5, high: 97.5 }));
        assert_eq!(percentile(&[0.25]), Some(Interval { low: 0.25, high: 0.25 }));
        assert_eq!(percentile(&[]), None);
    }

    #[test]
    fn the_interval_of_half_of_a_hundred_prompts_is_that_of_the_binomial() {
        let mut bootstrap = Bootstrap::new(2, 7);
        (0..100).for_each(|i| bootstrap.add_prompt(&[[i % 2, 1], [2, 2]]));
        assert_eq!(bootstrap.rates()[0], Rate::of(50, 100));
        (0..1000).for_each(|_| bootstrap.resample());
        let rates = bootstrap.rates();
        let Interval { low, high } = rates[0].interval.unwrap();
        // Half of 100 has a standard deviation of 5 points, so that 1.96 of them are 9.8.
        assert!((low - 0.402).abs() < 0.03 && (high - 0.598).abs() < 0.03, "{low} {high}");
        assert_eq!(rates[1].interval, Some(Interval { low: 1.0, high: 1.0 }));
    }

    #[test]
    fn nothing_to_draw_gives_nothing() {
        let mut empty = Bootstrap::new(1, 1);
        empty.resample();
        assert_eq!((empty.n_prompts(), empty.rates()), (0, vec![Rate::default()]));
        let mut no_rates = Bootstrap::new(0, 1);
        no_rates.add_prompt(&[]);
        no_rates.resample();
        assert_eq!(no_rates.rates(), []);
        let mut uncounted = Bootstrap::new(2, 1);
        uncounted.add_prompt(&[[1, 1]]);
        uncounted.resample();
        assert_eq!(uncounted.rates()[1], Rate::default());
    }
}
