//! A chat template that a person picks, and the date that a template tells.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::template::{DATED, teaching_model_with, teaching_model_without_template};
use serde_json::json;

use crate::screens::check_widths;
use crate::{LONG, SHORT};

/// A page with a model on the CPU.
fn open(site: &Site, name: &str, model: &[u8]) -> Page {
    let page = Page::open(site, Gpu::None);
    page.open_model(name, model);
    page
}

#[test]
fn a_model_without_a_chat_template_takes_the_one_that_is_picked() {
    let site = Site::start();
    let page = open(&site, "base.gguf", &teaching_model_without_template());
    page.wait_visible("[data-testid=template]", SHORT);
    assert!(page.text("[data-testid=template-help]").contains("no chat template"));
    let picked = "return document.querySelector('[data-testid=template]').value";

    // Its vocabulary has no token for ChatML's marks, and the page says so.
    page.set("[data-testid=template]", "chatml");
    page.wait_for("a word on the marks", SHORT, || {
        let is_told = page.is_visible("[data-testid=model-notes]")
            && page.text("[data-testid=model-notes]").contains("<|im_start|>");
        is_told.then_some(())
    });
    assert_eq!(page.driver().script(picked, Vec::new()), json!("chatml"));
    check_widths(&page, "template");
    page.build_on_screen(1, 2);
    page.wait_for("the run's end", LONG, || page.is_visible("[data-testid=download-session]").then_some(()));
    assert_eq!(page.session_file()["model"]["template"], json!("chatml"));

    page.set("[data-testid=template]", "plain");
    page.wait_for("the other template", SHORT, || {
        (!page.is_visible("[data-testid=model-notes]")
            || !page.text("[data-testid=model-notes]").contains("<|im_start|>"))
        .then_some(())
    });
    assert_eq!(page.driver().script(picked, Vec::new()), json!("plain"));
}

#[test]
fn the_date_that_a_template_tells_is_chosen_and_kept() {
    let site = Site::start();
    let page = open(&site, "dated.gguf", &teaching_model_with(DATED));
    page.wait_visible("[data-testid=prompt-date]", SHORT);
    let shown = "return document.querySelector('[data-testid=prompt-date]').value";
    let fixed = page.driver().script(shown, Vec::new());
    page.build_on_screen(1, 2);
    page.wait_for("the run's end", LONG, || page.is_visible("[data-testid=download-session]").then_some(()));
    assert_eq!(page.session_file()["config"]["date"], fixed, "the day that was told is recorded");

    page.click("[data-testid=prompt-date-today]");
    let today = page.driver().script("return new Date().toLocaleDateString('sv')", Vec::new());
    assert_eq!(page.driver().script(shown, Vec::new()), today);
    page.set("[data-testid=prompt-date]", "2031-12-24");
    check_widths(&page, "date");
    page.build_on_screen(1, 2);
    page.wait_for("a session of that day", LONG, || {
        let is_there = page.is_visible("[data-testid=download-session]");
        (is_there && page.session_file()["config"]["date"] == json!("2031-12-24")).then_some(())
    });
}
