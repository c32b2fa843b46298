//! The GPU goes away, or the worker dies, in the middle of a run: the page says so, loads the model again and goes on by itself.
//! The session is the one of a run that nothing disturbed.

use browser_tests::devtools::DevTools;
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::recompute::Recomputed;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const DONE: &str = "[data-testid=board-cell] .mark--done";
const INTERRUPTED: &str = "[data-testid=interrupted]";

/// What a run gives, but for when it was made.
const MADE: [&str; 6] = ["prompts", "responses", "similarities", "references", "pairs", "config"];

/// The run has ended by itself, says once what happened, and gave what it gives when nothing happens.
fn check_result(page: &Page, what: &str) {
    page.wait_built(LONG);
    assert!(!page.is_visible("[data-testid=unfinished]"), "there is nothing to press");
    let problems = page.texts("[data-testid=run-problems] li");
    assert!(problems.iter().filter(|problem| problem.contains(what)).count() == 1, "{problems:?}");
    let session = page.session_file();
    assert_eq!(session["responses"].as_array().map(Vec::len), Some(2 * 8 * 4));
    assert_eq!(Recomputed::new(&session).problems(), Vec::<String>::new());
    // Numbers are compared as scripts have them, both.
    let body = format!(
        "const session = await concord.openSession(new Blob([JSON.stringify({session})]));
         const undisturbed = await concord.build({{ ...session.config, prompts: session.prompts }});
         const text_of = part => JSON.stringify(part);
         return {}.filter(part => text_of(session[part]) !== text_of(undisturbed[part]))",
        json!(MADE)
    );
    assert_eq!(page.call(&body, LONG), json!([]), "what differs from an undisturbed run");
}

#[test]
fn a_lost_gpu_is_named_and_the_run_goes_on_by_itself() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.set("[data-testid=backend]", "webgpu");
    page.build_on_screen(2, 4);
    page.wait_visible(DONE, LONG);
    DevTools::connect(page.driver()).send(&Value::Null, "Browser.crashGpuProcess", json!({}));
    page.wait_visible(INTERRUPTED, LONG);
    let said = page.text(INTERRUPTED);
    assert!(said.contains("The GPU went away. Loading the model again"), "{said}");
    assert!(said.contains("of 64 responses are kept") && !said.contains(" 0 of"), "{said}");
    check_result(&page, "The GPU went away");
    let label = "return document.querySelector('[data-testid=backend-label]').dataset.backend";
    assert_eq!(page.driver().script(label, Vec::new()), json!("webgpu"));
}

#[test]
fn a_worker_that_dies_is_replaced_and_the_run_goes_on_by_itself() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    // The page's worker, the first that it makes, can be made to fail.
    let watch = "const Plain = Worker; window.workers = [];
        window.Worker = class extends Plain { constructor(...all) { super(...all); window.workers.push(this); } };";
    page.driver().cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": watch }));
    page.reload();
    page.build_on_screen(2, 4);
    page.wait_visible(DONE, LONG);
    page.driver().script("window.workers.at(-1).dispatchEvent(new Event('error'))", Vec::new());
    page.wait_visible(INTERRUPTED, SHORT);
    let said = page.text(INTERRUPTED);
    assert!(said.contains("stopped. Loading the model again"), "{said}");
    check_result(&page, "What runs the model stopped");
    assert_eq!(page.driver().script("return window.workers.length", Vec::new()), json!(2));
}
