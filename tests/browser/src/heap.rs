//! The heap of the page's worker, measured by the browser: objects of JavaScript and the array buffers behind
//! them, without WebAssembly's memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::devtools::DevTools;
use crate::driver::Driver;

/// The time between two looks.
const EVERY: Duration = Duration::from_millis(20);

/// Looks at the heap of the worker again and again until it is asked for the peak.
pub struct HeapWatch {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Heap>,
}

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// Bytes at the first look.
    pub start: f64,
    /// The most bytes at any look.
    pub peak: f64,
    /// Looks.
    pub n_looks: u32,
}

impl HeapWatch {
    /// Starts to look at the only worker of the page.
    pub fn start(driver: &Driver) -> Self {
        let mut tools = DevTools::connect(driver);
        let worker = tools.worker();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let start = heap_bytes(&mut tools, &worker);
            let mut heap = Heap { start, peak: start, n_looks: 1 };
            while !seen.load(Ordering::Relaxed) {
                std::thread::sleep(EVERY);
                heap.peak = heap.peak.max(heap_bytes(&mut tools, &worker));
                heap.n_looks += 1;
            }
            heap
        });
        Self { is_over, thread }
    }

    /// Stops looking.
    ///
    /// # Panics
    /// When the browser stopped answering.
    pub fn stop(self) -> Heap {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the browser answers until the end")
    }
}

fn heap_bytes(tools: &mut DevTools, worker: &Value) -> f64 {
    let usage = tools.call(worker, "Runtime.getHeapUsage", json!({}));
    let bytes = |name: &str| usage[name].as_f64().unwrap_or_else(|| panic!("no {name} in {usage}"));
    bytes("usedSize") + bytes("backingStorageSize")
}
