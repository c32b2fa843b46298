//! The page opens where it is put, without help from the server.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::SHORT;

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
