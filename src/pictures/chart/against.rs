//! The responses of every language along one axis, their cosine to the reference, with the margin drawn between chosen
//! and rejected.

use super::{
    Anchor, ChartTable, Ink, Mark, Plot, Role, Scale, Series, Value,
    axes::{n_ticks, text_width, x_axis},
    scale::{extent, rounded, ticks},
};
use crate::data::InOrder;

/// Height of a lane.
const LANE: f64 = 34.0;

/// One response in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneDot {
    /// Sample index, from 0.
    pub sample: u32,
    /// Its cosine to the reference.
    pub cosine: f64,
    /// What it is in its row.
    pub role: Role,
}

/// The responses of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Short name of the language.
    pub name: String,
    /// Its place in the run.
    pub language: usize,
    /// Its responses, in any order.
    pub dots: Vec<LaneDot>,
}

impl Lane {
    fn of(&self, role: Role) -> Option<LaneDot> {
        self.dots.iter().copied().find(|dot| dot.role == role)
    }

    /// Chosen less rejected.
    fn margin(&self) -> Option<f64> {
        Some(self.of(Role::Chosen)?.cosine - self.of(Role::Rejected)?.cosine)
    }

    /// The dots with the closest first, and their ranks.
    fn ranked(&self) -> Vec<(usize, LaneDot)> {
        let mut dots = self.dots.clone();
        dots.order_by(|a, b| b.cosine.total_cmp(&a.cosine));
        dots.into_iter().enumerate().map(|(i, dot)| (i + 1, dot)).collect()
    }
}

/// Draws the lanes for a width.
#[expect(clippy::cast_precision_loss, reason = "a handful of languages")]
pub fn against_reference(title: &str, lanes: &[Lane], width: f64) -> Plot {
    let left = (lanes.iter().map(|lane| text_width(&lane.name)).fold(16.0, f64::max) + 14.0).min(width / 3.0);
    let sides = (left, width - 58.0);
    let found =
        extent(lanes.iter().flat_map(|lane| lane.dots.iter().map(|dot| dot.cosine))).unwrap_or((0.0, 1.0));
    let n = n_ticks(sides.1 - sides.0, 64.0);
    let found = if found.1 > found.0 { found } else { (found.0 - 0.05, found.0 + 0.05) };
    let domain = rounded(found.0, found.1, n);
    let x = Scale::new(domain, sides);
    let top = 24.0;
    let bottom = top + lanes.len() as f64 * LANE + 4.0;
    let mut plot = Plot {
        title: title.to_owned(),
        summary: summary(lanes),
        width,
        height: bottom + 40.0,
        table: table(title, lanes),
        ..Plot::default()
    };
    for (at, lane) in lanes.iter().enumerate() {
        let y = top + (at as f64 + 0.5) * LANE;
        plot.rule((sides.0, y), (sides.1, y), Ink::Grid, 1.0);
        plot.text((left - 8.0, y + 4.0), Anchor::End, Ink::Text, &lane.name);
        draw_margin(&mut plot, lane, x, y);
        let mut marks: Vec<Mark> = lane.ranked().into_iter().map(|dot| mark(lane, dot, x, y)).collect();
        marks.reverse();
        plot.series.push(Series { name: lane.name.clone(), line: None, marks });
    }
    plot.text((width - 4.0, 14.0), Anchor::End, Ink::Soft, "margin");
    x_axis(&mut plot, x, &ticks(domain.0, domain.1, n), sides, bottom, "cosine to the reference");
    plot
}

/// A bracket from the rejected to the chosen response, and the number at the right.
fn draw_margin(plot: &mut Plot, lane: &Lane, x: Scale, y: f64) {
    let (Some(chosen), Some(rejected), Some(margin)) =
        (lane.of(Role::Chosen), lane.of(Role::Rejected), lane.margin())
    else {
        return;
    };
    let (from, to, above) = (x.at(rejected.cosine), x.at(chosen.cosine), y - 11.0);
    plot.rule((from, above), (to, above), Ink::Text, 1.5);
    plot.rule((from, above), (from, y - 6.0), Ink::Text, 1.5);
    plot.rule((to, above), (to, y - 6.0), Ink::Text, 1.5);
    plot.text((plot.width - 4.0, y + 4.0), Anchor::End, Ink::Text, format!("{margin:.3}"));
}

fn mark(lane: &Lane, (rank, dot): (usize, LaneDot), x: Scale, y: f64) -> Mark {
    let reading = format!(
        "{} {}, {}: cosine {:.4}, rank {rank} of {}",
        lane.name,
        dot.sample + 1,
        dot.role.as_str(),
        dot.cosine,
        lane.dots.len()
    );
    let ink = match dot.role {
        Role::Chosen => Ink::Chosen,
        Role::Rejected => Ink::Rejected,
        Role::Reference => Ink::Act,
        Role::Other => Ink::Language(lane.language),
    };
    let mut mark = Mark::new((x.at(dot.cosine), y), dot.role.shape(), ink, reading);
    if dot.role != Role::Other {
        mark.size = (12.0, 11.0);
    }
    mark
}

fn summary(lanes: &[Lane]) -> String {
    let margins: Vec<String> =
        lanes.iter().filter_map(|lane| Some(format!("{} {:.3}", lane.name, lane.margin()?))).collect();
    if margins.is_empty() {
        return "Responses by their cosine to the reference; no language has a pair.".to_owned();
    }
    format!(
        "Responses by their cosine to the reference. Margin of chosen over rejected: {}.",
        margins.join(", ")
    )
}

fn table(title: &str, lanes: &[Lane]) -> ChartTable {
    let mut table = ChartTable::new(title, &["response", "rank", "role", "cosine to the reference"]);
    for lane in lanes {
        for (rank, dot) in lane.ranked() {
            table.rows.push(vec![
                Value::Text(format!("{} {}", lane.name, dot.sample + 1)),
                Value::count(rank),
                dot.role.as_str().into(),
                Value::Number(dot.cosine, 4),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Lane {
        let dot = |sample, cosine, role| LaneDot { sample, cosine, role };
        let dots = vec![dot(0, 0.5, Role::Other), dot(1, 0.25, Role::Rejected), dot(2, 0.75, Role::Chosen)];
        Lane { name: "sw".into(), language: 1, dots }
    }

    #[test]
    fn dots_are_ranked_and_the_margin_is_drawn() {
        let plot = against_reference("Against the reference", &[lane()], 400.0);
        let marks = &plot.series[0].marks;
        assert_eq!(marks[0].reading, "sw 2, rejected: cosine 0.2500, rank 3 of 3");
        assert_eq!(marks[2].reading, "sw 3, chosen: cosine 0.7500, rank 1 of 3");
        assert!(marks.windows(2).all(|two| two[0].x < two[1].x));
        assert!(plot.texts.iter().any(|text| text.text == "0.500"));
        assert_eq!(plot.table.rows[0][0], Value::Text("sw 3".into()));
    }

    #[test]
    fn equal_cosines_and_no_pair() {
        let mut lane = lane();
        lane.dots.iter_mut().for_each(|dot| (dot.cosine, dot.role) = (0.5, Role::Other));
        let plot = against_reference("x", &[lane], 300.0);
        assert!(plot.summary.contains("no language has a pair"));
        assert!(plot.series[0].marks.iter().all(|mark| mark.x.is_finite()));
    }
}
