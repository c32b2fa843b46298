//! Points in a plane.

use leptos::prelude::*;

/// Side of the picture, in its own units.
const SIDE: f64 = 300.0;
/// Room around the points.
const ROOM: f64 = 26.0;
/// Points that lie on each other stand beside each other, so far apart.
const APART: f64 = 15.0;

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
pub fn points(title: String, dots: &[Dot], lines: &[(usize, usize)]) -> impl IntoView + use<> {
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
    let lines = lines.iter().map(|(from, to)| {
        let ((x1, y1), (x2, y2)) = (places[*from], places[*to]);
        view! { <line class="points__line" x1=px(x1) y1=px(y1) x2=px(x2) y2=px(y2) /> }
    });
    let lines = lines.collect_view();
    let dots = dots.iter().zip(&places).map(|(dot, (x, y))| {
        view! {
            <g class=format!("point hue-{}", dot.hue % 8) class:point--marked=dot.is_marked>
                <circle cx=px(*x) cy=px(*y) r="9" />
                <text x=px(*x) y=px(*y + 3.5) text-anchor="middle">{dot.label.clone()}</text>
            </g>
        }
    });
    view! {
        <svg class="points" viewBox=format!("0 0 {SIDE} {SIDE}") role="img" aria-label=title>
            {lines}
            {dots.collect_view()}
        </svg>
    }
}

/// A length for SVG.
pub fn px(value: f64) -> String {
    format!("{value:.1}")
}
