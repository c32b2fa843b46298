//! How the page holds up: its longest tasks, its frames, its memory and its connections, measured while no other test runs.
//!
//! All other tests run two at a time; their waits are for what comes, however long it takes.

mod desk;
mod download;
mod editor;
mod heap;
mod job;
mod large;

use browser_tests::page::Page;
use serde_json::json;

/// A task longer than this is felt, in milliseconds.
const LONGEST_MS: u64 = 50;
/// Attempts at each act: another program may take the processor in the middle of a task, but not every time.
const N_ATTEMPTS: usize = 3;

/// Tasks of the main thread that took longer than 50 ms, by the browser's own count.
struct LongTasks<'a> {
    page: &'a Page,
}

impl<'a> LongTasks<'a> {
    fn watch(page: &'a Page) -> Self {
        let script = "window.longTasks = [];
            new PerformanceObserver(list => list.getEntries().forEach(e => window.longTasks.push(Math.round(e.duration))))
                .observe({ type: 'longtask' });";
        page.driver().script(script, Vec::new());
        Self { page }
    }

    /// Fails where every attempt has a task that is too long.
    fn check(&self, what: &str, mut act: impl FnMut()) {
        let mut seen = Vec::new();
        for _ in 0..N_ATTEMPTS {
            act();
            // The session is saved a moment later, in slices too.
            std::thread::sleep(std::time::Duration::from_secs(4));
            let tasks = self.page.driver().script("return window.longTasks.splice(0)", Vec::new());
            println!("{what}: tasks over {LONGEST_MS} ms: {tasks}");
            if tasks == json!([]) {
                return;
            }
            seen.push(tasks);
        }
        panic!("{what}: every attempt held up the page: {seen:?}");
    }
}
