//! The opened page: running the scripting API in it, and using its screen as a person does.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::driver::{Driver, Gpu};
use crate::site::Site;

/// How long a page may take to be ready; the machine may be slow and busy.
const READY: Duration = Duration::from_secs(120);
/// How long an element that is acted on may take to come.
const COMING: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// What a call of the scripting API was rejected with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// `error.code`.
    pub code: String,
    /// `error.message`.
    pub message: String,
}

/// The page in a browser of its own.
pub struct Page {
    driver: Driver,
}

impl Page {
    /// Opens the page as somebody does who has chosen to look at sessions in the overview, where all rows of a prompt are
    /// on the page, and waits for `concord.ready`.
    pub fn open(site: &Site, gpu: Gpu) -> Self {
        let page = Self::open_first(site, gpu);
        page.driver.script("localStorage.setItem('concord.look', 'overview')", Vec::new());
        page
    }

    /// Opens the page as somebody does who has never been there, and waits for `concord.ready`.
    pub fn open_first(site: &Site, gpu: Gpu) -> Self {
        let page = Self { driver: Driver::start(gpu) };
        page.driver.goto(&site.url());
        page.wait_ready();
        page
    }

    /// Opens the page as [`Self::open`] does, in a browser with more switches.
    pub fn open_with(url: &str, switches: &[&str]) -> Self {
        let page = Self { driver: Driver::start_with(Gpu::None, switches) };
        page.driver.goto(url);
        page.wait_ready();
        page.driver.script("localStorage.setItem('concord.look', 'overview')", Vec::new());
        page
    }

    /// Presses a key as a keyboard does: what it writes, and where it sits. `modifiers` is 2 for Ctrl, 8 for Shift, 10 for
    /// both.
    pub fn press(&self, key: &str, code: &str, modifiers: u32) {
        let event = |kind: &str| json!({ "type": kind, "key": key, "code": code, "modifiers": modifiers });
        self.driver.cdp("Input.dispatchKeyEvent", &event("rawKeyDown"));
        self.driver.cdp("Input.dispatchKeyEvent", &event("keyUp"));
    }

    /// Kills the browser and opens the page anew in its profile.
    pub fn kill_and_open(self, site: &Site) -> Self {
        let page = Self { driver: self.driver.kill_and_restart() };
        page.driver.goto(&site.url());
        // What a page said to itself last may not have reached the disk.
        page.driver.script("localStorage.setItem('concord.look', 'overview')", Vec::new());
        page.reload();
        page
    }

    /// Opens the page in another tab, which is looked at then; returns the tab's name.
    pub fn open_tab(&self, site: &Site) -> String {
        let tab = self.driver.new_tab();
        self.driver.goto(&site.url());
        self.wait_ready();
        tab
    }

    /// Opens a session's file and waits until it is on the desk.
    pub fn open_session(&self, name: &str, file: &[u8]) {
        self.wait_visible("[data-testid=board-cell]", READY);
        self.pick_file("[data-testid=open-session]", name, file);
        let is_open = || self.text("[data-testid=status-message]") == format!("{name} is open.");
        self.wait_for("the session", READY, || is_open().then_some(()));
    }

    /// The browser underneath.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Reloads and waits for `concord.ready`.
    pub fn reload(&self) {
        self.driver.reload();
        self.wait_ready();
    }

    /// What `concord.ready` gave.
    pub fn environment(&self) -> Value {
        self.call("return await concord.ready", READY)
    }

    /// Runs the body of an async function, in which `concord` is at hand, and returns its result.
    ///
    /// # Panics
    /// When it rejects, or takes longer than `limit`.
    pub fn call(&self, body: &str, limit: Duration) -> Value {
        self.try_call(body, limit).unwrap_or_else(|rejection| panic!("{body}\nwas rejected: {rejection:?}"))
    }

    /// Like [`Page::call`], for calls that may be rejected.
    ///
    /// # Errors
    /// What the call was rejected with.
    ///
    /// # Panics
    /// When it takes longer than `limit`.
    pub fn try_call(&self, body: &str, limit: Duration) -> Result<Value, Rejection> {
        self.start_call(body);
        self.finish_call(body, limit)
    }

    /// Starts the body of an async function and does not wait; its result is kept in the page.
    pub fn start_call(&self, body: &str) {
        let script = format!(
            "window.__outcome = null; const keep = outcome => {{ window.__outcome = outcome; }};
             (async () => {{ {body} }})().then(
               value => keep({{ value: value === undefined ? null : value }}),
               error => keep({{ code: String(error.code), message: String(error.message ?? error) }}));"
        );
        self.driver.script(&script, Vec::new());
    }

    /// Waits for the call started last.
    ///
    /// # Errors
    /// What the call was rejected with.
    ///
    /// # Panics
    /// When it takes longer than `limit`.
    pub fn finish_call(&self, body: &str, limit: Duration) -> Result<Value, Rejection> {
        let outcome = self.wait_for(body, limit, || {
            let outcome = self.driver.script("return window.__outcome", Vec::new());
            (!outcome.is_null()).then_some(outcome)
        });
        match outcome.get("value") {
            Some(value) => Ok(value.clone()),
            None => {
                let text = |name: &str| outcome[name].as_str().unwrap_or_default().to_owned();
                Err(Rejection { code: text("code"), message: text("message") })
            }
        }
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    /// After `limit`, with what was waited for, the console and the page's text.
    pub fn wait_for<T>(&self, what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            if start.elapsed() > limit {
                panic!(
                    "waited {} s for: {what}\nconsole: {:#?}\npage:\n{}",
                    limit.as_secs(),
                    self.driver.console(),
                    self.text("body")
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits until an element is there and visible.
    pub fn wait_visible(&self, css: &str, limit: Duration) {
        self.wait_for(&format!("{css} to be visible"), limit, || self.is_visible(css).then_some(()));
    }

    /// Whether an element is there and takes room on the screen.
    pub fn is_visible(&self, css: &str) -> bool {
        let script = "const e = document.querySelector(arguments[0]); return !!e && e.checkVisibility()";
        self.driver.script(script, vec![json!(css)]) == json!(true)
    }

    /// The text that the first element shows.
    pub fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        self.driver.script(script, vec![json!(css)]).as_str().unwrap_or_default().to_owned()
    }

    /// The texts that all elements show, in order.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)";
        let texts = self.driver.script(script, vec![json!(css)]);
        texts
            .as_array()
            .into_iter()
            .flatten()
            .map(|text| text.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Clicks an element, which may take a moment to come: what a disclosure holds comes a task after it opens.
    pub fn click(&self, css: &str) {
        let element = self.wait_for(css, COMING, || self.driver.find(css));
        self.driver.click(&element);
    }

    /// Sets the value of an input or select as a person does, by events that the page listens to.
    pub fn set(&self, css: &str, value: &str) {
        let script = "const e = document.querySelector(arguments[0]); if (!e) return false;
            if (e.type === 'checkbox') { if (e.checked !== (arguments[1] === 'true')) e.click(); return true; }
            e.value = arguments[1];
            e.dispatchEvent(new Event('input', { bubbles: true }));
            e.dispatchEvent(new Event('change', { bubbles: true })); return true;";
        let set = || self.driver.script(script, vec![json!(css), json!(value)]) == json!(true);
        self.wait_for(css, COMING, || set().then_some(()));
    }

    /// Sets how many prompts and samples there shall be, and presses the one button.
    pub fn build_on_screen(&self, n_prompts: usize, n_samples: usize) {
        self.wait_visible("[data-testid=board-cell]", READY);
        self.set("[data-testid=prompt-count]", &n_prompts.to_string());
        self.set("[data-testid=n]", &n_samples.to_string());
        self.click("[data-testid=build-button]");
    }

    /// Waits until the pairs are on the screen.
    ///
    /// # Panics
    /// After `limit`, or as soon as the page says that something went wrong.
    pub fn wait_built(&self, limit: Duration) {
        self.wait_for("the pairs", limit, || {
            assert!(!self.is_visible("[data-testid=fault]"), "{}", self.text("[data-testid=fault]"));
            let is_there = self.is_visible("[data-testid=cards]:not([aria-busy=true])");
            (is_there && self.is_visible("[data-testid=summary]")).then_some(())
        });
    }

    /// Hands a file of this name and content to a file input.
    pub fn pick_file(&self, css: &str, name: &str, content: &[u8]) {
        self.pick_files(css, &[(name, content.to_vec())]);
    }

    /// Hands files of these names and contents to a file input at once.
    pub fn pick_files(&self, css: &str, files: &[(&str, Vec<u8>)]) {
        let write = |(name, content): &(&str, Vec<u8>)| {
            let path = self.driver.folder().join(name);
            std::fs::write(&path, content).expect("the temporary folder is writable");
            path.to_string_lossy().into_owned()
        };
        let paths: Vec<String> = files.iter().map(write).collect();
        let input = self.wait_for(css, COMING, || self.driver.find(css));
        // WebDriver takes the paths of several files a line each.
        self.driver.type_into(&input, &paths.join("\n"));
    }

    /// Opens a model's file from the disk and waits until the model is there.
    pub fn open_model(&self, name: &str, file: &[u8]) {
        self.wait_visible("[data-testid=board-cell]", READY);
        self.pick_file("[data-testid=open-model]", name, file);
        let loaded = "return document.querySelector('[data-testid=backend-label]').dataset.backend ?? null";
        self.wait_for("the model", READY, || {
            self.driver.script(loaded, Vec::new()).is_string().then_some(())
        });
    }

    /// The session as its file has it; the file is taken away again.
    ///
    /// # Panics
    /// When the file cannot be read.
    pub fn session_file(&self) -> Value {
        self.click("[data-testid=download-session]");
        let path = self.downloaded("json", READY);
        let text = std::fs::read_to_string(&path).expect("the session file is there");
        std::fs::remove_file(path).expect("the session file is ours");
        serde_json::from_str(&text).expect("the session file is JSON")
    }

    /// Waits for a download to be complete and returns its path.
    ///
    /// Chrome reserves the name with an empty file, writes beside it and renames at the end: a file is complete when it
    /// has bytes and no `.crdownload` is left.
    pub fn downloaded(&self, extension: &str, limit: Duration) -> PathBuf {
        let folder = self.driver.downloads();
        self.wait_for(&format!("a downloaded .{extension} file"), limit, || {
            let entries = std::fs::read_dir(&folder).ok()?;
            let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            let ends_in = |path: &Path, with: &str| path.extension().is_some_and(|found| found == with);
            if paths.iter().any(|path| ends_in(path, "crdownload")) {
                return None;
            }
            let has_bytes = |path: &Path| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
            paths.into_iter().find(|path| ends_in(path, extension) && has_bytes(path))
        })
    }

    /// What axe-core finds wrong inside an element by the rules of WCAG 2.2 A and AA, each with the elements concerned;
    /// nothing is what a good page gives.
    ///
    /// # Panics
    /// When the script is not there: `CONCORD_AXE` names it, `cargo xtask test` fetches it.
    pub fn violations(&self, css: &str) -> Vec<String> {
        let path = std::env::var_os("CONCORD_AXE").expect("CONCORD_AXE names axe.min.js");
        let script = std::fs::read_to_string(path).expect("axe.min.js is there");
        self.driver.script(&script, Vec::new());
        let body = format!(
            "const found = await axe.run({}, {{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }});
             return found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))",
            json!(css)
        );
        let found = self.call(&body, READY);
        let found = found.as_array().expect("axe gives a list");
        found.iter().map(|violation| violation.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Shows the page as a window of this width does, in a light or dark theme.
    pub fn emulate(&self, width: u32, is_dark: bool) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.driver.cdp("Emulation.setDeviceMetricsOverride", &metrics);
        self.emulate_media("screen", &[("prefers-color-scheme", if is_dark { "dark" } else { "light" })]);
    }

    /// Shows the page as on this medium, `screen` or `print`, for who has these wishes, such as `forced-colors`.
    pub fn emulate_media(&self, medium: &str, wishes: &[(&str, &str)]) {
        let features: Vec<Value> =
            wishes.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.driver.cdp("Emulation.setEmulatedMedia", &json!({ "media": medium, "features": features }));
    }

    fn wait_ready(&self) {
        self.wait_for("window.concord", READY, || {
            (self.driver.script("return typeof window.concord", Vec::new()) == json!("object")).then_some(())
        });
        self.environment();
    }
}
