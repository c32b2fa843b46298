//! A session of 32,000 responses does not hold up the page.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use super::LongTasks;
use crate::{LONG, SHORT};

#[test]
fn thirty_two_thousand_responses_leave_the_page_free() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let file = large_session(500, 8, 8);
    let tasks = LongTasks::watch(&page);
    tasks.check("open the file", || {
        page.pick_file("[data-testid=open-session]", "large.json", file.as_bytes());
        let says = || page.text("[data-testid=status-message]").contains("is open");
        page.wait_for("the session", LONG, || says().then_some(()));
    });
    tasks.check("pick with another margin", || {
        let value = "return document.querySelector('[data-testid=min-margin]').value";
        let margin = if page.driver().script(value, Vec::new()) == json!("0") { "0.5" } else { "0" };
        page.set("[data-testid=min-margin]", margin);
    });
    tasks.check("compare all methods", || {
        page.driver().script("location.hash = 'compare'", Vec::new());
        page.wait_visible("[data-testid=method-table]", LONG);
    });
    tasks.check("open the pairs behind a cell", || page.click("[data-testid=method-cell]"));
    tasks.check("compose batches", || {
        page.driver().script("location.hash = 'batches'", Vec::new());
        page.wait_visible("[data-testid=strip]", LONG);
    });
    tasks.check("go back to the pairs", || {
        page.driver().script("location.hash = 'batches'; location.hash = 'pairs'", Vec::new());
    });
    tasks.check("go to the next prompts", || page.click("[data-testid=next-page]"));
    let mut opener = (1..).map(|card| format!(".card:nth-child({card}) [data-testid=open-heat-map]"));
    tasks.check("open a heat-map", || {
        let opener = opener.next().unwrap();
        page.click(&opener);
    });
}
