//! One chromedriver and one headless Chromium with an empty profile, ended when dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::common::config::WebDriverConfig;
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, RequestData, SessionId};
use tokio::runtime::Runtime;

use crate::memory::kin;

/// What the browser offers the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// WebGPU on the CPU, by SwiftShader.
    Software,
    /// No WebGPU at all.
    None,
}

/// A running browser. Its calls wait for the answer.
pub struct Driver {
    chromedriver: Child,
    driver: Option<WebDriver>,
    runtime: Runtime,
    gpu: Gpu,
    folder: PathBuf,
}

impl Driver {
    /// Starts chromedriver and the browser.
    ///
    /// # Panics
    /// When one of them does not start; the message says what was tried.
    pub fn start(gpu: Gpu) -> Self {
        Self::start_with(gpu, &[])
    }

    /// Starts them with switches of the browser beside the usual ones.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_with(gpu: Gpu, switches: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("concord-e2e-{}-{number}", std::process::id()));
        std::fs::create_dir_all(folder.join("downloads")).expect("the temporary folder is writable");
        Self::start_on(gpu, folder, switches)
    }

    /// Starts a browser on a profile folder, which may have been another's.
    fn start_on(gpu: Gpu, folder: PathBuf, switches: &[&str]) -> Self {
        let (chromedriver, port) = start_chromedriver();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let config = WebDriverConfig::builder().reqwest_timeout(Duration::from_secs(300)).build();
        let session = WebDriver::new_with_config(
            format!("http://127.0.0.1:{port}"),
            capabilities(gpu, &folder, switches),
            config.expect("the configuration is valid"),
        );
        let driver = runtime.block_on(session).expect("chromedriver starts Chromium");
        let this = Self { chromedriver, driver: Some(driver), runtime, gpu, folder };
        let allow = json!({ "behavior": "allow", "downloadPath": this.downloads() });
        this.cdp("Browser.setDownloadBehavior", &allow);
        this
    }

    /// Kills every process of the browser at once, as a crash or the end of the battery does, and starts it anew on the same
    /// profile.
    pub fn kill_and_restart(self) -> Self {
        let mut kin: Vec<u32> = kin(self.chromedriver.id()).collect();
        // The browser itself first: what it would still have told its other processes is lost.
        kin.sort_unstable();
        for id in kin {
            Command::new("kill").args(["-KILL", &id.to_string()]).status().expect("kill is there");
        }
        let (gpu, folder) = (self.gpu, self.folder.clone());
        let mut this = std::mem::ManuallyDrop::new(self);
        // Nobody is left to say goodbye to.
        if let Some(driver) = this.driver.take() {
            std::mem::forget(driver);
        }
        this.chromedriver.wait().ok();
        // The lock of a browser that was killed names a process that is gone; what is open elsewhere stays.
        for lock in ["SingletonLock", "SingletonCookie", "SingletonSocket"] {
            std::fs::remove_file(folder.join("profile").join(lock)).ok();
        }
        Self::start_on(gpu, folder, &[])
    }

    /// The process that the browser's processes descend from.
    pub fn process(&self) -> u32 {
        self.chromedriver.id()
    }

    /// A folder of this browser's own, gone when it ends.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that downloads go to.
    pub fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    /// Opens another tab and looks at it; returns its name for [`Self::look_at`].
    pub fn new_tab(&self) -> String {
        let handle = self.wait(self.driver().new_tab());
        self.wait(self.driver().switch_to_window(handle.clone()));
        handle.to_string()
    }

    /// The tab that is looked at.
    pub fn tab(&self) -> String {
        self.wait(self.driver().window()).to_string()
    }

    /// Looks at a tab.
    pub fn look_at(&self, tab: &str) {
        self.wait(self.driver().switch_to_window(tab.to_owned().into()));
    }

    /// Opens an address and waits until the document has loaded.
    pub fn goto(&self, url: &str) {
        self.wait(self.driver().goto(url.to_owned()));
    }

    /// Reloads the page.
    pub fn reload(&self) {
        self.wait(self.driver().refresh());
    }

    /// Runs a script whose last argument is a function that it calls with its result.
    pub fn script_async(&self, script: &str, args: Vec<Value>) -> Value {
        self.wait(self.driver().execute_async(script.to_owned(), args)).json().clone()
    }

    /// Runs a synchronous script in the page and returns what it returns.
    pub fn script(&self, script: &str, args: Vec<Value>) -> Value {
        self.wait(self.driver().execute(script.to_owned(), args)).json().clone()
    }

    /// The first element for a CSS selector, if there is one.
    pub fn find(&self, css: &str) -> Option<WebElement> {
        self.wait(self.driver().find_all(By::Css(css.to_owned()))).into_iter().next()
    }

    /// Clicks as a person does: the element must be visible and not covered.
    pub fn click(&self, element: &WebElement) {
        self.wait(element.scroll_into_view());
        self.wait(element.click());
    }

    /// Types into an element, or hands a file's path to a file input.
    pub fn type_into(&self, element: &WebElement, text: &str) {
        self.wait(element.send_keys(text));
    }

    /// A command of the Chrome DevTools protocol.
    pub fn cdp(&self, command: &str, parameters: &Value) -> Value {
        let tools = ChromeDevTools::new(self.driver().handle.clone());
        self.wait(tools.execute_cdp_with_params(command, parameters.clone()))
    }

    /// The errors on the console since the last call.
    pub fn console(&self) -> Vec<String> {
        let answer = self.wait(self.driver().handle.cmd(BrowserLog));
        let entries = answer.body["value"].as_array().cloned().unwrap_or_default();
        let loud = |entry: &&Value| entry["level"] == "SEVERE";
        entries.iter().filter(loud).map(|entry| entry["message"].to_string()).collect()
    }

    /// Writes what the window shows as a PNG file.
    pub fn screenshot(&self, path: &Path) {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the folder for screenshots is writable");
        }
        self.wait(self.driver().screenshot(path));
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("the browser lives as long as the driver")
    }

    fn wait<T>(&self, answer: impl Future<Output = WebDriverResult<T>>) -> T {
        self.runtime.block_on(answer).unwrap_or_else(|error| panic!("the browser refused: {error}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // The test's own outcome stands, whatever the browser says at the end.
            self.runtime.block_on(driver.quit()).ok();
        }
        self.chromedriver.kill().ok();
        self.chromedriver.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

#[derive(Debug)]
struct BrowserLog;

impl FormatRequestData for BrowserLog {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/se/log");
        RequestData::new(http::Method::POST, path).add_body(json!({ "type": "browser" }))
    }
}

fn capabilities(gpu: Gpu, folder: &Path, switches: &[&str]) -> thirtyfour::Capabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let set = |result: WebDriverResult<()>| result.expect("the capability is valid");
    if let Some(chromium) = tool("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]) {
        set(capabilities.set_binary(&chromium.to_string_lossy()));
    }
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-precise-memory-info",
        "--window-size=1280,900",
    ] {
        set(capabilities.add_arg(argument));
    }
    switches.iter().for_each(|switch| set(capabilities.add_arg(switch)));
    // What chromedriver sets, and people's browsers do not: tabs that nobody looks at have their timers held back.
    for switch in ["disable-background-timer-throttling", "disable-backgrounding-occluded-windows"] {
        set(capabilities.add_exclude_switch(switch));
    }
    set(capabilities.add_arg(&format!("--user-data-dir={}", folder.join("profile").display())));
    match gpu {
        Gpu::Software => {
            set(capabilities.add_arg("--enable-unsafe-webgpu"));
            set(capabilities.add_arg("--use-webgpu-adapter=swiftshader"));
        }
        Gpu::None => set(capabilities.add_arg("--disable-features=WebGPU,WebGPUService")),
    }
    let mut capabilities: thirtyfour::Capabilities = capabilities.into();
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
    capabilities
}

/// Starts chromedriver on a port of its choice, which it prints.
fn start_chromedriver() -> (Child, u16) {
    let program = tool("CHROMEDRIVER", &["chromedriver"]).expect(
        "chromedriver is needed: `cargo xtask test` installs it, or sudo apt-get install chromium-driver",
    );
    // The free port that it picks may be taken before it has it for both kinds of address; then it ends.
    let started = (0..3).find_map(|_| try_chromedriver(&program));
    started.expect("chromedriver prints the port it listens on")
}

fn try_chromedriver(program: &Path) -> Option<(Child, u16)> {
    let mut child = Command::new(program)
        .args(["--port=0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let Some(port) = lines.by_ref().map_while(Result::ok).find_map(|line| port_in(&line)) else {
        child.wait().ok();
        return None;
    };
    // Whatever it prints later must not block it.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some((child, port))
}

/// `41253` of `ChromeDriver was started successfully on port 41253.`
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("successfully on port ")?;
    rest.trim_end_matches('.').parse().ok()
}

/// A program by environment variable, else from PATH.
fn tool(variable: &str, names: &[&str]) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).or_else(|| xtask::shell::on_path(names))
}

#[test]
fn the_port_is_read_from_what_chromedriver_prints() {
    assert_eq!(port_in("ChromeDriver was started successfully on port 41253."), Some(41_253));
    assert_eq!(port_in("Only local connections are allowed."), None);
}
