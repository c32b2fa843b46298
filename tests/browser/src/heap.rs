//! The heap of the page's worker, measured by the browser: objects of JavaScript, and the array buffers
//! and WebAssembly memory behind them.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

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
        let mut tools = Tools::connect(&driver.folder().join("profile/DevToolsActivePort"));
        let worker = tools.worker();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let start = tools.heap_bytes(&worker);
            let mut heap = Heap { start, peak: start, n_looks: 1 };
            while !seen.load(Ordering::Relaxed) {
                std::thread::sleep(EVERY);
                heap.peak = heap.peak.max(tools.heap_bytes(&worker));
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

/// A connection to the browser by the Chrome DevTools protocol, beside chromedriver's, which cannot reach workers.
struct Tools {
    socket: WebSocket<TcpStream>,
    n_sent: u64,
}

impl Tools {
    fn connect(active_port: &Path) -> Self {
        let text = std::fs::read_to_string(active_port).expect("Chromium writes down its port");
        let (port, path) = text.split_once('\n').expect("a port and a path");
        let stream = TcpStream::connect(format!("localhost:{port}")).expect("Chromium listens");
        let url = format!("ws://localhost:{port}{}", path.trim());
        let (socket, _) = tungstenite::client(url, stream).expect("Chromium speaks its protocol");
        Self { socket, n_sent: 0 }
    }

    /// The session of the page's worker.
    fn worker(&mut self) -> Value {
        let targets = self.call(&Value::Null, "Target.getTargets", json!({}));
        let infos = targets["targetInfos"].as_array().cloned().unwrap_or_default();
        let page = infos.iter().find(|info| info["type"] == "page").expect("there is a page");
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let page = self.call(&Value::Null, "Target.attachToTarget", attach)["sessionId"].clone();
        let auto = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        self.send(&page, "Target.setAutoAttach", auto);
        loop {
            let message = self.receive();
            let info = &message["params"]["targetInfo"];
            if message["method"] == "Target.attachedToTarget" && info["type"] == "worker" {
                return message["params"]["sessionId"].clone();
            }
        }
    }

    fn heap_bytes(&mut self, session: &Value) -> f64 {
        let usage = self.call(session, "Runtime.getHeapUsage", json!({}));
        let bytes = |name: &str| usage[name].as_f64().unwrap_or_else(|| panic!("no {name} in {usage}"));
        bytes("usedSize") + bytes("backingStorageSize")
    }

    fn call(&mut self, session: &Value, method: &str, parameters: Value) -> Value {
        let id = self.send(session, method, parameters);
        loop {
            let mut message = self.receive();
            if message["id"] == json!(id) {
                return message["result"].take();
            }
        }
    }

    fn send(&mut self, session: &Value, method: &str, parameters: Value) -> u64 {
        self.n_sent += 1;
        let mut command = json!({ "id": self.n_sent, "method": method, "params": parameters });
        if !session.is_null() {
            command["sessionId"] = session.clone();
        }
        self.socket.send(Message::text(command.to_string())).expect("the connection holds");
        self.n_sent
    }

    fn receive(&mut self) -> Value {
        let message = self.socket.read().expect("the connection holds");
        serde_json::from_str(message.to_text().expect("the protocol is text")).expect("the protocol is JSON")
    }
}
