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
    assert_eq!(site.asked_outside(), Vec::<String>::new(), "everything lies under the page's own path");
    assert_eq!(page.driver().console(), Vec::<String>::new());
}
