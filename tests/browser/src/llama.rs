//! Servers with an OpenAI-compatible API: llama.cpp's own, and one in front of it that has the faults that servers have.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server in a process of its own, until it is dropped.
pub struct LlamaServer {
    process: Child,
    address: String,
}

impl LlamaServer {
    /// llama.cpp's server with the teaching model and four slots.
    ///
    /// # Panics
    /// When it does not listen: it needs xllamacpp, which the test command fetches.
    pub fn start() -> Self {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static/teaching-model.gguf");
        Self::of("llama_server.py", &[&model.to_string_lossy(), "4"])
    }

    /// One that passes on what is asked of this one, with the fault that the address names.
    ///
    /// # Panics
    /// When it does not listen.
    pub fn with_faults(&self) -> Self {
        Self::of("faulty_server.py", &[&self.address])
    }

    fn of(script: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../handoff").join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 is there");
        let stdout = process.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let said = lines.find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
        let address =
            said.expect("the server listens; llama-server needs xllamacpp, which the test command fetches");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: address.trim_end_matches('/').to_owned() }
    }

    /// The address of its API.
    pub fn url(&self) -> String {
        format!("{}/v1", self.address)
    }

    /// The address of its API with a fault.
    pub fn url_with(&self, fault: &str) -> String {
        format!("{}/{fault}/v1", self.address)
    }

    /// Host and port.
    pub fn host_port(&self) -> &str {
        self.address.trim_start_matches("http://")
    }
}

impl Drop for LlamaServer {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}
