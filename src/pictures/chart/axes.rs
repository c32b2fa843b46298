//! Two axes with round numbers: light lines behind the marks, names where the eye begins.

use super::{Anchor, Ink, Plot, Scale, decimals, scale::rounded, ticks};
use crate::data::InOrder;

/// Room under the picture for the numbers and the name of the horizontal axis.
const BELOW: f64 = 38.0;
/// Room above for the name of the vertical axis.
const ABOVE: f64 = 24.0;
/// Room on the left for the numbers of the vertical axis.
const LEFT: f64 = 46.0;
/// Pixels that a number on the horizontal axis takes at least.
const X_STEP: f64 = 64.0;
/// The same on the vertical axis.
const Y_STEP: f64 = 36.0;

/// The width that a text of the picture's size takes, roughly; names of languages are short.
#[expect(clippy::cast_precision_loss, reason = "a label")]
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * 7.0
}

/// How many round numbers have room on a length.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of ticks")]
pub fn n_ticks(length: f64, step: f64) -> usize {
    (length / step).clamp(3.0, 11.0) as usize
}

/// Where a picture's numbers lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// Left to right.
    pub x: Scale,
    /// Bottom to top.
    pub y: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Axes {
    /// Axes for a picture of this size that leave `room_right` free for labels. The vertical ends become round.
    pub fn new(size: (f64, f64), x: (f64, f64), y: (f64, f64), room_right: f64) -> Self {
        let (left, right) = (LEFT, size.0 - room_right.max(10.0));
        let (top, bottom) = (ABOVE, size.1 - BELOW);
        let (low, high) = y;
        let y = if high > low { y } else { (low - 0.05, low + 0.05) };
        let y = rounded(y.0, y.1, n_ticks(bottom - top, Y_STEP));
        Self { x: Scale::new(x, (left, right)), y: Scale::new(y, (bottom, top)), left, right, top, bottom }
    }

    /// The left and the right end of the area.
    pub fn sides(&self) -> (f64, f64) {
        (self.left, self.right)
    }

    /// The top and the bottom of the area.
    pub fn ends(&self) -> (f64, f64) {
        (self.top, self.bottom)
    }

    /// Draws lines, numbers and names. `has_whole_x` writes whole numbers only along the horizontal axis.
    pub fn draw(&self, plot: &mut Plot, x_name: &str, y_name: &str, has_whole_x: bool) {
        let (low, high) = self.y.domain();
        let y_ticks = ticks(low, high, n_ticks(self.bottom - self.top, Y_STEP));
        let places = decimals(&y_ticks);
        for tick in &y_ticks {
            let y = self.y.at(*tick);
            plot.rule((self.left, y), (self.right, y), Ink::Grid, 1.0);
            plot.text((self.left - 6.0, y + 4.0), Anchor::End, Ink::Soft, format!("{tick:.places$}"));
        }
        plot.text((4.0, 14.0), Anchor::Start, Ink::Soft, y_name);
        self.draw_x(plot, x_name, has_whole_x);
    }

    fn draw_x(&self, plot: &mut Plot, name: &str, has_whole: bool) {
        let (low, high) = self.x.domain();
        let mut marks = ticks(low, high, n_ticks(self.right - self.left, X_STEP));
        if has_whole {
            marks.retain(|tick| tick.fract() == 0.0);
        }
        x_axis(plot, self.x, &marks, (self.left, self.right), self.bottom, name);
    }
}

/// A horizontal axis alone, below the marks.
pub fn x_axis(plot: &mut Plot, x: Scale, marks: &[f64], sides: (f64, f64), bottom: f64, name: &str) {
    let places = decimals(marks);
    plot.rule((sides.0, bottom), (sides.1, bottom), Ink::Soft, 1.0);
    for tick in marks {
        let at = x.at(*tick);
        plot.rule((at, bottom), (at, bottom + 4.0), Ink::Soft, 1.0);
        plot.text((at, bottom + 17.0), Anchor::Middle, Ink::Soft, format!("{tick:.places$}"));
    }
    plot.text((sides.1, bottom + 33.0), Anchor::End, Ink::Soft, name);
}

/// Moves labels apart until they are `gap` from one another, within `low..=high`; the order stays.
pub fn spread(places: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.order_by(|a, b| places[*a].total_cmp(&places[*b]));
    let mut out = places.to_vec();
    let mut floor = low;
    for i in &order {
        out[*i] = out[*i].max(floor);
        floor = out[*i] + gap;
    }
    let mut ceiling = high;
    for i in order.iter().rev() {
        out[*i] = out[*i].min(ceiling);
        ceiling = out[*i] - gap;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_keep_their_order() {
        let out = spread(&[10.0, 11.0, 12.0, 90.0], 14.0, 0.0, 100.0);
        assert_eq!(out, [10.0, 24.0, 38.0, 90.0]);
        let out = spread(&[99.0, 98.0, 97.0], 14.0, 0.0, 100.0);
        assert_eq!(out, [100.0, 86.0, 72.0]);
    }

    #[test]
    fn axes_hold_their_numbers_inside_the_picture() {
        for width in [240.0, 320.0, 900.0] {
            let axes = Axes::new((width, 260.0), (0.0, 6.0), (0.03, 0.97), 40.0);
            let mut plot = Plot { width, height: 260.0, ..Plot::default() };
            axes.draw(&mut plot, "layer", "loss", true);
            assert!(
                plot.texts
                    .iter()
                    .all(|text| (0.0..=width).contains(&text.x) && (0.0..=260.0).contains(&text.y))
            );
            assert_eq!(axes.y.domain(), (0.0, 1.0));
            let along_x = plot.texts.iter().filter(|text| text.anchor == Anchor::Middle).count();
            assert!(along_x >= 2, "{:?}", plot.texts);
        }
        assert!(Axes::new((300.0, 200.0), (0.0, 1.0), (0.5, 0.5), 0.0).y.at(0.5).is_finite());
    }
}
