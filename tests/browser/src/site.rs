//! Serves `dist/` under a sub-path, with no special headers, and remembers what was asked for.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use xtask::server::{Reply, serve};

use crate::synthetic;

/// Where the page lies on the server, to show that it needs no place of its own.
const SUB_PATH: &str = "/people/someone/concord/";

/// A server of the built page; it ends with the test process.
pub struct Site {
    port: u16,
    /// The folder that is served; none while the server is down.
    served: Arc<Mutex<Option<PathBuf>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Starts on a free port.
    pub fn start() -> Self {
        let served = Arc::new(Mutex::new(Some(dist())));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, folder) = (Arc::clone(&asked), Arc::clone(&served));
        std::thread::spawn(move || {
            serve(&listener, move |path| {
                log.lock().expect("no test panics while it holds the log").push(path.to_owned());
                let folder = folder.lock().expect("no test panics while it holds the folder").clone();
                folder.map_or_else(Reply::none, |folder| answer(&folder, path))
            });
        });
        Self { port, served, asked }
    }

    /// Answers nothing any more.
    pub fn go_down(&self) {
        *self.served.lock().expect("no test panics while it holds the folder") = None;
    }

    /// Serves another folder from now on.
    pub fn publish(&self, folder: &Path) {
        *self.served.lock().expect("no test panics while it holds the folder") = Some(folder.to_owned());
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of the page under another name of this machine, which the browser has to be told.
    pub fn url_at(&self, host: &str) -> String {
        format!("http://{host}:{}{SUB_PATH}", self.port)
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

fn answer(dist: &Path, path: &str) -> Reply {
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
pub fn dist() -> PathBuf {
    let dist = std::env::var_os("CONCORD_DIST").map_or_else(xtask::site::dist, PathBuf::from);
    assert!(dist.join("index.html").is_file(), "there is no built page: run `cargo xtask build` first");
    dist
}
