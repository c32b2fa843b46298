//! Loading a large model: the bytes go to the GPU in pieces, the heap stays small.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use browser_tests::driver::Gpu;
use browser_tests::heap::HeapWatch;
use browser_tests::memory::renderer_anonymous_bytes;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::json;

use crate::{LONG, SHORT};

/// Most that the heap may take above its start while 400 MB are loaded, in bytes.
const LIMIT: f64 = 96e6;

#[test]
fn loading_400_megabytes_takes_less_than_96_megabytes_of_heap() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    // Code is compiled and the GPU is open before the measurement begins: both belong to the start.
    page.call("return await concord.loadModel('teaching', { backend: 'webgpu' })", LONG);
    let resident_before = renderer_anonymous_bytes(page.driver().process());
    let heap = HeapWatch::start(page.driver());
    let is_over = Arc::new(AtomicBool::new(false));
    let watch = std::thread::spawn({
        let (is_over, process) = (Arc::clone(&is_over), page.driver().process());
        move || {
            let mut peak = 0;
            while !is_over.load(Ordering::Relaxed) {
                peak = peak.max(renderer_anonymous_bytes(process));
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            peak
        }
    });
    let loaded = page.try_call("return await concord.loadModel('./large.gguf', { backend: 'webgpu' })", LONG);
    is_over.store(true, Ordering::Relaxed);
    let heap = heap.stop();
    let resident_peak = watch.join().unwrap();
    let info = loaded.unwrap_or_else(|rejection| panic!("{rejection:?}"));
    assert_eq!(info["backend"], json!("webgpu"), "{info}");
    assert!(info["nBytes"].as_f64().is_some_and(|n_bytes| n_bytes > 385e6), "{info}");
    let gpu_bytes = page.call("return (await concord.counters()).gpuBytes", SHORT).as_f64().unwrap();
    assert!(gpu_bytes > 380e6, "the weights are on the GPU: {gpu_bytes}");

    let wasm_heap = page.call("return (await concord.counters()).peakHeapBytes", SHORT).as_f64().unwrap();
    let resident = resident_peak.saturating_sub(resident_before) as f64;
    // The browser counts JavaScript's objects and array buffers; WebAssembly's memory is added whole.
    let grown = heap.peak - heap.start + wasm_heap;
    println!(
        "heap of the worker: {:.1} MB at the start, then +{:.1} MB at its peak ({} looks), WebAssembly {:.1} MB",
        heap.start / 1e6,
        (heap.peak - heap.start) / 1e6,
        heap.n_looks,
        wasm_heap / 1e6
    );
    println!("private memory of the page's process: +{:.1} MB at its peak", resident / 1e6);
    assert!(resident_before > 1_000_000, "the page's process was found");
    assert!(heap.n_looks > 50 && heap.start > 1e6 && wasm_heap > 1e6, "the heap was seen: {heap:?}");
    assert!(grown < LIMIT, "the worker's heap took {grown} bytes");
    assert!(resident < LIMIT, "the page's process grew by {resident} bytes");
}
