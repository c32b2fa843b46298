//! Nothing is lost: a page that is closed in the middle of a run goes on from what had finished.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::recompute::Recomputed;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

#[test]
fn a_reload_in_the_middle_of_a_run_loses_no_finished_response() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    // Long enough that a quick machine is still in the middle of it when the page goes.
    page.build_on_screen(8, 12);
    let done = "[data-testid=board-cell] .mark--done";
    page.wait_for("some finished responses", LONG, || (n_elements(&page, done) >= 200).then_some(()));
    let n_done = n_elements(&page, done);
    page.reload();
    // It goes on by itself, as its model ships with the page; and can be stopped.
    page.wait_visible("[data-testid=interrupted]", SHORT);
    let note = page.text("[data-testid=interrupted]");
    assert!(note.contains("Going on with the run that was interrupted"), "{note}");
    let n_saved = first_number_before(&note, " of 768");
    assert!(n_saved >= n_done, "{n_done} had finished, {n_saved} were saved: {note}");
    assert!(n_saved < 8 * 8 * 12, "the run was cut in its middle: {note}");
    page.wait_visible("[data-testid=cancel-button]", SHORT);

    // Whoever reloads again so soon wants it to stop: then it waits to be asked for.
    page.wait_for("the run", LONG, || (n_elements(&page, done) >= n_saved).then_some(()));
    page.reload();
    page.wait_visible("[data-testid=unfinished]", SHORT);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(!page.is_visible("[data-testid=cancel-button]"), "it does not go on");
    page.click("[data-testid=resume-button]");
    page.wait_built(LONG);
    page.click("[data-testid=download-session]");
    let text = std::fs::read_to_string(page.downloaded("json", SHORT)).unwrap();
    let session: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(Recomputed::new(&session).problems(), Vec::<String>::new());
    let n_tokens: usize = session["responses"].as_array().unwrap().iter().map(n_tokens).sum();
    let generated = page.call("return (await concord.counters()).tokensGenerated", SHORT).as_f64().unwrap();
    // Measuring the backends generates a few tokens too, so the bound is generous; without the saved
    // responses every token of the session would have been made again.
    assert!(generated < n_tokens as f64, "{generated} tokens were generated for a session of {n_tokens}");

    page.reload();
    page.wait_visible("[data-testid=summary]", SHORT);
    assert!(!page.is_visible("[data-testid=unfinished]"), "the run has ended");
}

#[test]
fn a_disk_that_is_full_in_the_middle_of_a_run_is_said_once_and_the_run_ends_whole() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    // A browser asks a disk for room now and then only; this one is full at once.
    let fill = "const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...values) {
            const request = put.apply(this, values);
            if (window.__full) this.transaction.abort();
            return request;
        };";
    page.driver().script(fill, Vec::new());
    let set_full = |is_full: bool| page.driver().script("window.__full = arguments[0]", vec![json!(is_full)]);
    page.build_on_screen(4, 8);
    let done = "[data-testid=board-cell] .mark--done";
    page.wait_for("a finished response", LONG, || (n_elements(&page, done) > 0).then_some(()));
    set_full(true);
    page.wait_visible("[data-testid=storage-problem]", LONG);
    assert!(n_elements(&page, done) < 4 * 8 * 8, "it was full in the middle of the run");
    page.wait_built(LONG);
    page.wait_for("one notice", SHORT, || {
        (n_elements(&page, "[data-testid=storage-problem]") == 1).then_some(())
    });
    assert_eq!(page.session_file()["responses"].as_array().map(Vec::len), Some(4 * 8 * 8));
    set_full(false);
    page.wait_for("room", LONG, || (!page.is_visible("[data-testid=storage-problem]")).then_some(()));
    page.reload();
    page.wait_visible("[data-testid=summary]", SHORT);
    assert!(!page.is_visible("[data-testid=unfinished]"), "the session is stored, and the run has ended");
}

#[test]
fn a_decision_survives_a_reload_and_can_be_undone() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.build_on_screen(2, 4);
    page.wait_built(LONG);
    let row = page.driver().script(
        "return document.querySelector('[data-testid=pair-row][data-chosen]')?.id ?? null",
        Vec::new(),
    );
    let row = format!("#{}", row.as_str().expect("a row with a pair"));
    let sides = || (attribute(&page, &row, "chosen"), attribute(&page, &row, "rejected"));
    let (chosen, rejected) = sides();
    page.click(&row);
    page.wait_visible(&format!("{row} [data-testid=swap]"), SHORT);
    page.click(&format!("{row} [data-testid=swap]"));
    page.wait_for("the swap", SHORT, || (sides() == (rejected.clone(), chosen.clone())).then_some(()));
    // Saving waits a moment for more to save.
    std::thread::sleep(std::time::Duration::from_secs(2));
    page.reload();
    page.wait_visible("[data-testid=summary]", SHORT);
    assert_eq!(sides(), (rejected.clone(), chosen.clone()), "the swap is still there");
    page.click("[data-testid=undo]");
    page.wait_for("the undo", SHORT, || (sides() == (chosen.clone(), rejected.clone())).then_some(()));
}

fn n_tokens(response: &Value) -> usize {
    response["tokens"].as_array().map(Vec::len).unwrap_or_default()
}

fn n_elements(page: &Page, css: &str) -> usize {
    let n = page.driver().script("return document.querySelectorAll(arguments[0]).length", vec![json!(css)]);
    n.as_u64().unwrap_or_default() as usize
}

fn attribute(page: &Page, css: &str, name: &str) -> Value {
    let script = "return document.querySelector(arguments[0])?.dataset[arguments[1]] ?? null";
    page.driver().script(script, vec![json!(css), json!(name)])
}

/// `12` of `12 of 64 responses`.
fn first_number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or_else(|_| panic!("no number before {word:?} in {text:?}"))
}
