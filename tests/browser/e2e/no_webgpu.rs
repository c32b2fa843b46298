//! Without WebGPU the reference on the CPU runs the teaching model, and the page says so.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::recompute::Recomputed;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT};

#[test]
fn the_cpu_runs_the_teaching_model_and_the_page_says_how_to_get_webgpu() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    let environment = page.environment();
    assert_eq!(environment["backend"], json!("cpu"), "{environment}");
    assert!(environment["webgpuHelp"].as_str().is_some_and(|help| help.len() > 20), "{environment}");
    page.wait_visible("[data-testid=no-webgpu]", SHORT);
    assert!(page.text("[data-testid=no-webgpu]").contains("WebGPU"));

    let info = page.call("return await concord.loadModel('teaching')", LONG);
    assert_eq!(info["backend"], json!("cpu"), "{info}");
    let body = "const prompts = (await concord.starterPrompts()).slice(0, 1);
        return await concord.build({ prompts, languages: ['en', 'es'], n: 2 })";
    let session = page.call(body, LONG);
    assert_eq!(Recomputed::new(&session).problems(), Vec::<String>::new());
    let refused = page.try_call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    assert_eq!(refused.expect_err("there is no WebGPU").code, "no-webgpu");
}
