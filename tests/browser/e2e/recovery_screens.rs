//! What a page says while it goes on after a fault fits every width and theme, and axe finds nothing wrong with it.

use browser_tests::devtools::in_worker;
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::faults::destroy_device;
use crate::screens::check_widths;
use crate::{LONG, SHORT};

const INTERRUPTED: &str = "[data-testid=interrupted]";

/// The worker's work waits for the next message to itself, and the page shows how far it is.
const HOLD: &str = "globalThis.held = []; globalThis.ring = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...all) { held.push([this, all]); }; true";
const LET_GO: &str = "MessagePort.prototype.postMessage = ring;
    held.forEach(([port, all]) => ring.apply(port, all)); true";

#[test]
fn what_is_said_of_a_recovery_fits_every_width_and_theme() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.set("[data-testid=backend]", "webgpu");
    page.build_on_screen(2, 4);
    page.wait_visible("[data-testid=board-cell] .mark--done", LONG);
    assert!(destroy_device(&page), "the run was over before");
    look(&page, "The GPU went away. Loading the model again and going on", "recovery-device", "Arabic");
    page.reload();
    look(&page, "Going on with the run that was interrupted", "recovery-reload", "Bengali");
    page.wait_built(LONG);
    assert_eq!(page.session_file()["responses"].as_array().map(Vec::len), Some(2 * 8 * 4));
}

/// Holds the run, and looks at what is said and at responses in scripts that others are not written in.
fn look(page: &Page, words: &str, name: &str, language: &str) {
    page.wait_visible(INTERRUPTED, SHORT);
    in_worker(page.driver(), HOLD);
    page.wait_for(words, SHORT, || page.text(INTERRUPTED).starts_with(words).then_some(()));
    // The run goes on by itself, so nothing offers to; and what happened is said once.
    assert!(!page.is_visible("[data-testid=unfinished]"), "{}", page.text("[data-testid=unfinished]"));
    assert_eq!(n_seen(page, words), 1, "{}", page.text("body"));
    // Its responses are shown beside the notice.
    page.click(&format!("[data-testid=board-cell][aria-label*={language}]"));
    check_widths(page, name);
    page.emulate(1280, false);
    assert!(page.is_visible(INTERRUPTED), "it was there all the time");
    in_worker(page.driver(), LET_GO);
}

/// How often a person sees these words.
fn n_seen(page: &Page, words: &str) -> u64 {
    let script =
        "const is_seen = e => e.textContent.startsWith(arguments[0]) && e.getBoundingClientRect().width > 1;
        return [...document.querySelectorAll('p')].filter(is_seen).length";
    page.driver().script(script, vec![json!(words)]).as_u64().unwrap_or_default()
}
