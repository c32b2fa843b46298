//! Which mark the keyboard or the pointer is on.

use super::{Mark, Plot};

/// A mark by its series and its place there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Which series.
    pub series: usize,
    /// Which mark of it.
    pub mark: usize,
}

/// One key of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the mark before.
    Left,
    /// To the mark after.
    Right,
    /// To the series before, at the nearest mark.
    Up,
    /// To the series after, at the nearest mark.
    Down,
    /// To the first mark of the series.
    Home,
    /// To its last.
    End,
}

impl Step {
    /// Of the name of a key.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "Home" => Self::Home,
            "End" => Self::End,
            _ => return None,
        })
    }
}

/// The mark under the cursor; the first one where the cursor points past the end, as after a picture has changed.
pub fn mark_at(plot: &Plot, at: Cursor) -> Option<&Mark> {
    let found = plot.series.get(at.series).and_then(|series| series.marks.get(at.mark));
    found.or_else(|| plot.series.iter().find_map(|series| series.marks.first()))
}

/// Where a key leads. The ends hold the cursor; series without marks are passed over.
pub fn moved(plot: &Plot, at: Cursor, step: Step) -> Cursor {
    let Some(series) = plot.series.get(at.series).filter(|series| !series.marks.is_empty()) else {
        return Cursor { series: plot.series.iter().position(|s| !s.marks.is_empty()).unwrap_or(0), mark: 0 };
    };
    let last = series.marks.len() - 1;
    let mark = at.mark.min(last);
    let to_series = |found: Option<usize>| {
        let Some(to) = found else { return Cursor { mark, ..at } };
        let x = series.marks[mark].x;
        let nearest = plot.series[to]
            .marks
            .iter()
            .enumerate()
            .min_by(|(_, a), (_, b)| (a.x - x).abs().total_cmp(&(b.x - x).abs()))
            .map_or(0, |(i, _)| i);
        Cursor { series: to, mark: nearest }
    };
    let is_full = |i: &usize| !plot.series[*i].marks.is_empty();
    match step {
        Step::Left => Cursor { mark: mark.saturating_sub(1), ..at },
        Step::Right => Cursor { mark: (mark + 1).min(last), ..at },
        Step::Home => Cursor { mark: 0, ..at },
        Step::End => Cursor { mark: last, ..at },
        Step::Up => to_series((0..at.series).rev().find(is_full)),
        Step::Down => to_series((at.series + 1..plot.series.len()).find(is_full)),
    }
}

/// The mark nearest to a place: the one that covers it, else the one whose middle is closest.
pub fn nearest(plot: &Plot, x: f64, y: f64) -> Option<Cursor> {
    let distance = |mark: &Mark| {
        let (dx, dy) = ((mark.x - x).abs(), (mark.y - y).abs());
        let is_inside = dx <= mark.size.0 / 2.0 && dy <= mark.size.1 / 2.0;
        if is_inside { 0.0 } else { dx.hypot(dy) }
    };
    let all = plot.series.iter().enumerate().flat_map(|(series, s)| {
        s.marks.iter().enumerate().map(move |(mark, m)| (Cursor { series, mark }, m))
    });
    all.min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b))).map(|(cursor, _)| cursor)
}

#[cfg(test)]
mod tests {
    use super::super::{Ink, Series, Shape};
    use super::*;

    fn plot() -> Plot {
        let series = |xs: &[f64], y: f64| Series {
            name: String::new(),
            line: None,
            marks: xs
                .iter()
                .map(|x| Mark::new((*x, y), Shape::Disc, Ink::Text, format!("{x} {y}")))
                .collect(),
        };
        let series = vec![series(&[0.0, 10.0, 20.0], 5.0), series(&[], 0.0), series(&[1.0, 19.0], 50.0)];
        Plot { series, ..Plot::default() }
    }

    #[test]
    fn keys_walk_along_and_across() {
        let plot = plot();
        let at = |series, mark| Cursor { series, mark };
        let cases = [
            (at(0, 0), Step::Left, at(0, 0)),
            (at(0, 0), Step::Right, at(0, 1)),
            (at(0, 2), Step::Right, at(0, 2)),
            (at(0, 2), Step::Home, at(0, 0)),
            (at(2, 0), Step::End, at(2, 1)),
            (at(0, 2), Step::Down, at(2, 1)),
            (at(2, 0), Step::Up, at(0, 0)),
            (at(0, 1), Step::Up, at(0, 1)),
            (at(1, 7), Step::Right, at(0, 0)),
            (at(0, 9), Step::Left, at(0, 1)),
        ];
        for (from, step, to) in cases {
            assert_eq!(moved(&plot, from, step), to, "{from:?} {step:?}");
        }
        assert_eq!(moved(&Plot::default(), at(3, 3), Step::Down), Cursor::default());
        assert_eq!(mark_at(&plot, at(9, 9)).map(|mark| mark.reading.as_str()), Some("0 5"));
        assert!(mark_at(&Plot::default(), Cursor::default()).is_none());
    }

    #[test]
    fn the_pointer_finds_the_nearest_mark() {
        let plot = plot();
        assert_eq!(nearest(&plot, 12.0, 8.0), Some(Cursor { series: 0, mark: 1 }));
        assert_eq!(nearest(&plot, 12.0, 45.0), Some(Cursor { series: 2, mark: 1 }));
        assert_eq!(nearest(&Plot::default(), 0.0, 0.0), None);
    }
}
