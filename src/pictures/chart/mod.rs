//! Pictures as plain values: what is drawn where, what is read at every point, and the same numbers as a table.
//!
//! Pure. A picture is a [`Plot`] in its own pixels, made for a width, so that text keeps its size on a narrow screen. The
//! same [`body`] is the picture on the page and the file that is downloaded. The horizontal axis runs from left to right in
//! every language.

pub mod against;
pub mod axes;
pub mod cursor;
pub mod curves;
pub mod histogram;
pub mod matrix;
pub mod plot;
pub mod points;
pub mod scale;
pub mod shares;
pub mod spectrum;
pub mod svg;
pub mod table;

pub use against::{Lane, LaneDot, against_reference};
pub use axes::Axes;
pub use cursor::{Cursor, Step, mark_at, moved, nearest};
pub use curves::{Curve, Curves, curves};
pub use histogram::{Spread, histogram};
pub use matrix::{Matrix, matrix};
pub use plot::{Anchor, Ink, Mark, Plot, PlotText, Role, Rule, Series, Shape};
pub use points::{Point, PointCloud, points};
pub use scale::{Scale, decimals, ticks};
pub use shares::{Share, Shares, shares};
pub use spectrum::{Spectrum, spectrum};
pub use svg::{body, document};
pub use table::{ChartTable, Value};
