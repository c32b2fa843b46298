//! GPUs that fail while a model loads, and files with numbers that are none: each ends in a model on the CPU with the reason on
//! the page, or in a message.

use browser_tests::devtools::in_worker;
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT};

#[test]
fn a_gpu_lost_while_a_model_loads_leaves_it_to_the_cpu_and_is_looked_for_again() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    assert_eq!(page.environment()["backend"], json!("webgpu"));
    assert_eq!(page.environment()["software"], json!(true), "{}", page.environment());
    in_worker(
        page.driver(),
        "globalThis.createWhole = GPUDevice.prototype.createBuffer;
         GPUDevice.prototype.createBuffer = function (descriptor) {
             const buffer = createWhole.call(this, descriptor);
             if (descriptor.size > 10000) this.destroy();
             return buffer;
         };",
    );
    page.set("[data-testid=backend]", "auto");
    page.build_on_screen(1, 2);
    page.wait_built(LONG);
    page.wait_visible("[data-testid=fallback-reason]", SHORT);
    let said = page.text("[data-testid=fallback-reason]");
    assert!(said.contains("CPU") && said.contains("lost"), "{said}");
    let refused = page.try_call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    assert_eq!(refused.expect_err("the device is lost").code, "device-lost");

    in_worker(page.driver(), "GPUDevice.prototype.createBuffer = createWhole;");
    let info = page.call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    assert_eq!((&info["backend"], &info["fallbackReason"]), (&json!("webgpu"), &json!(null)), "{info}");
    assert_eq!(info["software"], json!(true), "{info}");
}

#[test]
fn a_gpu_that_refuses_its_device_is_named_where_the_cpu_runs_the_model() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    in_worker(
        page.driver(),
        "GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('no device today'));
         const create = GPUDevice.prototype.createBuffer;
         GPUDevice.prototype.createBuffer = function (descriptor) { this.destroy(); return create.call(this, descriptor); };",
    );
    // The device there is gets lost; then there is no other.
    let info = page.call("return await concord.loadModel('teaching')", LONG);
    assert_eq!(info["backend"], json!("cpu"), "{info}");
    let info = page.call("return await concord.loadModel('teaching')", LONG);
    assert!(info["fallbackReason"].as_str().is_some_and(|why| why.contains("gave no device")), "{info}");
    let refused = page.try_call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    assert_eq!(refused.expect_err("there is no device").code, "no-webgpu");
}

#[test]
fn a_file_with_a_number_that_is_none_is_refused_by_its_tensor() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    let body = "const url = './static/teaching-model.gguf';
        const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
        // The last tensors of the file: all ones are NaN in every format of floats.
        bytes.fill(0xff, bytes.length - 4096);
        return await concord.loadModel(new File([bytes], 'broken.gguf'))";
    let refused = page.try_call(body, LONG).expect_err("the file is damaged");
    assert_eq!(refused.code, "bad-model");
    assert!(
        refused.message.contains("not finite") && refused.message.contains("weight"),
        "{}",
        refused.message
    );
}
