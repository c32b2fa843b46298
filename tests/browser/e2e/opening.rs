//! The page opens where it is put, without help from the server.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT};

#[test]
fn the_page_opens_under_a_sub_path_and_finds_webgpu() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    let environment = page.environment();
    assert_eq!(environment["backend"], json!("webgpu"), "{environment}");
    let prompts = page.call("return await concord.starterPrompts()", SHORT);
    assert!(prompts.as_array().is_some_and(|prompts| prompts.len() >= 8), "{prompts}");
    answers_are_read(&page);
    assert_eq!(site.asked_outside(), Vec::<String>::new(), "everything lies under the page's own path");
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn practice_prompts_are_fetched_when_somebody_wants_them() {
    const FILE: &str = "static/practice-prompts.json";
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=works-offline]", LONG);
    assert_eq!(site.n_asked(FILE), 0, "the page opens, and works offline, without them");
    let unfold = "document.querySelector('[data-testid=practice-prompts]').closest('details').open = true";
    page.driver().script(unfold, Vec::new());
    page.click("[data-testid=practice-prompts]");
    let number = "return document.querySelector('[data-testid=prompt-count]').max";
    page.wait_for("600 prompts to choose from", SHORT, || {
        (page.driver().script(number, Vec::new()) == json!("600")).then_some(())
    });
    assert_eq!(site.n_asked(FILE), 1);
    assert!(!page.is_visible("[data-testid=practice-prompts]"), "they are there");
    let keys =
        "return [...new Set((await concord.practicePrompts()).flatMap(prompt => Object.keys(prompt)))]";
    assert_eq!(page.call(keys, SHORT), json!(["id", "task", "text"]), "no answer is told");
}

/// At once and without a model; the offsets are those of JavaScript's strings.
fn answers_are_read(page: &Page) {
    let read = page.call(
        "const text = '🦆 Antwort: 70.000 Euro';
        const found = concord.extractAnswer(text, 'de');
        return [found, text.slice(found.start, found.end), concord.extractAnswer('2.125', 'deu'),
            concord.extractAnswer('I do not know.', 'en')];",
        SHORT,
    );
    let found = json!({ "value": "70000", "rule": "marker", "start": 12, "end": 18, "ambiguous": [] });
    assert_eq!((&read[0], &read[1], &read[3]), (&found, &json!("70.000"), &json!(null)), "{read}");
    assert_eq!((&read[2]["value"], &read[2]["ambiguous"]), (&json!("2125"), &json!(["2.125"])), "{read}");
}
