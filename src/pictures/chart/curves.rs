//! Curves over the layers of a model, or over anything else that is counted, each with its name at its end.

use super::{
    Anchor, Axes, ChartTable, Ink, Mark, Plot, Series, Shape, Value,
    axes::{spread, text_width},
    plot::Line,
    scale::extent,
};

/// Height of the picture.
const HEIGHT: f64 = 300.0;
/// Distance of two names.
const NAME_GAP: f64 = 14.0;

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its name, short: it is written at the curve's end.
    pub name: String,
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// Lengths of dash and gap; 0 is a whole line.
    pub dash: f64,
    /// Whether it is the one to look at first.
    pub is_strong: bool,
    /// Value at every place; `None` where there is none.
    pub values: Vec<Option<f64>>,
}

/// What the picture is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// What it is called.
    pub title: String,
    /// What is drawn, for the vertical axis.
    pub what: String,
    /// What is counted, for the horizontal axis.
    pub along: String,
    /// The places, ascending.
    pub places: Vec<u32>,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Decimals of a value.
    pub decimals: usize,
}

/// Draws them for a width.
pub fn curves(spec: &Curves, width: f64) -> Plot {
    let mut plot = Plot {
        title: spec.title.clone(),
        summary: summary(spec),
        width,
        height: HEIGHT,
        table: table(spec),
        ..Plot::default()
    };
    let room = spec.curves.iter().map(|curve| text_width(&curve.name)).fold(0.0, f64::max) + 14.0;
    let values = spec.curves.iter().flat_map(|curve| curve.values.iter().flatten().copied());
    let y = extent(values).unwrap_or((0.0, 1.0));
    let x = extent(spec.places.iter().map(|place| f64::from(*place))).unwrap_or((0.0, 1.0));
    let axes = Axes::new((width, HEIGHT), x, y, room);
    axes.draw(&mut plot, &spec.along, &spec.what, true);
    plot.series = spec.curves.iter().map(|curve| series(spec, curve, &axes)).collect();
    name_ends(&mut plot, spec, &axes);
    plot
}

fn series(spec: &Curves, curve: &Curve, axes: &Axes) -> Series {
    let places = spec.places.iter().zip(&curve.values);
    let marks = places.filter_map(|(place, value)| {
        let value = (*value).filter(|value| value.is_finite())?;
        let reading =
            format!("{}, {} {place}: {} {value:.*}", curve.name, spec.along, spec.what, spec.decimals);
        let mut mark =
            Mark::new((axes.x.at(f64::from(*place)), axes.y.at(value)), Shape::Disc, curve.ink, reading);
        mark.size = if curve.is_strong { (8.0, 8.0) } else { (5.0, 5.0) };
        Some(mark)
    });
    let line = Line { ink: curve.ink, width: if curve.is_strong { 2.5 } else { 1.5 }, dash: curve.dash };
    Series { name: curve.name.clone(), line: Some(line), marks: marks.collect() }
}

/// Writes each name beside the last point of its curve.
fn name_ends(plot: &mut Plot, spec: &Curves, axes: &Axes) {
    let ends: Vec<Option<(f64, f64)>> =
        plot.series.iter().map(|series| series.marks.last().map(|mark| (mark.x, mark.y + 4.0))).collect();
    let (top, bottom) = axes.ends();
    let known: Vec<f64> = ends.iter().flatten().map(|end| end.1).collect();
    let mut apart = spread(&known, NAME_GAP, top, bottom + 4.0).into_iter();
    for (curve, end) in spec.curves.iter().zip(ends) {
        if let Some((x, _)) = end
            && let Some(y) = apart.next()
        {
            plot.text(
                (x + 8.0, y),
                Anchor::Start,
                if curve.is_strong { Ink::Text } else { curve.ink },
                &curve.name,
            );
        }
    }
}

fn summary(spec: &Curves) -> String {
    let first = spec.curves.iter().find(|curve| curve.is_strong).or(spec.curves.first());
    let of_first = first.and_then(|curve| {
        let known: Vec<(u32, f64)> = spec
            .places
            .iter()
            .zip(&curve.values)
            .filter_map(|(place, value)| Some((*place, (*value)?)))
            .collect();
        let low = known.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let high = known.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let places = spec.decimals;
        Some(format!(
            " {}: lowest {:.places$} at {} {}, highest {:.places$} at {} {}.",
            curve.name, low.1, spec.along, low.0, high.1, spec.along, high.0
        ))
    });
    let n = spec.curves.len();
    format!(
        "{} over {} {}s, {n} {}.{}",
        spec.what,
        spec.places.len(),
        spec.along,
        if n == 1 { "curve" } else { "curves" },
        of_first.unwrap_or_default()
    )
}

fn table(spec: &Curves) -> ChartTable {
    let mut table = ChartTable::new(&spec.title, &[&spec.along]);
    table.columns.extend(spec.curves.iter().map(|curve| curve.name.clone()));
    for (at, place) in spec.places.iter().enumerate() {
        let mut row = vec![Value::Number(f64::from(*place), 0)];
        let value = |curve: &Curve| Value::some(curve.values.get(at).copied().flatten(), spec.decimals);
        row.extend(spec.curves.iter().map(value));
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(values: Vec<Option<f64>>) -> Curves {
        let curve = Curve { name: "mean".into(), ink: Ink::Text, dash: 0.0, is_strong: true, values };
        Curves {
            title: "Loss by layer".into(),
            what: "loss".into(),
            along: "layer".into(),
            places: vec![0, 1, 2],
            curves: vec![curve],
            decimals: 2,
        }
    }

    #[test]
    fn a_curve_reads_draws_and_tabulates_the_same_numbers() {
        let plot = curves(&spec(vec![Some(0.5), None, Some(0.25)]), 400.0);
        let readings: Vec<&str> = plot.series[0].marks.iter().map(|mark| mark.reading.as_str()).collect();
        assert_eq!(readings, ["mean, layer 0: loss 0.50", "mean, layer 2: loss 0.25"]);
        assert!(plot.series[0].marks[1].y > plot.series[0].marks[0].y, "less is lower");
        assert_eq!(plot.table.rows[1], vec![Value::Number(1.0, 0), Value::None]);
        assert!(plot.summary.contains("lowest 0.25 at layer 2, highest 0.50 at layer 0"), "{}", plot.summary);
    }

    #[test]
    fn nothing_to_draw_is_no_mistake() {
        for values in [vec![], vec![None; 3], vec![Some(f64::NAN); 3]] {
            let plot = curves(&spec(values), 300.0);
            assert!(plot.series[0].marks.is_empty());
            assert!(plot.texts.iter().all(|text| text.x.is_finite() && text.y.is_finite()));
        }
    }
}
