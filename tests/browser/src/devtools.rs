//! The Chrome DevTools protocol past chromedriver, which reaches neither workers nor the browser itself.

use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::driver::Driver;

/// A connection to the browser beside chromedriver's.
pub struct DevTools {
    socket: WebSocket<TcpStream>,
    n_sent: u64,
}

impl DevTools {
    /// Connects to the browser of a driver.
    ///
    /// # Panics
    /// When the browser does not listen.
    pub fn connect(driver: &Driver) -> Self {
        let active_port = driver.folder().join("profile/DevToolsActivePort");
        let text = std::fs::read_to_string(active_port).expect("Chromium writes down its port");
        let (port, path) = text.split_once('\n').expect("a port and a path");
        let stream = TcpStream::connect(format!("localhost:{port}")).expect("Chromium listens");
        let url = format!("ws://localhost:{port}{}", path.trim());
        let (socket, _) = tungstenite::client(url, stream).expect("Chromium speaks its protocol");
        Self { socket, n_sent: 0 }
    }

    /// The session of the page.
    ///
    /// # Panics
    /// When the connection breaks.
    pub fn page(&mut self) -> Value {
        let targets = self.call(&Value::Null, "Target.getTargets", json!({}));
        let infos = targets["targetInfos"].as_array().cloned().unwrap_or_default();
        let page = infos.iter().find(|info| info["type"] == "page").expect("there is a page");
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        self.call(&Value::Null, "Target.attachToTarget", attach)["sessionId"].clone()
    }

    /// The session of the page's worker.
    ///
    /// # Panics
    /// When the connection breaks.
    pub fn worker(&mut self) -> Value {
        let page = self.page();
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

    /// What a script gives in a session, as JSON.
    ///
    /// # Panics
    /// When it throws, or the connection breaks.
    pub fn evaluate(&mut self, session: &Value, script: &str) -> Value {
        let asked = json!({ "expression": script, "returnByValue": true });
        let result = self.call(session, "Runtime.evaluate", asked);
        assert!(result["exceptionDetails"].is_null(), "{result}");
        result["result"]["value"].clone()
    }

    /// Sends a command to a session, `null` for the browser itself, and waits for its result.
    ///
    /// # Panics
    /// When the connection breaks.
    pub fn call(&mut self, session: &Value, method: &str, parameters: Value) -> Value {
        let id = self.send(session, method, parameters);
        loop {
            let mut message = self.receive();
            if message["id"] == json!(id) {
                return message["result"].take();
            }
        }
    }

    /// Sends a command and does not wait; returns its number.
    ///
    /// # Panics
    /// When the connection breaks.
    pub fn send(&mut self, session: &Value, method: &str, parameters: Value) -> u64 {
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

/// Runs JavaScript in the page's worker.
///
/// # Panics
/// When it throws, or the connection breaks.
pub fn in_worker(driver: &Driver, script: &str) {
    let mut tools = DevTools::connect(driver);
    let worker = tools.worker();
    tools.evaluate(&worker, script);
}
