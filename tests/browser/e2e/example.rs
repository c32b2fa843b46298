//! The example session: every screen shows it before any model is fetched, scripts get it, and what comes late is not opened.

use std::path::PathBuf;

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::{self, Site};
use serde_json::json;

use crate::offline::copy;
use crate::{LONG, SHORT};

const FILE: &str = "static/example-session.json";
const MODEL: &str = "static/teaching-model.gguf";
const LOOK: &str = "main:not([hidden]) [data-testid=look-at-example]";

/// A copy of the built page without what fetches every file to work offline; gone when dropped.
struct WithoutCopies(PathBuf);

impl WithoutCopies {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("concord-example-{}", std::process::id()));
        copy(&site::dist(), &folder);
        std::fs::write(folder.join("service-worker.js"), "").unwrap();
        Self(folder)
    }
}

impl Drop for WithoutCopies {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn every_screen_shows_the_example_before_any_model_is_fetched() {
    let (site, folder) = (Site::start(), WithoutCopies::new());
    site.publish(&folder.0);
    let screens = [
        ("pairs", "summary"),
        ("compare", "method-row"),
        ("representations", "chart-frame][data-chart=layers"),
        ("batches", "batch-step"),
        ("agreement", "with-method-table"),
    ];
    for (at, (screen, there)) in screens.into_iter().enumerate() {
        let page = Page::open(&site, Gpu::None);
        page.wait_visible("[data-testid=board-cell]", SHORT);
        page.click(&format!("[data-testid=nav-{screen}]"));
        page.wait_visible(LOOK, SHORT);
        assert_eq!(page.violations("body"), Vec::<String>::new(), "{screen}");
        assert_eq!(site.n_asked(FILE), at, "it is fetched when somebody wants it");
        page.click(LOOK);
        page.wait_visible(&format!("main:not([hidden]) [data-testid={there}]"), LONG);
        let status = if screen == "pairs" { "status-message" } else { "screen-status" };
        assert_eq!(page.text(&format!("[data-testid={status}]")), "Example session is open.", "{screen}");
        assert_eq!(page.driver().console(), Vec::<String>::new());
    }
    assert_eq!(site.n_asked(MODEL), 0);
}

#[test]
fn scripts_get_the_example_session_which_opens_again_as_it_is() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let body = "const example = await concord.exampleSession();
        const text = JSON.stringify(example);
        const again = await concord.openSession(new Blob([text]));
        return {
            isSame: JSON.stringify(again) === text,
            hasPairs: example.pairs.some(pair => pair.skip === null),
            read: [...new Set(example.measurements.representations.map(states => states.text))].sort(),
        };";
    let found = page.call(body, SHORT);
    assert_eq!(found, json!({ "isSame": true, "hasPairs": true, "read": ["chat", "plain"] }));
}

#[test]
fn an_example_that_comes_late_does_not_replace_what_was_opened_meanwhile() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let hold = "const get = window.fetch;
        window.fetch = (what, ...more) => String(what.url ?? what).includes('example-session')
            ? new Promise(answer => { window.letGo = async () => { const got = await get(what, ...more); answer(got); return got.status; }; })
            : get(what, ...more);";
    page.driver().script(hold, Vec::new());
    page.click(LOOK);
    page.open_session("mine.json", large_session(2, 3, 4).as_bytes());
    assert_eq!(page.call("return await letGo()", SHORT), json!(200), "it has come");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(page.text("[data-testid=status-message]"), "mine.json is open.");
    assert_eq!(page.session_file()["prompts"].as_array().map(Vec::len), Some(2));
}
