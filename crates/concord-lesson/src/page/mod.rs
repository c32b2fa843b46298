//! The lesson's own program: fetched when its screen is opened, drawn into the page's element.
//!
//! It hands what is pressed and set to [`Lesson`], and writes what [`draw`] makes of it into the page; the page computes the
//! scenes. What the end-to-end test drives carries a `data-testid`:
//!
//! | test id | what |
//! |---|---|
//! | `lesson-step` | the step; `data-step`, `data-revealed` |
//! | `lesson-go-1`, …, `lesson-back`, `lesson-next`, `lesson-play` | the way through the steps |
//! | `option-0`, …; `order`, `up-0`, …, `down-0`, …, `keep-order` | the prediction |
//! | `reveal`, `verdict`, `learned` | the answer, whether the prediction held (`data-right`), what was learned |
//! | `figure` | a number; `data-figure` names it, `data-number` is its full value |
//! | `origin` | where the number that was pressed comes from |
//! | `lesson-language`, `lesson-class`, `lesson-mine`, `lesson-link` | language, large type, the data, the link |
//! | `lesson-print`, `lesson-answers`, `lesson-sheet`, `print`, `lesson-result`, `lesson-name`, `lesson-score` | sheets to print, and the result |
//! | `lesson-term`, `term-text`, `close-term`, `lesson-all-terms`, `lesson-terms` | explanations |
//! | `lesson-problem` | what of the link could not be read |
//! | `needs`, `look-at-example` | a step that has nothing to show |
//! | `arrow-0`, …, `turn-0`, …, `turn`, `pair-0`, …, `step-sees`, `move-chosen`, `move-rejected`, `beta` | what is tried by hand |

pub mod host;
pub mod program;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// The name under which the window has the function that shows the lesson.
const SHOW: &str = "concordShowLesson";

/// Starts the program: puts the function on the window that shows the lesson in an element.
pub fn main() {
    console_error_panic_hook::set_once();
    let show = Closure::<dyn Fn(HtmlElement, JsValue) -> JsValue>::new(|element: HtmlElement, page| {
        let shown = program::Program::show(element, host::Host(page));
        let close = Closure::once_into_js(move || drop(shown));
        let handle = Object::new();
        // Plain objects take properties.
        let _set = Reflect::set(&handle, &"close".into(), &close);
        handle.into()
    });
    let _set = Reflect::set(&js_sys::global(), &SHOW.into(), &show.into_js_value());
}
