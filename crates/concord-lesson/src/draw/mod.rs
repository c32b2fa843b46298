//! The lesson as HTML: a pure function from what the lesson knows to what is on the page.
//!
//! What can be pressed carries `data-act`, the name of an act of [`Lesson::act`], and `data-value`; the page hands both back.
//! What is drawn again while a slider moves stands in the element with the id [`LIVE`].

pub mod ask;
pub mod html;
pub mod parts;
pub mod sheet;
pub mod shell;
pub mod steps;
pub mod terms;

pub use html::Html;

use super::state::Lesson;

/// The element that is drawn again while a slider moves.
pub const LIVE: &str = "lesson-live";

/// The whole lesson.
pub fn page(lesson: &Lesson) -> Html {
    shell::shell(lesson)
}

/// What stands in the element that is drawn again while a slider moves.
pub fn live(lesson: &Lesson) -> Html {
    steps::live(lesson, lesson.link.step).unwrap_or_default()
}
