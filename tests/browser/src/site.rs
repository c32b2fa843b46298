//! Serves `dist/` under a sub-path, with no special headers, and remembers what was asked for.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use xtask::server::{Reply, serve};

use crate::synthetic;

/// Where the page lies on the server, to show that it needs no place of its own.
const SUB_PATH: &str = "/people/someone/concord/";

/// A server of the built page; it ends with the test process.
pub struct Site {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Starts on a free port.
    pub fn start() -> Self {
        let dist = dist();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            serve(&listener, move |path| {
                log.lock().expect("no test panics while it holds the log").push(path.to_owned());
                answer(&dist, path)
            });
        });
        Self { port, asked }
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        format!("http://localhost:{}{SUB_PATH}", self.port)
    }

    /// The paths that were asked for outside the page's own, the browser's request for an icon left out.
    pub fn asked_outside(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("no test panics while it holds the log");
        let outside = |path: &&String| !path.starts_with(SUB_PATH) && *path != "/favicon.ico";
        asked.iter().filter(outside).cloned().collect()
    }

    /// How often a path below the page's own was asked for.
    pub fn n_asked(&self, below: &str) -> usize {
        let path = format!("{SUB_PATH}{below}");
        self.asked
            .lock()
            .expect("no test panics while it holds the log")
            .iter()
            .filter(|p| **p == path)
            .count()
    }
}

fn answer(dist: &std::path::Path, path: &str) -> Reply {
    match path.strip_prefix(SUB_PATH) {
        Some("large.gguf") => {
            let (n_bytes, body) = synthetic::large_model();
            Reply { status: 200, media_type: "application/octet-stream", n_bytes, body }
        }
        Some(below) => Reply::file(dist, below),
        None => Reply::not_found(path),
    }
}

/// The built page: `dist/`, or what `CONCORD_DIST` names.
fn dist() -> PathBuf {
    let dist = std::env::var_os("CONCORD_DIST").map_or_else(xtask::site::dist, PathBuf::from);
    assert!(dist.join("index.html").is_file(), "there is no built page: run `cargo xtask build` first");
    dist
}
