//! How numbers spread, one lane per language over a common axis.

use super::{
    Anchor, ChartTable, Ink, Mark, Plot, Scale, Series, Value,
    axes::{n_ticks, text_width, x_axis},
    scale::{extent, rounded, ticks},
};
use crate::data::InOrder;

/// Height of a lane.
const LANE: f64 = 40.0;
/// Bars of a lane.
const N_BINS: usize = 30;

/// The numbers of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Its name.
    pub name: String,
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// The numbers, in any order.
    pub values: Vec<f64>,
}

/// Draws lanes for a width; `what` is the name of the numbers. The plot's scale is where they lie, for a cut through them.
///
/// The table has, by language: how many, lowest, quartiles, highest and mean.
pub fn histogram(title: &str, what: &str, spreads: &[Spread], width: f64) -> Plot {
    let left = spreads.iter().map(|spread| text_width(&spread.name)).fold(24.0, f64::max) + 12.0;
    let sides = (left.min(width / 3.0), width - 14.0);
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    let bottom = spreads.len() as f64 * LANE + 6.0;
    let found = extent(spreads.iter().flat_map(|spread| spread.values.iter().copied())).unwrap_or((0.0, 1.0));
    let found = if found.1 > found.0 { found } else { (found.0 - 0.05, found.0 + 0.05) };
    let domain = rounded(found.0, found.1, n_ticks(sides.1 - sides.0, 64.0));
    let x = Scale::new(domain, sides);
    let mut plot = Plot {
        title: title.to_owned(),
        summary: summary(what, spreads),
        width,
        height: bottom + 40.0,
        table: table(title, spreads),
        ..Plot::default()
    };
    let counts: Vec<[usize; N_BINS]> = spreads.iter().map(|spread| counts(&spread.values, domain)).collect();
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    for (lane, (spread, counts)) in spreads.iter().zip(&counts).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
        let base = (lane + 1) as f64 * LANE;
        plot.rule((sides.0, base), (sides.1, base), Ink::Grid, 1.0);
        plot.text((sides.0 - 8.0, base - 4.0), Anchor::End, Ink::Text, &spread.name);
        let marks = bars(spread, counts, most, (x, base));
        plot.series.push(Series { name: spread.name.clone(), line: None, marks });
    }
    let marks = ticks(domain.0, domain.1, n_ticks(sides.1 - sides.0, 64.0));
    x_axis(&mut plot, x, &marks, sides, bottom, what);
    plot.x = Some(x);
    plot
}

#[expect(clippy::cast_precision_loss, reason = "bins and counts of a screenful")]
fn bars(spread: &Spread, counts: &[usize; N_BINS], most: usize, (x, base): (Scale, f64)) -> Vec<Mark> {
    let (low, high) = x.domain();
    let step = (high - low) / N_BINS as f64;
    let n = spread.values.len();
    let bar = |(bin, count): (usize, &usize)| {
        let (from, to) = (low + bin as f64 * step, low + (bin + 1) as f64 * step);
        let height = (*count as f64 / most as f64 * (LANE - 10.0)).max(2.0);
        let reading = format!("{}: {count} of {n} from {from:.3} to {to:.3}", spread.name);
        let corner = (x.at(from) + 0.5, base - height);
        Mark::block(corner, (x.at(to) - 0.5, base), spread.ink, 0.85, reading)
    };
    counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect()
}

/// How many numbers lie in each bin; the highest belongs to the last.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a handful of bins, never below 0"
)]
fn counts(values: &[f64], (low, high): (f64, f64)) -> [usize; N_BINS] {
    let mut out = [0; N_BINS];
    for value in values.iter().filter(|value| value.is_finite()) {
        let at = ((value - low) / (high - low) * N_BINS as f64).max(0.0) as usize;
        out[at.min(N_BINS - 1)] += 1;
    }
    out
}

/// Lowest, quartiles and highest by linear interpolation, as numpy's default does; `None` without numbers.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place between 0 and the last"
)]
pub fn quartiles(values: &[f64]) -> Option<[f64; 5]> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.order_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some([0.0, 0.25, 0.5, 0.75, 1.0].map(|share| {
        let place = share * last as f64;
        let below = place.floor() as usize;
        let above = (below + 1).min(last);
        sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
    }))
}

fn summary(what: &str, spreads: &[Spread]) -> String {
    let medians: Vec<String> = spreads
        .iter()
        .filter_map(|spread| Some(format!("{} {:.3}", spread.name, quartiles(&spread.values)?[2])))
        .collect();
    if medians.is_empty() {
        format!("No {what} yet.")
    } else {
        format!("Median {what}: {}.", medians.join(", "))
    }
}

fn table(title: &str, spreads: &[Spread]) -> ChartTable {
    let columns = ["", "count", "lowest", "lower quartile", "median", "upper quartile", "highest", "mean"];
    let mut table = ChartTable::new(title, &columns);
    for spread in spreads {
        let known: Vec<f64> = spread.values.iter().copied().filter(|value| value.is_finite()).collect();
        let found = quartiles(&known);
        #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
        let mean = found.map(|_| known.iter().sum::<f64>() / known.len() as f64);
        let mut row = vec![Value::Text(spread.name.clone()), Value::count(known.len())];
        row.extend((0..5).map(|at| Value::some(found.map(|found| found[at]), 3)));
        row.push(Value::some(mean, 3));
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(values: Vec<f64>) -> Spread {
        Spread { name: "sw".into(), ink: Ink::Language(1), values }
    }

    #[test]
    fn quartiles_are_those_of_numpy() {
        // np.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1])
        assert_eq!(quartiles(&[8.0, 1.0, 4.0, 2.0]), Some([1.0, 1.75, 3.0, 5.0, 8.0]));
        assert_eq!(quartiles(&[f64::NAN]), None);
        assert_eq!(quartiles(&[2.0]), Some([2.0; 5]));
    }

    #[test]
    fn a_lane_without_numbers_says_so() {
        let plot = histogram("Margins", "margin", &[spread(vec![])], 300.0);
        assert_eq!(plot.summary, "No margin yet.");
        assert_eq!(plot.table.rows[0][2], Value::None);
        assert!(plot.series[0].marks.is_empty());
    }

    proptest! {
        #[test]
        fn every_number_is_in_one_bar(values in prop::collection::vec(-2.0_f64..2.0, 1..60), width in 260.0_f64..1200.0) {
            let n = values.len();
            let plot = histogram("Margins", "margin", &[spread(values.clone())], width);
            let found: Vec<[usize; N_BINS]> = vec![counts(&values, plot.x.expect("a scale").domain())];
            prop_assert_eq!(found[0].iter().sum::<usize>(), n);
            let inside = |mark: &Mark| mark.x >= 0.0 && mark.x <= width && mark.y >= 0.0 && mark.y <= plot.height;
            prop_assert!(plot.series[0].marks.iter().all(inside));
        }
    }
}
