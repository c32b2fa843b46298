//! Responses as points on a plane: colour says the language, shape the role, and lines the true neighbours.

use super::{
    Anchor, ChartTable, Ink, Mark, Plot, Role, Scale, Series, Value, axes::text_width, scale::extent,
};
use crate::data::InOrder;

/// Room around the points.
const ROOM: f64 = 22.0;
/// Room above for the legend of roles.
const ABOVE: f64 = 26.0;
/// Room below for the explained variance.
const BELOW: f64 = 24.0;

/// One response in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Language, by its place among the names of the cloud.
    pub language: usize,
    /// Sample index, from 0.
    pub sample: u32,
    /// What it is in its prompt.
    pub role: Role,
    /// Its place along the two directions.
    pub place: (f64, f64),
    /// Its nearest others in all dimensions, with their cosines, nearest first.
    pub neighbours: Vec<(usize, f64)>,
}

/// What the picture is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointCloud {
    /// What it is called.
    pub title: String,
    /// Short names of the languages, in the run's order.
    pub languages: Vec<String>,
    /// The points.
    pub points: Vec<Point>,
    /// Shares of the variance along the two directions, 0 to 1.
    pub explained: (f64, f64),
    /// Share of true neighbours that are neighbours in the picture too, 0 to 1, where known.
    pub kept: Option<f64>,
}

impl PointCloud {
    fn name(&self, at: usize) -> String {
        self.points.get(at).map_or_else(String::new, |point| {
            let language = self.languages.get(point.language).map_or("", String::as_str);
            format!("{language} {}", point.sample + 1)
        })
    }
}

/// Draws it for a width; one unit is as long across as it is upwards.
pub fn points(cloud: &PointCloud, width: f64) -> Plot {
    let height = (width * 0.7).clamp(240.0, 460.0);
    let mut plot = Plot {
        title: cloud.title.clone(),
        summary: summary(cloud),
        width,
        height,
        table: table(cloud),
        ..Plot::default()
    };
    let (x, y) = scales(cloud, width, height);
    let places: Vec<(f64, f64)> =
        cloud.points.iter().map(|point| (x.at(point.place.0), y.at(point.place.1))).collect();
    for (language, name) in cloud.languages.iter().enumerate() {
        let mut marks: Vec<Mark> = cloud
            .points
            .iter()
            .enumerate()
            .filter(|(_, point)| point.language == language)
            .map(|(at, point)| mark(cloud, at, point, &places))
            .collect();
        marks.order_by(|a, b| a.x.total_cmp(&b.x));
        // The name stands over the language's topmost point.
        if let Some(top) = marks.iter().min_by(|a, b| a.y.total_cmp(&b.y)) {
            plot.text((top.x, top.y - 8.0), Anchor::Middle, Ink::Language(language), name);
        }
        plot.series.push(Series { name: name.clone(), line: None, marks });
    }
    legend(&mut plot);
    let (first, second) = (cloud.explained.0 * 100.0, cloud.explained.1 * 100.0);
    let variance = format!("variance: {first:.0} % across, {second:.0} % upwards");
    plot.text((width - 6.0, height - 6.0), Anchor::End, Ink::Soft, variance);
    plot
}

/// The same number of pixels per unit on both axes, the points in the middle.
fn scales(cloud: &PointCloud, width: f64, height: f64) -> (Scale, Scale) {
    let along = |pick: fn(&Point) -> f64| extent(cloud.points.iter().map(pick)).unwrap_or((0.0, 1.0));
    let (x, y) = (along(|point| point.place.0), along(|point| point.place.1));
    let (room_x, room_y) = (width - 2.0 * ROOM, height - 2.0 * ROOM - ABOVE - BELOW);
    let unit = ((x.1 - x.0) / room_x).max((y.1 - y.0) / room_y).max(1e-12);
    let around = |(low, high): (f64, f64), room: f64| {
        let middle = (low + high) / 2.0;
        (middle - unit * room / 2.0, middle + unit * room / 2.0)
    };
    (
        Scale::new(around(x, room_x), (ROOM, width - ROOM)),
        Scale::new(around(y, room_y), (height - ROOM - BELOW, ROOM + ABOVE)),
    )
}

fn mark(cloud: &PointCloud, at: usize, point: &Point, places: &[(f64, f64)]) -> Mark {
    let near: Vec<String> = point
        .neighbours
        .iter()
        .map(|(other, cosine)| format!("{} ({cosine:.3})", cloud.name(*other)))
        .collect();
    let near = if near.is_empty() {
        String::new()
    } else {
        format!("; nearest in all dimensions: {}", near.join(", "))
    };
    let reading = format!("{}, {}{near}", cloud.name(at), point.role.as_str());
    let mut mark = Mark::new(places[at], point.role.shape(), Ink::Language(point.language), reading);
    if point.role == Role::Other {
        mark.size = (8.0, 8.0);
    } else {
        mark.size = (12.0, 11.0);
    }
    mark.links = point.neighbours.iter().filter_map(|(other, _)| places.get(*other).copied()).collect();
    mark
}

fn legend(plot: &mut Plot) {
    let words: f64 = Role::ALL.iter().map(|role| text_width(role.as_str())).sum();
    // Closer together where the picture is narrow.
    let gap = ((plot.width - 10.0 - words) / Role::ALL.len() as f64).clamp(10.0, 22.0);
    let mut x = 10.0;
    for role in Role::ALL {
        plot.decor.push(Mark::new((x, 12.0), role.shape(), Ink::Soft, String::new()));
        plot.text((x + 7.0, 16.0), Anchor::Start, Ink::Soft, role.as_str());
        x += text_width(role.as_str()) + gap;
    }
}

fn summary(cloud: &PointCloud) -> String {
    let both = (cloud.explained.0 + cloud.explained.1) * 100.0;
    let kept = cloud.kept.map_or_else(String::new, |kept| {
        format!(" {:.0} % of true neighbours are neighbours in the picture too.", kept * 100.0)
    });
    format!(
        "{} responses in {} languages on two directions that hold {both:.0} % of their variance.{kept}",
        cloud.points.len(),
        cloud.languages.len()
    )
}

fn table(cloud: &PointCloud) -> ChartTable {
    let columns = ["response", "role", "first direction", "second direction", "nearest", "cosine to it"];
    let mut table = ChartTable::new(&cloud.title, &columns);
    for (at, point) in cloud.points.iter().enumerate() {
        let nearest = point.neighbours.first();
        table.rows.push(vec![
            Value::Text(cloud.name(at)),
            point.role.as_str().into(),
            Value::Number(point.place.0, 4),
            Value::Number(point.place.1, 4),
            nearest.map_or(Value::None, |(other, _)| Value::Text(cloud.name(*other))),
            Value::some(nearest.map(|(_, cosine)| *cosine), 4),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(language: usize, sample: u32, role: Role, place: (f64, f64)) -> Point {
        Point { language, sample, role, place, neighbours: vec![(0, 0.5)] }
    }

    fn cloud() -> PointCloud {
        PointCloud {
            title: "Responses".into(),
            languages: vec!["en".into(), "sw".into()],
            points: vec![
                point(0, 0, Role::Reference, (0.0, 0.0)),
                point(1, 0, Role::Chosen, (4.0, 0.0)),
                point(1, 1, Role::Rejected, (0.0, 2.0)),
            ],
            explained: (0.5, 0.25),
            kept: Some(0.8),
        }
    }

    #[test]
    fn one_unit_is_as_long_across_as_upwards() {
        for width in [300.0, 900.0] {
            let plot = points(&cloud(), width);
            let (en, sw) = (&plot.series[0].marks[0], &plot.series[1].marks);
            let across = (sw[1].x - en.x) / 4.0;
            let upwards = (en.y - sw[0].y) / 2.0;
            assert!((across - upwards).abs() < 1e-9, "{across} {upwards}");
            let all = plot.series.iter().flat_map(|series| &series.marks);
            assert!(all.into_iter().all(|m| m.x > 0.0 && m.x < width && m.y > 0.0 && m.y < plot.height));
        }
    }

    #[test]
    fn a_point_names_its_neighbours() {
        let plot = points(&cloud(), 400.0);
        assert_eq!(plot.series[1].marks[1].reading, "sw 1, chosen; nearest in all dimensions: en 1 (0.500)");
        assert_eq!(plot.series[1].marks[1].links, [(plot.series[0].marks[0].x, plot.series[0].marks[0].y)]);
        assert!(plot.summary.contains("75 %") && plot.summary.contains("80 %"), "{}", plot.summary);
        assert_eq!(plot.table.rows.len(), 3);
    }

    #[test]
    fn points_on_one_place_are_drawn() {
        let mut same = cloud();
        same.points.iter_mut().for_each(|point| point.place = (1.0, 1.0));
        let plot = points(&same, 400.0);
        assert!(plot.series.iter().flat_map(|s| &s.marks).all(|m| m.x.is_finite() && m.y.is_finite()));
        assert!(points(&PointCloud::default(), 400.0).series.is_empty());
    }
}
