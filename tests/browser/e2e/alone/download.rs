//! 400 MB over a connection that breaks, and from this device: what is sent twice, and what it takes of the heap. A page that is
//! slow to read loses more of what is on its way, so nothing may run beside it.

use browser_tests::driver::Gpu;
use browser_tests::heap::{Heap, HeapWatch};
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::large_model;
use browser_tests::unsteady::{Sent, Unsteady, sha256_of};
use serde_json::json;

use crate::download::CHUNK;
use crate::{LONG, SHORT};

/// Chunks that the two sockets of a connection may hold between them: some MiB on each side.
const IN_SOCKETS: u64 = 2;
/// Most that the heap may take above its start, in bytes.
const LIMIT: f64 = 96e6;

#[test]
fn four_hundred_megabytes_come_once_over_ten_cuts_and_a_reload_in_a_small_heap() {
    let (site, server) = (Site::start(), Unsteady::start());
    let (n_bytes, body) = large_model();
    let expected = sha256_of(body);
    let load =
        format!("return await concord.loadModel('{}', {{ backend: 'webgpu' }})", server.url("/large.gguf"));
    let warm = "return await concord.loadModel('teaching', { backend: 'webgpu' })";
    let page = Page::open(&site, Gpu::Software);
    // Code is compiled and the GPU is open before the measurement begins: both belong to the start.
    page.call(warm, LONG);
    server.slow_down(25_000_000);
    // The first connection lasts longest: while the model gets its memory nothing is read, and what then is on its
    // way when the connection breaks never came.
    let cuts: Vec<u64> =
        (1..=10).map(|i| if i == 1 { 90_000_000 } else { 20_000_000 + i * 1_234_567 }).collect();
    server.cut_after(&cuts);
    let heap = HeapWatch::start(page.driver());
    page.start_call(&load);
    page.wait_for("the first five cuts", LONG, || (server.n_cuts_left() <= 4).then_some(()));
    let first = heap.stop();
    // The worker answers no other question before its load has ended, so WebAssembly's memory is looked at then.
    hold_below("until the reload", &first, 0.0);
    page.reload();

    let stored = page.call("return await concord.storedModels()", SHORT);
    let here = stored[0]["bytesHere"].as_f64().unwrap() as u64;
    assert!(here >= 100_000_000 && here.is_multiple_of(CHUNK), "{stored}");
    assert_eq!(stored[0]["nBytes"], json!(n_bytes), "{stored}");
    let n_before = server.sent().len();
    page.call(warm, LONG);
    let heap = HeapWatch::start(page.driver());
    let info = page.call(&load, LONG);
    let second = heap.stop();
    let wasm = page.call("return (await concord.counters()).peakHeapBytes", SHORT).as_f64().unwrap();
    assert!(wasm > 1e6, "{wasm}");
    hold_below("after the reload", &second, wasm);
    assert_eq!(info["sha256"], json!(expected), "{info}");
    assert_eq!(info["notes"], json!([]), "{info}");
    assert_eq!(server.n_cuts_left(), 0, "the connection broke ten times");

    let sent = server.sent();
    assert_eq!(sent[n_before].from, here, "it goes on with the first byte that is not here");
    assert!(sent[n_before..].iter().all(|sent| sent.from >= here));
    // Of what was under way at the reload nothing was kept, so the server may have sent it before: the chunk that was being
    // put together, and those that still lay in the buffers of the sockets while the page was busy.
    let under_way = here / CHUNK..=here / CHUNK + IN_SOCKETS;
    let again: Vec<u64> = (0..n_bytes.div_ceil(CHUNK))
        .filter(|chunk| !under_way.contains(chunk) && times_sent_whole(&sent, *chunk, n_bytes) > 1)
        .collect();
    assert_eq!(again, Vec::<u64>::new(), "chunks sent twice: {sent:?}");
    let n_sent = server.n_bytes_sent();
    println!("{n_bytes} bytes, {n_sent} sent in {} replies, {here} here at the reload", sent.len());
    assert!(n_sent < n_bytes + 12 * CHUNK, "{n_sent} of {n_bytes} bytes");

    page.reload();
    page.call(warm, LONG);
    let heap = HeapWatch::start(page.driver());
    let again = page.call(&load, LONG);
    let third = heap.stop();
    let wasm = page.call("return (await concord.counters()).peakHeapBytes", SHORT).as_f64().unwrap();
    hold_below("from this device", &third, wasm);
    assert_eq!(again["sha256"], json!(expected));
    assert_eq!(server.n_bytes_sent(), n_sent, "the whole file is on this device");
}

/// Replies that held a chunk from its first byte to its last.
fn times_sent_whole(sent: &[Sent], chunk: u64, n_bytes: u64) -> usize {
    let (start, end) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(n_bytes));
    sent.iter().filter(|sent| sent.from <= start && sent.to >= end).count()
}

/// Holds what the browser counts, JavaScript's objects and array buffers, and WebAssembly's memory below the limit.
fn hold_below(when: &str, heap: &Heap, wasm: f64) {
    let grown = heap.peak - heap.start + wasm;
    println!(
        "heap of the worker {when}: +{:.1} MB at its peak ({} looks), WebAssembly {:.1} MB",
        (heap.peak - heap.start) / 1e6,
        heap.n_looks,
        wasm / 1e6
    );
    assert!(heap.n_looks > 50 && heap.start > 1e6, "the heap was seen: {heap:?}");
    assert!(grown < LIMIT, "the worker's heap took {grown} bytes {when}");
}
