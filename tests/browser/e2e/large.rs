//! A session of 32,000 responses does not hold up the page.

use browser_tests::driver::Gpu;
use browser_tests::large_session::large_session;
use browser_tests::page::Page;
use browser_tests::site::Site;

use crate::{LONG, SHORT};

#[test]
fn thirty_two_thousand_responses_leave_the_page_free() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let tasks = LongTasks::watch(&page);
    page.pick_file("[data-testid=open-session]", "large.json", large_session(500, 8, 8).as_bytes());
    page.wait_visible("[data-testid=summary]", LONG);
    println!("opened: {}", tasks.told());
}

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

    fn told(&self) -> String {
        std::thread::sleep(std::time::Duration::from_secs(3));
        self.page.driver().script("return window.longTasks.splice(0)", Vec::new()).to_string()
    }
}
