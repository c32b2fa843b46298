//! A table of numbers as cells whose darkness is the number, with a column of row means where that is what decides.

use super::{Anchor, ChartTable, Ink, Mark, Plot, Series, Shape, Value, axes::text_width, scale::extent};

/// Largest side of a cell.
const CELL: f64 = 56.0;
/// Sides from which on a number fits into the cell.
const ROOM_FOR_NUMBER: f64 = 36.0;
/// Room above for the names of the columns.
const ABOVE: f64 = 24.0;
/// Darkest shade, so that a number on it can still be read in both themes.
const DARKEST: f64 = 0.45;

/// What the picture is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// What it is called.
    pub title: String,
    /// What a number is, such as `cosine`.
    pub what: String,
    /// One sentence for those who do not see it.
    pub summary: String,
    /// Short names of rows and columns.
    pub names: Vec<String>,
    /// `[names, names]`; `None` where there is no number.
    pub values: Vec<Vec<Option<f64>>>,
    /// Whether a further column has the mean of each row without its diagonal.
    pub has_means: bool,
    /// The row that is marked, such as the reference's.
    pub winner: Option<usize>,
}

/// The mean of each row without its diagonal; `None` where nothing else is.
pub fn row_means(values: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let mean = |(i, row): (usize, &Vec<Option<f64>>)| {
        let others: Vec<f64> =
            row.iter().enumerate().filter(|(j, _)| *j != i).filter_map(|(_, value)| *value).collect();
        #[expect(clippy::cast_precision_loss, reason = "a row of a screenful")]
        let n = others.len() as f64;
        (!others.is_empty()).then(|| others.iter().sum::<f64>() / n)
    };
    values.iter().enumerate().map(mean).collect()
}

/// Draws it for a width.
#[expect(clippy::cast_precision_loss, reason = "rows and columns of a screenful")]
pub fn matrix(spec: &Matrix, width: f64) -> Plot {
    let n = spec.names.len();
    let means = if spec.has_means { row_means(&spec.values) } else { Vec::new() };
    let left = spec.names.iter().map(|name| text_width(name)).fold(16.0, f64::max) + 24.0;
    let n_columns = n as f64 + if spec.has_means { 1.5 } else { 0.0 };
    let side = ((width - left - 4.0) / n_columns.max(1.0)).clamp(4.0, CELL);
    let off_diagonal = spec.values.iter().enumerate().flat_map(|(i, row)| {
        row.iter().enumerate().filter(move |(j, _)| *j != i).filter_map(|(_, value)| *value)
    });
    let range = extent(off_diagonal).unwrap_or((0.0, 1.0));
    let mut plot = Plot {
        title: spec.title.clone(),
        summary: spec.summary.clone(),
        width: (left + n_columns * side + 4.0).max(120.0),
        height: ABOVE + n as f64 * side + 6.0,
        table: table(spec, &means),
        ..Plot::default()
    };
    for (i, name) in spec.names.iter().enumerate() {
        let at = (i as f64 + 0.5) * side;
        plot.text((left - 8.0, ABOVE + at + 4.0), Anchor::End, Ink::Text, name);
        if text_width(name) < side + 6.0 {
            plot.text((left + at, ABOVE - 8.0), Anchor::Middle, Ink::Text, name);
        }
        let row = row(spec, i, means.get(i).copied().flatten(), (left, side, range));
        write_numbers(&mut plot, &row, spec, i, means.get(i).copied().flatten(), side);
        plot.series.push(row);
    }
    if spec.has_means {
        plot.text((left + (n as f64 + 1.0) * side, ABOVE - 8.0), Anchor::Middle, Ink::Text, "mean");
    }
    if let Some(winner) = spec.winner {
        let y = ABOVE + (winner as f64 + 0.5) * side;
        plot.decor.push(Mark::new((10.0, y), Shape::Diamond, Ink::Act, String::new()));
    }
    plot
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns of a screenful")]
fn row(spec: &Matrix, i: usize, mean: Option<f64>, (left, side, range): (f64, f64, (f64, f64))) -> Series {
    let n = spec.names.len();
    let top = ABOVE + i as f64 * side;
    let block = |column: f64, value: f64, is_whole: bool, reading: String| {
        let x = left + column * side;
        Mark::block(
            (x + 0.5, top + 0.5),
            (x + side - 0.5, top + side - 0.5),
            Ink::Act,
            shade(value, range, is_whole),
            reading,
        )
    };
    let mut marks: Vec<Mark> = (0..n)
        .filter_map(|j| {
            let value = spec.values.get(i)?.get(j).copied().flatten()?;
            let reading = if i == j {
                format!("{} and itself", spec.names[i])
            } else {
                format!("{} and {}: {} {value:.4}", spec.names[i], spec.names[j], spec.what)
            };
            Some(block(j as f64, value, i == j, reading))
        })
        .collect();
    if let Some(mean) = mean {
        let is_winner = if spec.winner == Some(i) { "; this one is picked" } else { "" };
        let reading = format!("{}: mean {} to the others {mean:.4}{is_winner}", spec.names[i], spec.what);
        marks.push(block(n as f64 + 0.5, mean, false, reading));
    }
    Series { name: spec.names[i].clone(), line: None, marks }
}

fn shade(value: f64, (low, high): (f64, f64), is_whole: bool) -> f64 {
    if is_whole {
        return DARKEST;
    }
    let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
    0.04 + (DARKEST - 0.04) * share
}

fn write_numbers(plot: &mut Plot, row: &Series, spec: &Matrix, i: usize, mean: Option<f64>, side: f64) {
    if side < ROOM_FOR_NUMBER {
        return;
    }
    let known = spec.values.get(i).into_iter().flatten().copied().flatten();
    for (mark, value) in row.marks.iter().zip(known.chain(mean)) {
        plot.text((mark.x, mark.y + 4.0), Anchor::Middle, Ink::Text, format!("{value:.2}"));
    }
}

fn table(spec: &Matrix, means: &[Option<f64>]) -> ChartTable {
    let mut table = ChartTable::new(&spec.title, &[""]);
    table.columns.extend(spec.names.iter().cloned());
    if spec.has_means {
        table.columns.push("mean of the others".to_owned());
    }
    for (i, name) in spec.names.iter().enumerate() {
        let mut row = vec![Value::Text(name.clone())];
        row.extend(spec.values.get(i).into_iter().flatten().map(|value| Value::some(*value, 4)));
        if spec.has_means {
            row.push(Value::some(means.get(i).copied().flatten(), 4));
        }
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Matrix {
        let values = vec![
            vec![Some(1.0), Some(0.5), Some(0.75)],
            vec![Some(0.5), Some(1.0), None],
            vec![Some(0.75), None, Some(1.0)],
        ];
        let names = ["en 1", "en 2", "en 3"].map(str::to_owned).to_vec();
        Matrix { what: "cosine".into(), names, values, has_means: true, winner: Some(2), ..Matrix::default() }
    }

    #[test]
    fn the_row_mean_leaves_out_the_diagonal_and_what_is_missing() {
        assert_eq!(row_means(&spec().values), [Some(0.625), Some(0.5), Some(0.75)]);
        assert_eq!(row_means(&[vec![Some(1.0)]]), [None]);
    }

    #[test]
    fn cells_read_as_the_table_says() {
        let plot = matrix(&spec(), 600.0);
        let readings: Vec<&str> = plot.series[2].marks.iter().map(|mark| mark.reading.as_str()).collect();
        assert_eq!(
            readings,
            [
                "en 3 and en 1: cosine 0.7500",
                "en 3 and itself",
                "en 3: mean cosine to the others 0.7500; this one is picked"
            ]
        );
        assert_eq!(plot.table.rows[2][2], Value::None);
        assert_eq!(plot.table.rows[0].len(), plot.table.columns.len());
        assert_eq!(plot.decor.len(), 1);
    }

    #[test]
    fn the_darkest_cell_is_the_highest_and_all_fit() {
        for width in [200.0, 320.0, 1200.0] {
            let plot = matrix(&spec(), width);
            assert!((plot.series[0].marks[2].shade - DARKEST).abs() < 1e-12);
            assert!((plot.series[0].marks[1].shade - 0.04).abs() < 1e-12);
            assert!(plot.width <= width + 1e-9, "{} of {width}", plot.width);
        }
    }
}
