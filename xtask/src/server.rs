//! A file server for localhost: enough HTTP to try the page and to test it, and no more.
//!
//! One thread per connection, one request per connection, GET and HEAD only. A handler turns a path
//! into a [`Reply`]; bodies are read as they are sent, so a test can serve files that exist nowhere.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What a handler gives back for a path.
pub struct Reply {
    /// HTTP status, 200 or 404; 0 ends the connection without an answer.
    pub status: u16,
    /// Media type.
    pub media_type: &'static str,
    /// Bytes of the body.
    pub n_bytes: u64,
    /// The body, read while it is sent.
    pub body: Box<dyn Read + Send>,
}

impl Reply {
    /// A body of bytes in memory.
    pub fn bytes(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            status: 200,
            media_type,
            n_bytes: bytes.len() as u64,
            body: Box::new(std::io::Cursor::new(bytes)),
        }
    }

    /// The answer for a path that has nothing.
    pub fn not_found(path: &str) -> Self {
        let text = format!("nothing here under {path}\n").into_bytes();
        Self { status: 404, ..Self::bytes("text/plain; charset=utf-8", text) }
    }

    /// No answer at all, as from a server that is gone.
    pub fn none() -> Self {
        Self { status: 0, ..Self::bytes("", Vec::new()) }
    }

    /// The file of `folder` that `path` names, `index.html` for a folder.
    pub fn file(folder: &Path, path: &str) -> Self {
        let Some(relative) = safe_relative(path) else { return Self::not_found(path) };
        let mut file_path = folder.join(relative);
        if file_path.is_dir() {
            file_path.push("index.html");
        }
        let Ok(file) = File::open(&file_path) else { return Self::not_found(path) };
        let Ok(metadata) = file.metadata() else { return Self::not_found(path) };
        Self {
            status: 200,
            media_type: media_type(&file_path),
            n_bytes: metadata.len(),
            body: Box::new(file),
        }
    }
}

/// Answers requests on `listener` by `handler` until the process ends; the handler gets decoded paths.
pub fn serve(listener: &TcpListener, handler: impl Fn(&str) -> Reply + Send + Sync + 'static) {
    let handler = Arc::new(handler);
    for stream in listener.incoming().flatten() {
        let handler = Arc::clone(&handler);
        // A connection that breaks concerns its browser only.
        std::thread::spawn(move || answer(&stream, &*handler).ok());
    }
}

fn answer(stream: &TcpStream, handler: &dyn Fn(&str) -> Reply) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let path = decoded(target.split(['?', '#']).next().unwrap_or("/"));
    let mut reply = handler(&path);
    if reply.status == 0 {
        return Ok(());
    }
    let reason = if reply.status == 200 { "OK" } else { "Not Found" };
    let mut out = stream;
    write!(
        out,
        "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n",
        reply.status, reply.media_type, reply.n_bytes
    )?;
    if method != "HEAD" {
        std::io::copy(&mut reply.body, &mut out)?;
    }
    out.flush()
}

/// A path below the served folder, or nothing where the path tries to leave it.
fn safe_relative(path: &str) -> Option<PathBuf> {
    let relative = PathBuf::from(path.trim_start_matches('/'));
    relative.components().all(|part| matches!(part, Component::Normal(_))).then_some(relative)
}

/// Percent-decoding; what is not valid stays as it is.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = bytes.get(i + 1..i + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let value = hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| bytes[i] == b'%');
        out.push(value.unwrap_or(bytes[i]));
        i += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" | "md" | "jsonl" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> (String, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        std::thread::spawn(move || serve(&listener, move |path| Reply::file(&folder, path)));
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head_len = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(answer[..head_len].to_vec()).unwrap(), answer[head_len..].to_vec())
    }

    #[test]
    fn a_file_comes_whole_with_its_length() {
        let expected = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server.rs")).unwrap();
        let (head, body) = get("/server.rs?x=1");
        assert!(
            head.starts_with("HTTP/1.1 200 OK") && head.contains(&format!("Length: {}\r\n", expected.len()))
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/no-such-file"] {
            let (head, _) = get(path);
            assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
        }
    }

    #[test]
    fn paths_are_percent_decoded_and_broken_escapes_kept() {
        let cases = [("/a%20b", "/a b"), ("/%e0%a6%95", "/ক"), ("/100%", "/100%"), ("/%zz", "/%zz")];
        for (path, expected) in cases {
            assert_eq!(decoded(path), expected);
        }
    }
}
