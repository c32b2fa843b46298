//! Singular values as bars, with those of all languages behind them as dots.

use super::{Axes, ChartTable, Ink, Mark, Plot, Series, Shape, Value, plot::Line};

/// Height of the picture.
const HEIGHT: f64 = 260.0;

/// What the picture is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// What it is called.
    pub title: String,
    /// Singular values of the languages that are switched on, falling.
    pub on: Vec<f64>,
    /// Singular values of all languages, falling; empty where all are on.
    pub all: Vec<f64>,
}

/// Draws it for a width.
///
/// The share of a value is `s_j^2 / sum s^2`: how much of the languages' directions lies along it.
#[expect(clippy::cast_precision_loss, reason = "a handful of languages")]
pub fn spectrum(spec: &Spectrum, width: f64) -> Plot {
    let n = spec.on.len().max(spec.all.len());
    let highest = spec.on.iter().chain(&spec.all).copied().fold(0.0, f64::max).max(1e-9);
    let mut plot = Plot {
        title: spec.title.clone(),
        summary: summary(&spec.on),
        width,
        height: HEIGHT,
        table: table(spec),
        ..Plot::default()
    };
    let axes = Axes::new((width, HEIGHT), (0.4, n.max(1) as f64 + 0.6), (0.0, highest), 10.0);
    axes.draw(&mut plot, "which", "singular value", true);
    let half = ((axes.x.at(2.0) - axes.x.at(1.0)) * 0.32).min(28.0);
    let bars = spec.on.iter().zip(shares(&spec.on)).enumerate().map(|(j, (value, share))| {
        let x = axes.x.at(j as f64 + 1.0);
        let reading = format!(
            "singular value {} of {}: {value:.4}, {:.1} % of all",
            j + 1,
            spec.on.len(),
            share * 100.0
        );
        Mark::block((x - half, axes.y.at(*value)), (x + half, axes.y.at(0.0)), Ink::Act, 0.75, reading)
    });
    plot.series.push(Series { name: "switched on".into(), line: None, marks: bars.collect() });
    let dots = spec.all.iter().enumerate().map(|(j, value)| {
        let place = (axes.x.at(j as f64 + 1.0), axes.y.at(*value));
        Mark::new(
            place,
            Shape::Diamond,
            Ink::Soft,
            format!("all languages, singular value {}: {value:.4}", j + 1),
        )
    });
    let line = Some(Line { ink: Ink::Soft, width: 1.0, dash: 3.0 });
    plot.series.push(Series { name: "all languages".into(), line, marks: dots.collect() });
    plot
}

/// `s_j^2 / sum s^2` of each; 0 where all are 0.
fn shares(values: &[f64]) -> Vec<f64> {
    let sum: f64 = values.iter().map(|value| value * value).sum();
    values.iter().map(|value| if sum > 0.0 { value * value / sum } else { 0.0 }).collect()
}

fn summary(on: &[f64]) -> String {
    match (on.first(), shares(on).first()) {
        (Some(first), Some(share)) => format!(
            "{} singular values; the largest is {first:.3} and holds {:.0} % of the languages' directions.",
            on.len(),
            share * 100.0
        ),
        _ => "No language is switched on.".to_owned(),
    }
}

fn table(spec: &Spectrum) -> ChartTable {
    let has_all = !spec.all.is_empty();
    let mut table = ChartTable::new(&spec.title, &["which", "singular value", "share"]);
    if has_all {
        table.columns.push("of all languages".to_owned());
    }
    let shares = shares(&spec.on);
    for j in 0..spec.on.len().max(spec.all.len()) {
        let mut row = vec![Value::count(j + 1)];
        row.push(Value::some(spec.on.get(j).copied(), 4));
        row.push(Value::some(shares.get(j).copied(), 4));
        if has_all {
            row.push(Value::some(spec.all.get(j).copied(), 4));
        }
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_say_value_and_share() {
        let spec = Spectrum { title: "Spectrum".into(), on: vec![2_f64.sqrt(), 1.0, 0.0], all: vec![] };
        let plot = spectrum(&spec, 400.0);
        assert_eq!(plot.series[0].marks[0].reading, "singular value 1 of 3: 1.4142, 66.7 % of all");
        assert_eq!(plot.table.rows.len(), 3);
        assert_eq!(plot.table.columns.len(), 3);
        assert!(plot.summary.contains("67 %"), "{}", plot.summary);
    }

    #[test]
    fn all_zero_or_none_draws_no_nonsense() {
        for on in [vec![], vec![0.0, 0.0]] {
            let plot = spectrum(&Spectrum { title: String::new(), on, all: vec![1.0] }, 300.0);
            let marks = plot.series.iter().flat_map(|series| &series.marks);
            assert!(
                marks.into_iter().all(|mark| mark.x.is_finite() && mark.y.is_finite() && mark.size.1 >= 0.0)
            );
            assert_eq!(plot.table.columns.len(), 4);
        }
    }
}
