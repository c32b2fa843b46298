//! How far people who judged the same units agree: percent agreement, Cohen's kappa, Krippendorff's alpha.
//!
//! All three read a square table of how often one value met another ([`PairTable`]), to which every unit adds; an interval
//! comes from drawing clusters of units again, with replacement. A value that nobody gave costs nothing, and a unit that
//! fewer than two people judged says nothing and is passed over.
//!
//! | measure | range | 1 | 0 | source |
//! |---|---|---|---|---|
//! | percent agreement | 0 to 1 | always the same value | never | |
//! | Cohen's kappa, weighted or not | −1 to 1 | always the same value | what chance gives | Cohen 1960 and 1968 |
//! | Krippendorff's alpha | −1 to 1 | always the same value | what chance gives | Krippendorff 2011 |
//!
//! Kappa's chance is that of two people who keep their own shares of the values; alpha's is that of all given values drawn
//! from one urn, so it takes any number of people, and units that some of them did not judge.

mod binomial;
mod estimate;
mod table;

pub use binomial::wilson;
pub use estimate::{Coefficient, Estimating, MIN_UNITS, Undefined};
pub use table::PairTable;

/// What people said of units; a value is a place in a list that all share, in its order where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    /// How many values there are to give.
    pub n_values: usize,
    /// The units.
    pub units: Vec<Unit>,
}

/// One thing that was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// What it belongs to: units of one cluster are no independent cases, and are drawn together.
    pub cluster: usize,
    /// What every person said of it, always in the same order; `None` where one said nothing.
    pub values: Vec<Option<usize>>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Of all pairs of people who judged the same unit, the share that gave it the same value.
    Percent,
    /// Cohen's kappa of the first two people.
    Kappa(Weights),
    /// Krippendorff's alpha of all people.
    Alpha(Level),
}

/// What two different values cost kappa, by how many places `d` they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// 1, however far apart.
    Equal,
    /// `d`.
    Linear,
    /// `d²`.
    Quadratic,
}

/// What the values are to alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Names: two values are the same or not.
    Nominal,
    /// Ranks: two values differ by how many given values lie between them.
    Ordinal,
    /// Numbers, each value's own place being its number.
    Interval,
}

impl Ratings {
    /// The same units with only two of the people.
    pub fn of_two(&self, first: usize, second: usize) -> Self {
        let said = |unit: &Unit, person: usize| unit.values.get(person).copied().flatten();
        let unit = |unit: &Unit| Unit {
            cluster: unit.cluster,
            values: [first, second].map(|person| said(unit, person)).to_vec(),
        };
        Self { n_values: self.n_values, units: self.units.iter().map(unit).collect() }
    }

    /// A coefficient without an interval.
    pub fn coefficient(&self, measure: Measure) -> Coefficient {
        Estimating::new(self, measure, 0).finish()
    }
}

impl Measure {
    /// What a unit adds to the table: pairs of values, and how much each counts.
    fn entries(self, values: &[Option<usize>]) -> Vec<(usize, usize, f64)> {
        let given: Vec<usize> = values.iter().copied().flatten().collect();
        let pairs = given.iter().enumerate().flat_map(|(i, a)| {
            let others = given.iter().enumerate().filter(move |(j, _)| i != *j);
            others.map(move |(j, b)| (i < j, *a, *b))
        });
        match self {
            Self::Kappa(_) => match values {
                [Some(first), Some(second), ..] => vec![(*first, *second, 1.0)],
                _ => Vec::new(),
            },
            Self::Percent => pairs.filter(|(is_first, ..)| *is_first).map(|(_, a, b)| (a, b, 1.0)).collect(),
            Self::Alpha(_) => pairs.map(|(_, a, b)| (a, b, 1.0 / (given.len() - 1) as f64)).collect(),
        }
    }

    /// Units below which there is nothing to measure.
    fn least_units(self) -> u32 {
        if self == Self::Percent { 1 } else { 2 }
    }

    /// The measure of a table; `None` where chance alone would always agree, or the table is empty.
    fn of(self, table: &PairTable) -> Option<f64> {
        match self {
            Self::Percent => table.percent(),
            Self::Kappa(weights) => table.kappa(weights),
            Self::Alpha(level) => table.alpha(level),
        }
    }
}

#[cfg(test)]
mod tests;
