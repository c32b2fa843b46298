//! The GPU goes away in the middle of a run: the page says so, keeps what had finished and goes on.

use browser_tests::devtools::DevTools;
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::recompute::Recomputed;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

#[test]
fn a_lost_gpu_is_named_and_the_run_goes_on_after_loading_again() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.set("[data-testid=backend]", "webgpu");
    page.build_on_screen(2, 2);
    page.wait_visible("[data-testid=board-cell] .mark--done", LONG);
    DevTools::connect(page.driver()).send(&Value::Null, "Browser.crashGpuProcess", json!({}));
    page.wait_visible("[data-testid=fault][data-code=device-lost]", LONG);
    let said = page.text("[data-testid=fault]");
    assert!(said.contains("GPU") && said.contains("again"), "{said}");
    page.wait_visible("[data-testid=unfinished]", SHORT);

    page.click("[data-testid=load-again]");
    let loaded = "return document.querySelector('[data-testid=backend-label]')?.dataset.backend ?? null";
    page.wait_for("the model", LONG, || page.driver().script(loaded, Vec::new()).is_string().then_some(()));
    page.click("[data-testid=resume-button]");
    page.wait_built(LONG);
    page.click("[data-testid=download-session]");
    let text = std::fs::read_to_string(page.downloaded("json", SHORT)).unwrap();
    let session: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(session["responses"].as_array().map(Vec::len), Some(2 * 8 * 2));
    assert_eq!(Recomputed::new(&session).problems(), Vec::<String>::new());
}
