//! Cancel is heard: after the press the worker begins nothing new, whatever it was at, and the page is ready again. How long
//! that took is printed, in milliseconds; what is asserted is counted.

use std::time::Duration;

use browser_tests::devtools::DevTools;
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::unsteady::Unsteady;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const CANCEL: &str = "[data-testid=cancel-button]";
/// Bytes that sockets may hold, and how long the server is watched for more.
const IN_SOCKETS: u64 = 8 << 20;
const A_MOMENT: Duration = Duration::from_millis(500);

/// Notes in the worker when it lets messages in (a message to itself), when it hands work to a GPU, when it hears of
/// Cancel and when it answers, all on the page's clock.
const WATCH: &str = "
    globalThis.log = [];
    const now = () => performance.timeOrigin + performance.now();
    const note = what => log.push([what, now()]);
    addEventListener('message', ({ data }) => { if (data.message?.cancel) note('heard'); });
    const post = postMessage;
    globalThis.postMessage = (data, ...rest) => {
        if (data.message?.finished ?? data.message?.failed) note('answered');
        return post(data, ...rest);
    };
    const ring = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...all) { note('breath'); return ring.apply(this, all); };
    if (globalThis.GPUQueue) {
        const submit = GPUQueue.prototype.submit;
        GPUQueue.prototype.submit = function (...all) { note('submit'); return submit.apply(this, all); };
    }
    true";

/// Waits for a word in what the page says of its progress, presses Cancel and waits until there is none; answers when it was
/// pressed, and when the page was ready.
const PRESS: &str = "
    const [css, word, finished] = arguments;
    const now = () => performance.timeOrigin + performance.now();
    let pressed;
    const look = () => {
        const button = document.querySelector(css);
        const said = document.querySelector('[data-testid=progress]')?.textContent ?? '';
        if (button && pressed === undefined && said.includes(word)) {
            pressed = now();
            button.click();
        } else if (!button && (pressed !== undefined || document.querySelector('[data-testid=summary]'))) {
            clearInterval(timer);
            finished([pressed ?? null, now()]);
        }
    };
    const timer = setInterval(look, 5);";

/// Milliseconds from the press, and what the worker did after it.
struct Stop {
    heard: f64,
    answered: f64,
    ready: f64,
    n_breaths: usize,
    n_submits: usize,
}

/// The worker's notes on one page.
struct Ear {
    tools: DevTools,
    worker: Value,
}

impl Ear {
    fn of(page: &Page) -> Self {
        let mut tools = DevTools::connect(page.driver());
        let worker = tools.worker();
        let mut ear = Self { tools, worker };
        ear.tools.evaluate(&ear.worker, WATCH);
        ear
    }

    /// Presses Cancel as soon as the page says this word; `None` where there was nothing to cancel any more.
    fn stop(&mut self, page: &Page, word: &str) -> Option<Stop> {
        self.tools.evaluate(&self.worker, "log.length = 0");
        let times = page.driver().script_async(PRESS, vec![json!(CANCEL), json!(word)]);
        let (pressed, ready) = (times[0].as_f64()?, times[1].as_f64()?);
        let log: Vec<(String, f64)> =
            serde_json::from_value(self.tools.evaluate(&self.worker, "log")).unwrap();
        let at = |what: &str| {
            log.iter().find(|(noted, at)| noted == what && *at >= pressed).map(|(_, time)| *time)
        };
        let (heard, answered) = (at("heard")?, at("answered")?);
        let n = |what: &str| log.iter().filter(|(noted, at)| noted == what && *at > heard).count();
        Some(Stop {
            heard: heard - pressed,
            answered: answered - pressed,
            ready: ready - pressed,
            n_breaths: n("breath"),
            n_submits: n("submit"),
        })
    }
}

/// One line a press, and that nothing was begun after it: the messages of one more step may be taken, and the device may be
/// asked once whether all is well.
fn check(what: &str, stop: Option<Stop>) {
    let Some(Stop { heard, answered, ready, n_breaths, n_submits }) = stop else {
        panic!("{what}: the job was over before the press");
    };
    println!(
        "cancel {what}: heard after {heard:.0} ms, answered after {answered:.0} ms, ready after {ready:.0} ms; \
         {n_breaths} steps and {n_submits} calls of a GPU since"
    );
    assert!(n_breaths <= 1, "{what}: {n_breaths} steps after Cancel was heard");
    assert!(n_submits <= 1, "{what}: {n_submits} calls after Cancel was heard");
}

#[test]
fn a_job_that_is_cancelled_begins_nothing_more() {
    let site = Site::start();
    for (gpu, backend) in [(Gpu::None, "cpu"), (Gpu::Software, "webgpu")] {
        let page = Page::open(&site, gpu);
        page.call(&format!("return await concord.loadModel('teaching', {{ backend: '{backend}' }})"), LONG);
        let mut ear = Ear::of(&page);
        page.set("[data-testid=backend]", backend);
        // Until it compares, a run on a software GPU takes longer than a script may.
        let n_stages = if backend == "cpu" { 3 } else { 2 };
        // At once, while the prompts are evaluated; in the middle; and while the responses are compared.
        for (what, n_prompts, word) in
            [("a prefill", 30, "Answering: 0"), ("a run", 30, "at once"), ("a comparison", 2, "Comparing")]
                .into_iter()
                .take(n_stages)
        {
            page.build_on_screen(n_prompts, 8);
            page.wait_for("the run", SHORT, || {
                if page.is_visible("[data-testid=replace-button]") {
                    page.click("[data-testid=replace-button]");
                }
                page.is_visible(CANCEL).then_some(())
            });
            check(&format!("{what} on {backend}"), ear.stop(&page, word));
        }
    }
}

#[test]
fn a_load_that_is_cancelled_reads_nothing_more() {
    let (site, server) = (Site::start(), Unsteady::start());
    server.slow_down(20_000_000);
    let page = Page::open(&site, Gpu::Software);
    let mut ear = Ear::of(&page);
    let open = "document.querySelectorAll('details').forEach(all => { all.open = true; })";
    page.driver().script(open, Vec::new());
    for path in ["/medium.gguf", "/large.gguf"] {
        page.set("[data-testid=model-address]", &server.url(path));
        page.click("[data-testid=open-address]");
        page.wait_visible(CANCEL, SHORT);
        check(&format!("a load of {path}"), ear.stop(&page, "Reading the model: "));
        let n_sent = server.n_bytes_sent();
        std::thread::sleep(A_MOMENT);
        assert!(server.n_bytes_sent() - n_sent < IN_SOCKETS, "the server is read on");
    }
}
