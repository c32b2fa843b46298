//! Models that think: the switch, what is seen while one thinks, and a response that never left its reasoning.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::template::{SWITCHED, teaching_model_with};
use serde_json::json;

use crate::screens::check_widths;
use crate::{LONG, SHORT};

/// A page with a model on the CPU that thinks where it is told to, and the settings open.
fn open(site: &Site) -> Page {
    let page = Page::open(site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    assert!(!page.is_visible("[data-testid=thinking]"), "no model is loaded that could think");
    page.open_model("thinks.gguf", &teaching_model_with(SWITCHED));
    let settings = "document.querySelector('[data-testid=n]').closest('details').open = true";
    page.driver().script(settings, Vec::new());
    page.wait_visible("[data-testid=thinking]", SHORT);
    page
}

#[test]
fn the_switch_decides_whether_a_model_thinks() {
    let site = Site::start();
    let page = open(&site);
    let is_on = "return document.querySelector('[data-testid=thinking]').checked";
    assert_eq!(page.driver().script(is_on, Vec::new()), json!(false), "off unless chosen");
    page.build_on_screen(1, 2);
    page.wait_built(LONG);
    let plain = page.session_file();
    assert_eq!(plain["config"]["thinking"], json!(false));
    let responses = plain["responses"].as_array().unwrap();
    assert_eq!(responses.len(), 16);
    assert!(responses.iter().all(|r| r["reasoning"].is_null() && r["text"] != json!("")), "{responses:?}");
    assert!(!page.is_visible("[data-testid=still-reasoning]"));

    page.set("[data-testid=thinking]", "true");
    page.build_on_screen(1, 2);
    page.wait_for("reasoning that led nowhere", LONG, || {
        page.text("[data-testid=cut-note]").contains("never got past").then_some(())
    });
    let thought = page.session_file();
    assert_eq!(thought["config"]["thinking"], json!(true));
    for response in thought["responses"].as_array().unwrap() {
        assert_eq!((&response["text"], &response["answer"]), (&json!(""), &json!(null)), "{response}");
        assert!(response["reasoning"].as_str().is_some_and(|text| !text.is_empty()), "{response}");
        assert_eq!(response["reasoningTokens"], json!(response["tokens"].as_array().unwrap().len()));
    }
    let note = page.text("[data-testid=cut-note]");
    assert!(
        note.contains("16 of 16 responses never got past their reasoning, so they have no text."),
        "{note}"
    );
    let off = "return document.querySelector('[data-testid=download-trl]').disabled";
    assert_eq!(page.driver().script(off, Vec::new()), json!(true), "there is nothing to export");

    // Every response says why there is none, and shows what was thought when asked.
    page.click(".reference .more > summary");
    page.wait_visible("[data-testid=still-reasoning]", SHORT);
    let said = page.texts("[data-testid=still-reasoning]");
    assert_eq!(said.len(), 2);
    assert!(
        said.iter().all(|said| said.starts_with("No response:") && said.contains("still reasoning")),
        "{said:?}"
    );
    page.click("[data-testid=reasoning] > summary");
    page.wait_visible("[data-testid=reasoning] .speech", SHORT);
    check_widths(&page, "still-reasoning");
}

#[test]
fn what_a_model_thinks_is_seen_while_it_thinks() {
    let site = Site::start();
    let page = open(&site);
    page.set("[data-testid=thinking]", "true");
    // More than a quick machine does while it is looked at.
    page.set("[data-testid=max-tokens-auto]", "false");
    page.set("[data-testid=max-tokens]", "400");
    page.build_on_screen(40, 24);
    page.wait_visible("[data-testid=thought]", LONG);
    let (label, words) = ("[data-testid=thought] .live__word", "[data-testid=thought] [dir=auto]");
    page.wait_for("a thought of some words", LONG, || (page.text(words).trim().len() > 8).then_some(()));
    assert_eq!(page.text(label), "thinking…");
    assert!(!page.text(words).contains("think"), "no marker is shown: {}", page.text(words));
    check_widths(&page, "thinking");
    page.wait_visible("[data-testid=cancel-button]", SHORT);
    page.click("[data-testid=cancel-button]");
    page.wait_visible("[data-testid=unfinished]", LONG);
}
