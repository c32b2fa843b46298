//! Points in a plane, and other drawings in SVG.

use crate::draw::{
    Html,
    parts::{el, txt},
};

/// Side of the picture, in its own units.
const SIDE: f64 = 300.0;
/// Room around the points.
const ROOM: f64 = 26.0;
/// Points that lie on each other stand beside each other, so far apart.
const APART: f64 = 17.0;

/// A point: what stands in it, which hue it has, and whether it is marked.
#[derive(Clone, Debug)]
pub struct Dot {
    /// What stands in it.
    pub label: String,
    /// Place of its language.
    pub hue: usize,
    /// Its place in the plane.
    pub place: [f64; 2],
    /// Whether it stands out.
    pub is_marked: bool,
}

/// Draws points on one scale across and upwards, with lines between some of them.
pub fn points(title: &str, dots: &[Dot], lines: &[(usize, usize)]) -> Html {
    let reach = dots.iter().flat_map(|dot| dot.place).map(f64::abs).fold(1e-9, f64::max);
    let scale = (SIDE / 2.0 - ROOM) / reach;
    let mut places: Vec<(f64, f64)> = Vec::new();
    for dot in dots {
        let (mut x, y) = (SIDE / 2.0 + dot.place[0] * scale, SIDE / 2.0 - dot.place[1] * scale);
        while places.iter().any(|(other_x, other_y)| (x - other_x).hypot(y - other_y) < APART) {
            x += if x > SIDE / 2.0 { -APART } else { APART };
        }
        places.push((x, y));
    }
    let mut parts: Vec<Html> =
        lines.iter().map(|(from, to)| stroke("points__line", places[*from], places[*to])).collect();
    parts.extend(dots.iter().zip(&places).map(|(dot, (x, y))| {
        let class = format!("point hue-{}{}", dot.hue % 8, if dot.is_marked { " point--marked" } else { "" });
        el("g", &class, vec![circle("", (*x, *y), "9"), label((*x, *y + 3.5), "middle", &dot.label)])
    }));
    svg("points", (SIDE, SIDE), title, parts)
}

/// A drawing with a name.
pub fn svg(class: &str, (width, height): (f64, f64), title: &str, parts: Vec<Html>) -> Html {
    let area = format!("0 0 {width} {height}");
    Html::el("svg", &[("class", class), ("viewBox", &area), ("role", "img"), ("aria-label", title)], parts)
}

/// A line.
pub fn stroke(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Html {
    let ends = [px(x1), px(y1), px(x2), px(y2)];
    let attributes =
        [("class", class), ("x1", &ends[0]), ("y1", &ends[1]), ("x2", &ends[2]), ("y2", &ends[3])];
    Html::el("line", &attributes, Vec::new())
}

/// A circle.
pub fn circle(class: &str, (x, y): (f64, f64), radius: &str) -> Html {
    Html::el("circle", &[("class", class), ("cx", &px(x)), ("cy", &px(y)), ("r", radius)], Vec::new())
}

/// A text in a drawing.
pub fn label((x, y): (f64, f64), anchor: &str, text: &str) -> Html {
    Html::el("text", &[("x", &px(x)), ("y", &px(y)), ("text-anchor", anchor)], vec![txt(text)])
}

/// A line through points.
pub fn polyline(class: &str, points: impl Iterator<Item = (f64, f64)>) -> Html {
    let points: Vec<String> = points.map(|(x, y)| format!("{},{}", px(x), px(y))).collect();
    Html::el("polyline", &[("class", class), ("points", &points.join(" "))], Vec::new())
}

/// A length for SVG.
fn px(value: f64) -> String {
    format!("{value:.1}")
}
