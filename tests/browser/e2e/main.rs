//! End to end: the built page in a headless Chromium, used as people and scripts use it.

use std::time::Duration;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

#[test]
fn the_page_opens_under_a_sub_path_and_finds_webgpu() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    let environment = page.environment();
    assert_eq!(environment["backend"], json!("webgpu"), "{environment}");
    assert_eq!(site.asked_outside(), Vec::<String>::new());
    assert_eq!(page.driver().console(), Vec::<String>::new());
    let prompts = page.call("return await concord.starterPrompts()", Duration::from_secs(30));
    assert!(prompts.as_array().is_some_and(|prompts| prompts.len() >= 2), "{prompts}");
}
