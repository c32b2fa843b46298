//! A picture: marks in series, rules, texts, and the table of the same numbers.

use super::{ChartTable, Scale};

/// Which of the page's colours something has. The page and the file name them by the same tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The colour of text.
    Text,
    /// The colour of what stands back.
    Soft,
    /// Lines of a grid.
    Grid,
    /// The colour of what acts and of the reference.
    Act,
    /// Chosen.
    Chosen,
    /// Rejected.
    Rejected,
    /// A language, by its place in the run.
    Language(usize),
}

/// Hues that there are for languages; later languages take them again, told apart by their labels.
const N_HUES: usize = 8;

impl Ink {
    /// The custom property that holds the colour.
    pub fn token(self) -> String {
        let name = match self {
            Self::Text => "ink",
            Self::Soft => "ink-soft",
            Self::Grid => "line",
            Self::Act => "act",
            Self::Chosen => "chosen",
            Self::Rejected => "rejected",
            Self::Language(at) => return format!("--hue-{}", at % N_HUES),
        };
        format!("--{name}")
    }
}

/// What a response is in its prompt: a shape each, so that colour is not needed to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The reference.
    Reference,
    /// The chosen response of a pair.
    Chosen,
    /// The rejected response of a pair.
    Rejected,
    /// Any other.
    Other,
}

impl Role {
    /// Every variant, for lists and for finding one by its name.
    pub const ALL: [Self; 4] = [Self::Reference, Self::Chosen, Self::Rejected, Self::Other];

    /// The name on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Chosen => "chosen",
            Self::Rejected => "rejected",
            Self::Other => "other",
        }
    }

    /// Its shape.
    pub fn shape(self) -> Shape {
        match self {
            Self::Reference => Shape::Diamond,
            Self::Chosen => Shape::Up,
            Self::Rejected => Shape::Down,
            Self::Other => Shape::Disc,
        }
    }
}

/// The shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// A square on its corner.
    Diamond,
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
    /// A rectangle as large as the mark.
    Block,
}

/// One thing to point at.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Middle, from the left.
    pub x: f64,
    /// Middle, from the top.
    pub y: f64,
    /// Width and height.
    pub size: (f64, f64),
    /// Its shape.
    pub shape: Shape,
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// How much of the colour it has, 0 to 1.
    pub shade: f64,
    /// What is read when the cursor is on it.
    pub reading: String,
    /// Places that lines go to while the cursor is on it.
    pub links: Vec<(f64, f64)>,
}

impl Mark {
    /// A mark of the usual size.
    pub fn new((x, y): (f64, f64), shape: Shape, ink: Ink, reading: String) -> Self {
        Self { x, y, size: (9.0, 9.0), shape, ink, shade: 1.0, reading, links: Vec::new() }
    }

    /// A rectangle by two corners.
    pub fn block(from: (f64, f64), to: (f64, f64), ink: Ink, shade: f64, reading: String) -> Self {
        let (x, y) = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let size = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
        Self { x, y, size, shape: Shape::Block, ink, shade, reading, links: Vec::new() }
    }
}

impl Mark {
    /// Left, top, width and height of what frames it when the cursor is on it.
    pub fn frame(&self) -> (f64, f64, f64, f64) {
        let room = if self.shape == Shape::Block { 1.0 } else { 4.0 };
        let (width, height) = (self.size.0 + 2.0 * room, self.size.1 + 2.0 * room);
        (self.x - width / 2.0, self.y - height / 2.0, width, height)
    }
}

/// Marks that belong together: the cursor walks along them with Left and Right, and to the next series with Up and Down.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// The line through the marks; `None` draws none.
    pub line: Option<Line>,
    /// The marks, from left to right.
    pub marks: Vec<Mark>,
}

/// A line through the marks of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// Its width.
    pub width: f64,
    /// Lengths of dash and gap; 0 is a whole line. Tells lines of one colour apart.
    pub dash: f64,
}

/// A straight line that is no mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// One end.
    pub from: (f64, f64),
    /// The other.
    pub to: (f64, f64),
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// Its width.
    pub width: f64,
}

/// Which part of a text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// A text in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PlotText {
    /// Place of the anchor, from the left.
    pub x: f64,
    /// Place of the baseline, from the top.
    pub y: f64,
    /// What lies there.
    pub anchor: Anchor,
    /// Colour, as a role that the theme fills in.
    pub ink: Ink,
    /// The text.
    pub text: String,
}

/// A picture of a given size in pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// What it is called.
    pub title: String,
    /// One sentence for those who do not see it.
    pub summary: String,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Lines behind the marks.
    pub rules: Vec<Rule>,
    /// The marks.
    pub series: Vec<Series>,
    /// Marks that nothing is read of, such as those of a legend.
    pub decor: Vec<Mark>,
    /// Texts above all.
    pub texts: Vec<PlotText>,
    /// The same numbers as a table, for reading and for the CSV file.
    pub table: ChartTable,
    /// Where numbers lie from left to right, for what is put over the picture.
    pub x: Option<Scale>,
}

impl Plot {
    /// Puts a text into the picture.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, ink: Ink, text: impl Into<String>) {
        self.texts.push(PlotText { x, y, anchor, ink, text: text.into() });
    }

    /// Puts a line into the picture.
    pub fn rule(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.rules.push(Rule { from, to, ink, width });
    }
}
