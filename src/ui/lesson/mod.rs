//! The lesson's own program: fetched when its screen is opened, drawn into the page's element.
//!
//! It knows scenes (`crate::lesson`) and nothing of sessions, models or methods: the page computes the scenes and hands them
//! over as JSON. What the end-to-end test drives carries a `data-testid`:
//!
//! | test id | what |
//! |---|---|
//! | `lesson-step` | the step; `data-step`, `data-revealed` |
//! | `lesson-go-1`, …, `lesson-back`, `lesson-next`, `lesson-play` | the way through the steps |
//! | `option-0`, …; `order`, `up-0`, …, `down-0`, … | the prediction |
//! | `reveal`, `verdict`, `learned` | the number, whether the prediction held, what was learned |
//! | `figure` | a number; `data-figure` names it, `data-value` is its full value |
//! | `origin` | where the number that was pressed comes from |
//! | `lesson-language`, `lesson-class`, `lesson-mine`, `lesson-example`, `lesson-link` | language, large type, the data, the link |
//! | `lesson-print`, `lesson-answers`, `lesson-result`, `lesson-name` | sheets to print, and the result |
//! | `lesson-term`, `term-text`, `lesson-terms` | explanations |
//! | `lesson-problem` | what of the link could not be read |
//! | `needs`, `look-at-example` | a step that has nothing to show |

pub mod ask;
pub mod figure;
pub mod host;
pub mod keys;
pub mod sheet;
pub mod shell;
pub mod state;
pub mod steps;
pub mod terms;

use js_sys::{Object, Reflect};
use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use host::Host;
use state::Lesson;

/// The name under which the window has the function that shows the lesson.
const SHOW: &str = "concordShowLesson";

/// Starts the program: puts the function on the window that shows the lesson in an element.
pub fn main() {
    console_error_panic_hook::set_once();
    let show = Closure::<dyn Fn(HtmlElement, JsValue) -> JsValue>::new(|element: HtmlElement, host| {
        let shown = mount_to(element, move || {
            let lesson = Lesson::new(Host(host));
            provide_context(lesson);
            lesson.start();
            view! { <shell::Shell /> }
        });
        let close = Closure::once_into_js(move || drop(shown));
        let handle = Object::new();
        // Plain objects take properties.
        let _set = Reflect::set(&handle, &"close".into(), &close);
        handle.into()
    });
    let _set = Reflect::set(&js_sys::global(), &SHOW.into(), &show.into_js_value());
}
