//! The lesson of Concord: the four methods in ten steps, each a question on real responses with a prediction before the number is shown.
//!
//! Values in, values out. What a step shows is a scene, computed from a session by the methods' own code: by the page, which has
//! that code. The lesson's own program is small because it only reads scenes (plain values), asks, and draws them. Where a
//! session has nothing for a step, its scene is missing and the step says what it needs.

use concord_align::{align, data};

pub mod draw;
pub mod link;
pub mod misleads;
pub mod question;
pub mod result;
pub mod scenes;
pub mod shown;
pub mod staged;
pub mod state;
pub mod step;
pub mod texts;

#[cfg(target_arch = "wasm32")]
pub mod page;

pub use link::{Link, LinkProblem, Page};
pub use question::{Prediction, Question, Verdict};
pub use scenes::Scenes;
pub use staged::Staged;
pub use state::{Lesson, Then};
pub use step::Step;
