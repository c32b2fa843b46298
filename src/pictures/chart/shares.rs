//! Shares with their intervals, a lane each over an axis from 0 to 100 %.

use super::{
    Anchor, ChartTable, Ink, Mark, Plot, Scale, Series, Shape, Value,
    axes::{text_width, x_axis},
};

/// Height of a lane.
const LANE: f64 = 26.0;

/// One share.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// How many are so.
    pub part: u32,
    /// Of how many; the lane is empty for 0.
    pub whole: u32,
    /// The ends of its interval, as shares.
    pub interval: Option<(f64, f64)>,
}

/// What the picture is called and made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// What it is called.
    pub title: String,
    /// What the lanes are, for the table.
    pub lanes: String,
    /// What is so, such as "kept".
    pub what: String,
    /// The shares, from the top.
    pub shares: Vec<Share>,
    /// A share to compare with, drawn through all lanes.
    pub line: Option<f64>,
}

/// Draws them for a width.
#[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
pub fn shares(spec: &Shares, width: f64) -> Plot {
    let widest =
        |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text_width(&text)).fold(24.0, f64::max);
    let left = widest(&mut spec.shares.iter().map(|share| share.name.clone())).min(width / 3.0) + 10.0;
    let right = width - widest(&mut spec.shares.iter().map(counts)).min(width / 4.0) - 14.0;
    let x = Scale::new((0.0, 100.0), (left, right));
    let bottom = spec.shares.len() as f64 * LANE + 6.0;
    let mut plot = Plot {
        title: spec.title.clone(),
        summary: summary(spec),
        width,
        height: bottom + 40.0,
        table: table(spec),
        ..Plot::default()
    };
    if let Some(line) = spec.line {
        plot.rule((x.at(100.0 * line), 0.0), (x.at(100.0 * line), bottom), Ink::Act, 1.0);
    }
    for (lane, share) in spec.shares.iter().enumerate() {
        let y = (lane as f64 + 0.5) * LANE + 3.0;
        plot.rule((left, y), (right, y), Ink::Grid, 1.0);
        plot.text((left - 8.0, y + 4.0), Anchor::End, Ink::Text, &share.name);
        plot.text((right + 10.0, y + 4.0), Anchor::Start, Ink::Soft, counts(share));
        if let Some((low, high)) = share.interval {
            plot.rule((x.at(100.0 * low), y), (x.at(100.0 * high), y), share.ink, 3.0);
        }
        let mark = value(share).map(|value| {
            let mut mark =
                Mark::new((x.at(100.0 * value), y), Shape::Disc, share.ink, reading(spec, share, value));
            mark.size = (11.0, 11.0);
            mark
        });
        plot.series.push(Series { name: share.name.clone(), line: None, marks: mark.into_iter().collect() });
    }
    let ticks =
        if right - left < 240.0 { vec![0.0, 50.0, 100.0] } else { vec![0.0, 25.0, 50.0, 75.0, 100.0] };
    x_axis(&mut plot, x, &ticks, (left, right), bottom, &format!("% {}", spec.what));
    plot
}

fn value(share: &Share) -> Option<f64> {
    (share.whole > 0).then(|| f64::from(share.part) / f64::from(share.whole))
}

fn counts(share: &Share) -> String {
    format!("{} of {}", share.part, share.whole)
}

fn reading(spec: &Shares, share: &Share, value: f64) -> String {
    let interval = share
        .interval
        .map(|(low, high)| format!(", 95 % interval {:.0} to {:.0} %", 100.0 * low, 100.0 * high))
        .unwrap_or_default();
    format!("{}: {:.0} % {}, {}{interval}", share.name, 100.0 * value, spec.what, counts(share))
}

fn summary(spec: &Shares) -> String {
    let known = || spec.shares.iter().filter_map(|share| Some((share, value(share)?)));
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = known().max_by(|a, b| a.1.total_cmp(&b.1));
    match least.zip(most) {
        None => "Nothing was decided yet.".to_owned(),
        Some(((least, low), (most, high))) => format!(
            "Least {}: {} with {:.0} %. Most: {} with {:.0} %.",
            spec.what,
            least.name,
            100.0 * low,
            most.name,
            100.0 * high
        ),
    }
}

fn table(spec: &Shares) -> ChartTable {
    let share = format!("{}, %", spec.what);
    let mut table = ChartTable::new(&spec.title, &[&spec.lanes, &spec.what, "decided", &share, "from", "to"]);
    let percent = |share: f64| 100.0 * share;
    table.rows.extend(spec.shares.iter().map(|share| {
        vec![
            Value::Text(share.name.clone()),
            Value::count(share.part as usize),
            Value::count(share.whole as usize),
            Value::some(value(share).map(percent), 0),
            Value::some(share.interval.map(|ends| percent(ends.0)), 0),
            Value::some(share.interval.map(|ends| percent(ends.1)), 0),
        ]
    }));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(counts: &[(u32, u32)]) -> Shares {
        let share = |(at, &(part, whole)): (usize, &(u32, u32))| Share {
            name: format!("lane {at}"),
            ink: Ink::Language(at),
            part,
            whole,
            interval: (whole > 0).then_some((0.25, 0.75)),
        };
        Shares {
            title: "Kept by lane".into(),
            lanes: "lane".into(),
            what: "kept".into(),
            shares: counts.iter().enumerate().map(share).collect(),
            line: Some(0.95),
        }
    }

    #[test]
    fn a_lane_reads_draws_and_tabulates_the_same_numbers() {
        let plot = shares(&spec(&[(1, 2), (3, 4), (0, 0)]), 500.0);
        let readings: Vec<_> =
            plot.series.iter().flat_map(|s| &s.marks).map(|m| m.reading.as_str()).collect();
        assert_eq!(
            readings,
            [
                "lane 0: 50 % kept, 1 of 2, 95 % interval 25 to 75 %",
                "lane 1: 75 % kept, 3 of 4, 95 % interval 25 to 75 %"
            ]
        );
        assert!(plot.series[0].marks[0].x < plot.series[1].marks[0].x, "more is further right");
        assert_eq!(plot.summary, "Least kept: lane 0 with 50 %. Most: lane 1 with 75 %.");
        assert_eq!(plot.table.rows[1][3], Value::Number(75.0, 0));
        assert_eq!(plot.table.rows[2][3..], [Value::None, Value::None, Value::None]);
    }

    #[test]
    fn everything_lies_inside_and_nothing_is_no_mistake() {
        for width in [240.0, 320.0, 1200.0] {
            let plot = shares(&spec(&[(0, 7), (7, 7), (0, 0)]), width);
            assert!(plot.series.iter().flat_map(|s| &s.marks).all(|m| (0.0..=width).contains(&m.x)));
            assert!(plot.rules.iter().all(|rule| rule.to.0 <= width && rule.to.1 <= plot.height));
        }
        assert_eq!(shares(&spec(&[]), 300.0).summary, "Nothing was decided yet.");
    }
}
