//! A coefficient with its interval: the percentile bootstrap over clusters of units.
//!
//! Units are drawn again as wholes, with all that was said of them, as Zapf, Castell, Morawietz and Karch (2016, "Measuring
//! inter-rater reliability for nominal data") find to hold for alpha and for kappa; **ours** is that units of a cluster are
//! drawn together. A resample in which the coefficient is undefined is left out.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Measure, PairTable, Ratings};
use crate::align::evaluate::{Interval, percentile};
use crate::align::random::SplitMix64;

/// Units below which a coefficient says too little to be relied on (**ours**).
pub const MIN_UNITS: u32 = 50;

/// A measure of agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coefficient {
    /// Its value; `None` where it is undefined.
    pub value: Option<f64>,
    /// Where it lies in 95 % of the resamples; `None` without any, or where all units are of one cluster.
    pub interval: Option<Interval>,
    /// Units that at least two people judged.
    pub n_units: u32,
    /// Why there is no value.
    pub undefined: Option<Undefined>,
}

/// Why a coefficient has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undefined {
    /// Fewer than two units were judged by at least two people.
    TooFewUnits,
    /// Everybody always gave the same value, so chance alone would agree on everything.
    OneValue,
}

impl Coefficient {
    /// Whether it rests on fewer than [`MIN_UNITS`] units.
    pub fn is_few(&self) -> bool {
        self.n_units < MIN_UNITS
    }
}

/// A coefficient under way: one resample at a time, so that a page never waits.
#[derive(Clone, Debug)]
pub struct Estimating {
    measure: Measure,
    n_units: u32,
    /// What each cluster adds: places of cells, and how much.
    clusters: Vec<Vec<(usize, f64)>>,
    table: PairTable,
    value: Option<f64>,
    random: SplitMix64,
    resampled: Vec<f64>,
}

impl Estimating {
    /// A measure of what people said; the seed decides what is drawn.
    pub fn new(ratings: &Ratings, measure: Measure, seed: u32) -> Self {
        let mut clusters: Vec<Vec<(usize, f64)>> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut whole = PairTable::new(ratings.n_values);
        let mut n_units = 0;
        for unit in &ratings.units {
            let entries = measure.entries(&unit.values);
            if entries.is_empty() {
                continue;
            }
            n_units += 1;
            let place = *places.entry(unit.cluster).or_insert_with(|| {
                clusters.push(Vec::new());
                clusters.len() - 1
            });
            for (first, second, weight) in entries {
                let cell = first * ratings.n_values + second;
                whole.add(cell, weight);
                clusters[place].push((cell, weight));
            }
        }
        let random = SplitMix64::new(u64::from(seed));
        let value = (n_units >= measure.least_units()).then(|| measure.of(&whole)).flatten();
        Self { measure, n_units, clusters, table: whole, value, random, resampled: Vec::new() }
    }

    /// Whether there is a value to find an interval for.
    pub fn is_defined(&self) -> bool {
        self.value.is_some() && self.clusters.len() > 1
    }

    /// Draws as many clusters as there are, and keeps what they give.
    pub fn resample(&mut self) {
        self.table.clear();
        for _ in 0..self.clusters.len() {
            for (cell, weight) in &self.clusters[self.random.below(self.clusters.len())] {
                self.table.add(*cell, *weight);
            }
        }
        self.resampled.extend(self.measure.of(&self.table));
    }

    /// The coefficient, with the interval that the resamples so far give.
    pub fn finish(&self) -> Coefficient {
        let too_few = self.n_units < self.measure.least_units();
        let reason = if too_few { Undefined::TooFewUnits } else { Undefined::OneValue };
        Coefficient {
            value: self.value,
            interval: self.is_defined().then(|| percentile(&self.resampled)).flatten(),
            n_units: self.n_units,
            undefined: self.value.is_none().then_some(reason),
        }
    }
}
