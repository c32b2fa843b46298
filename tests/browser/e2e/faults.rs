//! Whatever goes wrong in the middle of a run, at whatever moment, its session is the one of a run that nothing disturbed, byte
//! for byte: the device is destroyed, the worker dies, the page is reloaded, the tab freezes or goes on behind another one, the
//! computer sleeps, the disk is full, memory is refused. `CONCORD_FAULTS` says how many moments each is tried at; once, if it
//! does not. `CONCORD_FAULT` names the only kind to be tried.

#![expect(
    clippy::disallowed_methods,
    reason = "native code only: moments are shares of how long a run takes"
)]

use std::process::Command;
use std::time::{Duration, Instant};

use browser_tests::devtools::{DevTools, in_worker};
use browser_tests::driver::Gpu;
use browser_tests::memory::kin;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::{LONG, SHORT};

const DONE: &str = "[data-testid=board-cell] .mark--done";
const RUNNING: &str = "[data-testid=cancel-button]";
const N_PROMPTS: usize = 1;
const N_SAMPLES: usize = 3;
const N_RESPONSES: usize = N_PROMPTS * 8 * N_SAMPLES;
/// How long a tab is frozen.
const A_WHILE: Duration = Duration::from_millis(1_500);
/// How long the computer sleeps.
const A_NAP: Duration = Duration::from_secs(5);
/// The last moment that a fault is tried at, as a share of how long a run takes.
const LAST: f64 = 0.9;

/// What a fault does to a page in the middle of a run, and whether the run was still going on when it struck.
type Fault = fn(&Page) -> bool;

const ON_CPU: [(&str, Fault); 6] = [
    ("frozen", freeze),
    ("hidden", hide),
    ("asleep", sleep),
    ("disk full", fill_disk),
    ("worker dead", let_worker_die),
    ("reload", reload),
];
const ON_GPU: [(&str, Fault); 4] = [
    ("device destroyed", destroy_device),
    ("memory refused", refuse_memory),
    ("hidden", hide),
    ("asleep", sleep),
];

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
    let begin = || {
        page.reload();
        page.set("[data-testid=backend]", backend);
        start(&page);
    };
    begin();
    let began = Instant::now();
    wait_over(&page);
    let usual = began.elapsed();
    let undisturbed = finished(&page);
    let n_moments = std::env::var("CONCORD_FAULTS").map_or(1, |n| n.parse().expect("a number"));
    let mut moments = Moments::new();
    let only = std::env::var("CONCORD_FAULT").ok();
    for (what, fault) in faults.iter().filter(|(what, _)| only.as_ref().is_none_or(|only| only == what)) {
        let (began, mut done) = (Instant::now(), Vec::new());
        for _ in 0..n_moments {
            let mut share = moments.next() * LAST;
            // A machine that is less busy now is over it sooner, perhaps while the fault is on its way.
            done.push(loop {
                begin();
                std::thread::sleep(usual.mul_f64(share));
                let n_done = n_done(&page);
                if page.is_visible(RUNNING) && fault(&page) {
                    break n_done;
                }
                share /= 2.0;
            });
            assert_eq!(finished(&page), undisturbed, "{what} after {} responses", done[done.len() - 1]);
        }
        println!(
            "{what} after {done:?} of {N_RESPONSES} responses: the same bytes, {} s",
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

    /// From 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Starts the run, in the place of what there is.
fn start(page: &Page) {
    page.build_on_screen(N_PROMPTS, N_SAMPLES);
    page.wait_for("the run", SHORT, || {
        if page.is_visible("[data-testid=replace-button]") {
            page.click("[data-testid=replace-button]");
        }
        page.is_visible(RUNNING).then_some(())
    });
}

fn wait_over(page: &Page) {
    page.wait_for("the end of the run", LONG, || (!page.is_visible(RUNNING)).then_some(()));
}

/// The session file at the end of the run, but for the time when it was made.
fn finished(page: &Page) -> String {
    wait_over(page);
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

/// Whether the page says what went wrong, once the run is over or before. It does not if the run was over when it went wrong.
fn is_said(page: &Page, words: &str) -> bool {
    page.wait_for(words, LONG, || {
        let is_over = !page.is_visible(RUNNING);
        if is_over {
            page.wait_built(LONG);
        }
        let is_said = page.text("body").contains(words);
        (is_said || is_over).then_some(is_said)
    })
}

fn reload(page: &Page) -> bool {
    page.reload();
    true
}

fn let_worker_die(page: &Page) -> bool {
    in_worker(page.driver(), "setTimeout(() => { throw new Error('the worker dies') })");
    is_said(page, "What runs the model stopped")
}

fn freeze(page: &Page) -> bool {
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
        (tools.evaluate(&shown, "window.frozen") == json!(["freeze", "resume"])).then_some(true)
    })
}

/// Another tab is looked at until the run is over: nothing is painted, and timers of the page are held back.
fn hide(page: &Page) -> bool {
    let mut tools = DevTools::connect(page.driver());
    let shown = tools.page();
    let other = tools.call(&Value::Null, "Target.createTarget", json!({ "url": "about:blank" }));
    let is_hidden = json!("hidden");
    page.wait_for("the tab to be hidden", SHORT, || {
        (tools.evaluate(&shown, "document.visibilityState") == is_hidden).then_some(())
    });
    let is_in_time = page.is_visible(RUNNING);
    tools.evaluate(&shown, "window.ticks = []; setInterval(() => ticks.push(performance.now()), 10); true");
    wait_over(page);
    // Any gap will do: the two newest ticks may stand in one burst, and the next burst may be a minute away.
    let is_held_back = "ticks.some((tick, i) => tick - ticks[i - 1] > 500)";
    page.wait_for("a timer of 10 ms to be held back", LONG, || {
        (tools.evaluate(&shown, is_held_back) == json!(true)).then_some(())
    });
    assert_eq!(
        tools.evaluate(&shown, "document.visibilityState"),
        is_hidden,
        "it was over before anybody looked"
    );
    tools.call(&shown, "Page.bringToFront", json!({}));
    tools.call(&Value::Null, "Target.closeTarget", json!({ "targetId": other["targetId"] }));
    is_in_time
}

/// All processes of the browser stop, and go on after a while that they know nothing of.
fn sleep(page: &Page) -> bool {
    let chromedriver = page.driver().process();
    let mut browser: Vec<String> =
        kin(chromedriver).filter(|id| *id != chromedriver).map(|id| id.to_string()).collect();
    assert!(browser.len() > 3, "the browser has many processes: {browser:?}");
    let mut signal = |name: &str| {
        browser.reverse();
        Command::new("kill").arg(name).args(&browser).status().expect("kill is there");
    };
    signal("-STOP");
    std::thread::sleep(A_NAP);
    signal("-CONT");
    true
}

/// A browser asks a disk for room now and then only; this one is full at once, and has room again after a while.
fn fill_disk(page: &Page) -> bool {
    let fill = "const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...values) {
            const request = put.apply(this, values);
            this.transaction.abort();
            return request;
        };
        window.makeRoom = () => { IDBObjectStore.prototype.put = put; };";
    page.driver().script(fill, Vec::new());
    let is_in_time = page.wait_for("a full disk", LONG, || {
        let is_over = !page.is_visible(RUNNING);
        let is_full = page.is_visible("[data-testid=storage-problem]");
        (is_full || is_over).then_some(is_full)
    });
    page.wait_built(LONG);
    page.driver().script("window.makeRoom()", Vec::new());
    page.wait_for("room", LONG, || (!page.is_visible("[data-testid=storage-problem]")).then_some(()));
    is_in_time
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

pub(crate) fn destroy_device(page: &Page) -> bool {
    with_device(page, "this.destroy()");
    is_said(page, "The GPU went away")
}

fn refuse_memory(page: &Page) -> bool {
    with_device(
        page,
        "const error = new GPUOutOfMemoryError('no memory today');
         this.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }))",
    );
    is_said(page, "There was no memory left")
}
