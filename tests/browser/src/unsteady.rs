//! A server of model files on an origin of its own: with ranges and versions, as slow as it is told to be, and with
//! connections that break. It notes which bytes it sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::real;
use crate::synthetic::{self, PARTS};

/// Bytes between two pauses of a slow reply.
const PIECE: usize = 64 << 10;

/// A reply with bytes of a model file.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Path that was asked for.
    pub path: String,
    /// First byte of the file that was sent.
    pub from: u64,
    /// The byte after the last that was sent.
    pub to: u64,
}

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    /// Bytes after which the next replies break, the next one last.
    cuts: Vec<u64>,
    bytes_per_sec: Option<u64>,
}

/// A running server; it ends with the test process.
pub struct Unsteady {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Unsteady {
    /// Starts on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A connection that breaks concerns its browser only.
                std::thread::spawn(move || answer(&stream, &state).ok());
            }
        });
        Self { port, state }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Sends at most so many bytes per second from now on.
    pub fn slow_down(&self, bytes_per_sec: u64) {
        self.state().bytes_per_sec = Some(bytes_per_sec);
    }

    /// Breaks the next replies with bytes of a file, each after so many bytes.
    pub fn cut_after(&self, n_bytes: &[u64]) {
        self.state().cuts = n_bytes.iter().rev().copied().collect();
    }

    /// Replies that are still to be broken.
    pub fn n_cuts_left(&self) -> usize {
        self.state().cuts.len()
    }

    /// The replies with bytes of files so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// Bytes of files sent so far.
    pub fn n_bytes_sent(&self) -> u64 {
        self.state().sent.iter().map(|sent| sent.to - sent.from).sum()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }
}

/// SHA-256 of a body, hex.
///
/// # Panics
/// When it cannot be read.
pub fn sha256_of(mut body: impl Read) -> String {
    let mut digest = Sha256::new();
    std::io::copy(&mut body, &mut digest).expect("a synthetic body is read");
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answer(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut range, mut header) = (None, String::new());
    while reader.read_line(&mut header)? > 2 {
        let line = header.to_ascii_lowercase();
        range = range.or_else(|| asked_range(line.trim()));
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let path = target.split('?').next().unwrap_or("/");
    if method == "OPTIONS" {
        return head(stream, "204 No Content", path, 0, "");
    }
    match path {
        "/large.gguf" => file(stream, state, path, range, synthetic::large_model()),
        "/medium.gguf" | "/no-cors.gguf" | "/owner/name/resolve/main/medium-Q8_0.gguf" => {
            file(stream, state, path, range, synthetic::medium_model())
        }
        _ if let Some(idx) = PARTS.iter().position(|part| path.strip_prefix("/parts/") == Some(part)) => {
            file(stream, state, path, range, synthetic::medium_part(idx))
        }
        "/smollm2.gguf" => file(stream, state, path, range, real::smollm2()),
        "/api/models/owner/name" => list(stream, path),
        "/api/models/owner/weights" => {
            text(stream, "200 OK", path, r#"{ "siblings": [{ "rfilename": "model.safetensors" }] }"#)
        }
        "/api/models/owner/gated" | "/forbidden.gguf" => text(stream, "403 Forbidden", path, "no"),
        _ => text(stream, "404 Not Found", path, "nothing here"),
    }
}

/// The Hub's list of the files of a repository.
fn list(stream: &TcpStream, path: &str) -> std::io::Result<()> {
    let (n_bytes, body) = synthetic::medium_model();
    let lfs = json!({ "size": n_bytes, "sha256": sha256_of(body) });
    let files = json!([
        { "rfilename": "README.md", "size": 12 },
        { "rfilename": "medium-Q8_0.gguf", "size": n_bytes, "lfs": lfs },
    ]);
    text(stream, "200 OK", path, &json!({ "id": "owner/name", "siblings": files }).to_string())
}

fn text(mut stream: &TcpStream, status: &str, path: &str, body: &str) -> std::io::Result<()> {
    head(stream, status, path, body.len() as u64, "")?;
    stream.write_all(body.as_bytes())
}

fn head(mut stream: &TcpStream, status: &str, path: &str, n_bytes: u64, more: &str) -> std::io::Result<()> {
    let cors = if path == "/no-cors.gguf" {
        ""
    } else {
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: Range\r\n\
         Access-Control-Expose-Headers: Content-Range, ETag\r\n"
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {n_bytes}\r\n{cors}{more}Connection: close\r\n\r\n")
}

/// Sends a file or a part of it, as slowly and as far as the state says.
fn file(
    mut stream: &TcpStream,
    state: &Mutex<State>,
    path: &str,
    range: Option<(u64, Option<u64>)>,
    (total, mut body): (u64, Box<dyn Read + Send>),
) -> std::io::Result<()> {
    let lock = || state.lock().expect("no test panics while it holds the state");
    let from = range.map_or(0, |(from, _)| from).min(total);
    let end = range.and_then(|(_, last)| last).map_or(total, |last| (last + 1).min(total));
    let tag = "ETag: \"one\"\r\n";
    if range.is_some() {
        let more = format!("{tag}Content-Range: bytes {from}-{}/{total}\r\n", end - 1);
        head(stream, "206 Partial Content", path, end - from, &more)?;
    } else {
        head(stream, "200 OK", path, end - from, tag)?;
    }
    std::io::copy(&mut body.by_ref().take(from), &mut std::io::sink())?;
    let (entry, cut) = {
        let mut state = lock();
        state.sent.push(Sent { path: path.to_owned(), from, to: from });
        (state.sent.len() - 1, state.cuts.pop())
    };
    let end = cut.map_or(end, |n_bytes| end.min(from + n_bytes));
    let mut piece = vec![0; PIECE];
    let mut at = from;
    while at < end {
        let n_bytes = PIECE.min((end - at) as usize);
        body.read_exact(&mut piece[..n_bytes])?;
        stream.write_all(&piece[..n_bytes])?;
        at += n_bytes as u64;
        let rate = {
            let mut state = lock();
            state.sent[entry].to = at;
            state.bytes_per_sec
        };
        if let Some(rate) = rate {
            std::thread::sleep(Duration::from_secs_f64(n_bytes as f64 / rate as f64));
        }
    }
    stream.flush()
}

/// `range: bytes=5-9` as first and last byte.
fn asked_range(line: &str) -> Option<(u64, Option<u64>)> {
    let (from, last) = line.strip_prefix("range: bytes=")?.split_once('-')?;
    Some((from.parse().ok()?, last.parse().ok()))
}

#[test]
fn a_range_is_sent_and_noted_and_a_cut_breaks_it() {
    let server = Unsteady::start();
    server.cut_after(&[1000]);
    let get = |range: &str| {
        let mut stream = TcpStream::connect(("localhost", server.port)).unwrap();
        write!(stream, "GET /medium.gguf HTTP/1.1\r\nRange: bytes={range}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let n_head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(answer[..n_head].to_vec()).unwrap(), answer[n_head..].to_vec())
    };
    let (total, mut body) = synthetic::medium_model();
    let mut start = vec![0; 5000];
    body.read_exact(&mut start).unwrap();
    let (head, sent) = get("0-");
    assert!(head.contains(&format!("Content-Length: {total}")), "{head}");
    assert_eq!(sent, start[..1000], "it breaks after a thousand bytes");
    let (head, sent) = get("1000-4999");
    assert!(head.starts_with("HTTP/1.1 206") && head.contains(&format!("bytes 1000-4999/{total}")), "{head}");
    assert_eq!(sent, start[1000..]);
    let noted: Vec<(u64, u64)> = server.sent().iter().map(|sent| (sent.from, sent.to)).collect();
    assert_eq!(noted, [(0, 1000), (1000, 5000)]);
}
