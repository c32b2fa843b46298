//! Small jobs for as long as one likes, on the CPU and on SwiftShader in turns, a pause between any two; each minute it prints
//! what is held, and at the end it fails where the heap or the GPU's memory has grown by more than a twentieth since the first
//! minute: `cargo xtask soak [minutes]`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a command-line tool that ends by panicking")]
#![expect(clippy::disallowed_methods, reason = "native code only: waiting is timed with the system clock")]

use std::time::{Duration, Instant};

use browser_tests::devtools::DevTools;
use browser_tests::driver::Gpu;
use browser_tests::memory::{gpu_anonymous_bytes, renderer_anonymous_bytes};
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

const PAUSE: Duration = Duration::from_secs(2);
const MINUTE: Duration = Duration::from_secs(60);
/// Most that anything may grow by after the first minute.
const GROWTH: f64 = 1.05;

/// Jobs of a round, before which the model is loaded anew, as its memory has to come back too, and the last of which is stopped
/// in its middle. What is held is compared between the ends of rounds: a large job leaves more room behind than a small one.
const ROUND: u32 = 5;

/// Builds pairs of one prompt and answers how many responses there are. A job to be stopped is longer, so that others are still
/// under way when its first response comes.
const BUILD: &str = "const prompts = (await concord.starterPrompts()).slice(0, 1), stop = new AbortController();
    const [n, maxTokens] = isStopped ? [6, 96] : [2, 8];
    const options = { signal: stop.signal, onResponses: () => { if (isStopped) stop.abort(); } };
    try {
        const { responses } = await concord.build({ prompts, languages: ['en', 'de'], n, seed: 3, maxTokens }, options);
        return responses.length;
    } catch (error) {
        if (error.code !== 'cancelled') throw error;
        return 0;
    }";

/// A page and what it is asked to run on.
struct Lab {
    backend: &'static str,
    page: Page,
    tools: DevTools,
    shown: Value,
    worker: Value,
    n_jobs: u32,
    n_stopped: u32,
}

/// Bytes.
#[derive(Clone, Copy)]
struct Held {
    /// Objects of JavaScript and array buffers, of the page and its worker, when nothing is left to collect.
    heap: f64,
    /// Of the worker; it never shrinks.
    wasm: f64,
    /// As the engine counts.
    gpu: f64,
    /// Private memory of the page's process, WebAssembly's among it.
    page_process: f64,
    /// Private memory of the process that plays the GPU.
    gpu_process: f64,
}

impl Lab {
    fn open(site: &Site, gpu: Gpu, backend: &'static str) -> Self {
        let page = Page::open(site, gpu);
        let mut tools = DevTools::connect(page.driver());
        let shown = tools.page();
        let worker = tools.worker();
        Self { backend, page, tools, shown, worker, n_jobs: 0, n_stopped: 0 }
    }

    /// Runs the body of an async function in the page. Not over WebDriver: each of its questions leaves some 70 bytes behind in
    /// the page, and whether a job is over is asked again and again.
    fn call(&mut self, body: &str) -> Value {
        let expression = format!("(async () => {{ {body} }})()");
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.tools.call(&self.shown, "Runtime.evaluate", asked);
        assert!(result["exceptionDetails"].is_null(), "{body}: {result}");
        result["result"]["value"].clone()
    }

    fn job(&mut self) {
        if self.n_jobs.is_multiple_of(ROUND) {
            self.call(&format!("await concord.loadModel('teaching', {{ backend: '{}' }})", self.backend));
        }
        self.n_jobs += 1;
        let is_stopped = self.n_jobs.is_multiple_of(ROUND);
        let n_responses = self.call(&format!("const isStopped = {is_stopped}; {BUILD}"));
        self.n_stopped += u32::from(n_responses == json!(0));
        // On a busy machine the page may hear of the first response when the last is there.
        let is_late = is_stopped && n_responses == json!(12);
        assert!(is_late || n_responses == json!(if is_stopped { 0 } else { 4 }), "{n_responses} responses");
    }

    fn held(&mut self) -> Held {
        let counters = self.call("return await concord.counters()");
        let mut heap = 0.0;
        for session in [&self.shown, &self.worker] {
            self.tools.call(session, "HeapProfiler.collectGarbage", json!({}));
            let usage = self.tools.call(session, "Runtime.getHeapUsage", json!({}));
            heap += usage["usedSize"].as_f64().unwrap() + usage["backingStorageSize"].as_f64().unwrap();
        }
        Held {
            heap,
            wasm: counters["peakHeapBytes"].as_f64().unwrap(),
            gpu: counters["gpuBytes"].as_f64().unwrap(),
            page_process: renderer_anonymous_bytes(self.page.driver().process()) as f64,
            gpu_process: gpu_anonymous_bytes(self.page.driver().process()) as f64,
        }
    }
}

fn main() {
    let n_minutes: u32 = std::env::args().nth(1).map_or(10, |minutes| minutes.parse().unwrap());
    let site = Site::start();
    let mut labs = [Lab::open(&site, Gpu::None, "cpu"), Lab::open(&site, Gpu::Software, "webgpu")];
    let mut first: Option<[Held; 2]> = None;
    let mut grown = Vec::new();
    println!(
        "| minute | backend | jobs | heap, MB | WebAssembly, MB | GPU, MB | page's process, MB | GPU's process, MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let began = Instant::now();
    for minute in 1..=n_minutes {
        while began.elapsed() < MINUTE * minute {
            for _ in 0..ROUND {
                for lab in &mut labs {
                    lab.job();
                    std::thread::sleep(PAUSE);
                }
            }
        }
        let held = labs.each_mut().map(Lab::held);
        let first = first.get_or_insert(held);
        for ((lab, now), before) in labs.iter().zip(held).zip(first) {
            let Lab { backend, n_jobs, .. } = lab;
            let minute = began.elapsed().as_secs_f64() / 60.0;
            let [heap, wasm, gpu, page, process] =
                [now.heap, now.wasm, now.gpu, now.page_process, now.gpu_process].map(|bytes| bytes / 1e6);
            println!(
                "| {minute:.1} | {backend} | {n_jobs} | {heap:.2} | {wasm:.1} | {gpu:.2} | {page:.0} | {process:.0} |"
            );
            for (what, before, now) in
                [("heap", before.heap, now.heap), ("GPU's memory", before.gpu, now.gpu)]
            {
                if now > before * GROWTH {
                    grown.push(format!(
                        "minute {minute:.1}: the {what} of {backend} has grown from {before} to {now} bytes"
                    ));
                }
            }
        }
    }
    let n_stopped = labs.each_ref().map(|lab| lab.n_stopped);
    println!("{n_stopped:?} jobs were stopped in their middle");
    assert!(n_stopped.iter().all(|n| *n > 0), "no job was stopped");
    assert!(grown.is_empty(), "{}", grown.join("\n"));
    println!("after {n_minutes} minutes heap and GPU memory are within 5 % of the first minute's");
}
