//! Whatever goes wrong in the middle of a run, at whatever moment, its session is the one of a run that nothing disturbed, byte
//! for byte: the device is destroyed, the worker dies, the page is reloaded, the tab freezes, the disk is full, memory is
//! refused. `CONCORD_FAULTS` says how many moments each is tried at; once, if it does not.

#![expect(clippy::disallowed_methods, reason = "native code only: what a fault costs is printed")]

use std::time::{Duration, Instant};

use browser_tests::devtools::{DevTools, in_worker};
use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const DONE: &str = "[data-testid=board-cell] .mark--done";
const N_PROMPTS: usize = 1;
const N_SAMPLES: usize = 3;
const N_RESPONSES: usize = N_PROMPTS * 8 * N_SAMPLES;
/// How long a tab is frozen.
const A_WHILE: Duration = Duration::from_millis(1_500);

/// What a fault does to a page in the middle of a run.
type Fault = fn(&Page);

const ON_CPU: [(&str, Fault); 4] =
    [("frozen", freeze), ("disk full", fill_disk), ("worker dead", let_worker_die), ("reload", Page::reload)];
const ON_GPU: [(&str, Fault); 2] = [("device destroyed", destroy_device), ("memory refused", refuse_memory)];

#[test]
fn a_session_is_the_same_whatever_goes_wrong_at_whatever_moment_on_the_cpu() {
    check_all(Gpu::None, "cpu", &ON_CPU);
}

#[test]
fn a_session_is_the_same_whatever_goes_wrong_at_whatever_moment_on_the_gpu() {
    check_all(Gpu::Software, "webgpu", &ON_GPU);
}

fn check_all(gpu: Gpu, backend: &str, faults: &[(&str, Fault)]) {
    let site = Site::start();
    let page = Page::open(&site, gpu);
    page.set("[data-testid=backend]", backend);
    start(&page);
    let undisturbed = finished(&page);
    let n_moments = std::env::var("CONCORD_FAULTS").map_or(1, |n| n.parse().expect("a number"));
    let mut moments = Moments::new();
    for (what, fault) in faults {
        let began = Instant::now();
        let mut at = Vec::new();
        for _ in 0..n_moments {
            page.reload();
            page.set("[data-testid=backend]", backend);
            start(&page);
            let moment = moments.next(N_RESPONSES * 3 / 4);
            page.wait_for(what, LONG, || (n_done(&page) >= moment).then_some(()));
            at.push(n_done(&page));
            fault(&page);
            let session = finished(&page);
            assert_eq!(session, undisturbed, "{what} after {} responses", at[at.len() - 1]);
        }
        println!(
            "{what} after {at:?} of {N_RESPONSES} responses: the same bytes, {} s",
            began.elapsed().as_secs()
        );
    }
}

/// The same numbers at each start, unless `CONCORD_FAULTS` asks for more: then they differ from one start to the next.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        if std::env::var_os("CONCORD_FAULTS").is_none() {
            return Self(1);
        }
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is after 1970");
        Self(now.as_nanos() as u64 | 1)
    }

    /// From 1 up to `most`.
    fn next(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (self.0 >> 33) as usize % most
    }
}

/// Starts the run, in the place of what there is.
fn start(page: &Page) {
    page.build_on_screen(N_PROMPTS, N_SAMPLES);
    page.wait_for("the run", SHORT, || {
        if page.is_visible("[data-testid=replace-button]") {
            page.click("[data-testid=replace-button]");
        }
        page.is_visible("[data-testid=cancel-button]").then_some(())
    });
}

/// The session file at the end of the run, but for the time when it was made.
fn finished(page: &Page) -> String {
    page.wait_for("the end of the run", LONG, || {
        (!page.is_visible("[data-testid=cancel-button]")).then_some(())
    });
    page.wait_built(LONG);
    let mut session = page.session_file();
    assert_eq!(session["responses"].as_array().map(Vec::len), Some(N_RESPONSES));
    assert!(session["created"].take().is_string());
    session.to_string()
}

fn n_done(page: &Page) -> usize {
    let script = "return document.querySelectorAll(arguments[0]).length";
    page.driver().script(script, vec![json!(DONE)]).as_u64().unwrap_or_default() as usize
}

/// Whether the page says what went wrong, once the run is over or before.
fn wait_said(page: &Page, words: &str) {
    page.wait_for(words, LONG, || page.text("body").contains(words).then_some(()));
}

fn let_worker_die(page: &Page) {
    in_worker(page.driver(), "setTimeout(() => { throw new Error('the worker dies') })");
    wait_said(page, "What runs the model stopped");
}

fn freeze(page: &Page) {
    let mut tools = DevTools::connect(page.driver());
    let shown = tools.page();
    let watch = "window.frozen = []; for (const name of ['freeze', 'resume'])
        document.addEventListener(name, () => window.frozen.push(name)); true";
    tools.evaluate(&shown, watch);
    tools.call(&shown, "Page.setWebLifecycleState", json!({ "state": "frozen" }));
    std::thread::sleep(A_WHILE);
    tools.call(&shown, "Page.setWebLifecycleState", json!({ "state": "active" }));
    // A tab is hidden before it freezes; somebody comes back to it from another one.
    let other = tools.call(&Value::Null, "Target.createTarget", json!({ "url": "about:blank" }));
    tools.call(&shown, "Page.bringToFront", json!({}));
    tools.call(&Value::Null, "Target.closeTarget", json!({ "targetId": other["targetId"] }));
    page.wait_for("the tab to go on", SHORT, || {
        (tools.evaluate(&shown, "window.frozen") == json!(["freeze", "resume"])).then_some(())
    });
}

/// A browser asks a disk for room now and then only; this one is full at once, and has room again after a while.
fn fill_disk(page: &Page) {
    let fill = "const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...values) {
            const request = put.apply(this, values);
            this.transaction.abort();
            return request;
        };
        window.makeRoom = () => { IDBObjectStore.prototype.put = put; };";
    page.driver().script(fill, Vec::new());
    page.wait_visible("[data-testid=storage-problem]", LONG);
    page.wait_built(LONG);
    page.driver().script("window.makeRoom()", Vec::new());
    page.wait_for("room", LONG, || (!page.is_visible("[data-testid=storage-problem]")).then_some(()));
}

/// Has the next call of the device do something with it first.
fn with_device(page: &Page, act: &str) {
    let script = format!(
        "{{ const make = GPUDevice.prototype.createCommandEncoder;
        GPUDevice.prototype.createCommandEncoder = function (...all) {{
            GPUDevice.prototype.createCommandEncoder = make;
            {act};
            return make.apply(this, all);
        }}; }} true"
    );
    in_worker(page.driver(), &script);
}

fn destroy_device(page: &Page) {
    with_device(page, "this.destroy()");
    wait_said(page, "The GPU went away");
}

fn refuse_memory(page: &Page) {
    with_device(
        page,
        "const error = new GPUOutOfMemoryError('no memory today');
         this.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }))",
    );
    wait_said(page, "There was no memory left");
}
