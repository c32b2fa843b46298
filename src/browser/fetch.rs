//! Bytes from an address or a picked file, chunk by chunk; the whole is never held.
//!
//! A request that is dropped, before its answer or after, ends its connection.

use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Blob, ReadableStream, ReadableStreamByobReader, ReadableStreamDefaultReader,
    ReadableStreamGetReaderOptions, ReadableStreamReaderMode, Response,
};

use crate::shelf::{ReplyHead, reply::content_range};

/// Most bytes of one chunk read into our own buffer.
const CHUNK: u32 = 1 << 20;

/// A stream of bytes with its length where it is known; dropping it ends it.
#[derive(Debug)]
pub struct ByteStream {
    reader: Reader,
    /// None of a picked file.
    _connection: Option<Connection>,
    /// Total bytes; `None` when the server does not say, or compresses.
    pub n_bytes: Option<f64>,
}

/// The connection of a request: dropping it aborts the request, wherever it is.
#[derive(Debug)]
struct Connection(AbortController);

impl Connection {
    /// Not open yet: `options` of a request that ends with it.
    fn of(options: &Object) -> Option<Self> {
        let controller = AbortController::new().ok()?;
        // Setting a property of a plain object does not fail.
        let _set = Reflect::set(options, &"signal".into(), &controller.signal());
        Some(Self(controller))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How a stream is read. Into one buffer where the browser can: a new one per chunk would wait for the collector,
/// and hundreds of megabytes of them do.
#[derive(Debug)]
enum Reader {
    Reusing { reader: ReadableStreamByobReader, buffer: ArrayBuffer },
    Allocating(ReadableStreamDefaultReader),
}

impl Reader {
    fn new(stream: &ReadableStream) -> Self {
        let options = ReadableStreamGetReaderOptions::new();
        options.set_mode(ReadableStreamReaderMode::Byob);
        // Some browsers do not read every stream this way, and throw.
        let reusing = Reflect::get(stream, &"getReader".into())
            .ok()
            .and_then(|get| get.dyn_into::<Function>().ok())
            .and_then(|get| get.call1(stream, &options).ok());
        match reusing {
            Some(reader) => {
                Self::Reusing { reader: reader.unchecked_into(), buffer: ArrayBuffer::new(CHUNK) }
            }
            None => Self::Allocating(stream.get_reader().unchecked_into()),
        }
    }
}

/// Why bytes did not come, in words for users.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The request failed before an answer came.
    #[error(
        "{url} could not be reached: check the address and the connection, and that the server lets this page read it (CORS)"
    )]
    NoAnswer {
        /// The address that was asked.
        url: String,
    },
    /// The server said no.
    #[error(
        "{url} answered with status {status}: check the address, or sign in where the file is and download it, then open it from disk"
    )]
    Status {
        /// The address that was asked.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// The stream broke.
    #[error("reading stopped half-way; try again")]
    Broken,
}

impl ByteStream {
    /// Starts to fetch an address.
    ///
    /// # Errors
    /// When there is no answer or it is not a success.
    pub async fn from_url(url: &str) -> Result<Self, FetchError> {
        let (head, stream) = Self::request(url, &Object::new()).await?;
        if !(200..300).contains(&head.status) {
            return Err(FetchError::Status { url: url.to_owned(), status: head.status });
        }
        Ok(stream)
    }

    /// Starts to fetch the bytes from `from` to before `to`, past the browser's cache; the reply may be of any status.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn part_of(
        url: &str,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<(ReplyHead, Self), FetchError> {
        let options = Object::new();
        let set = |object: &Object, name: &str, value: &JsValue| {
            // Setting a property of a fresh object does not fail.
            let _set = Reflect::set(object, &name.into(), value);
        };
        // Large files would be stored twice.
        set(&options, "cache", &"no-store".into());
        if let Some(from) = from {
            let headers = Object::new();
            let last = to.map(|to| to.saturating_sub(1).to_string()).unwrap_or_default();
            set(&headers, "Range", &format!("bytes={from}-{last}").into());
            set(&options, "headers", &headers);
        }
        Self::request(url, &options).await
    }

    pub(super) async fn request(url: &str, options: &Object) -> Result<(ReplyHead, Self), FetchError> {
        let no_answer = || FetchError::NoAnswer { url: url.to_owned() };
        let connection = Connection::of(options);
        let response = fetch(url, options).await.ok_or_else(no_answer)?;
        let headers = response.headers();
        let header = |name: &str| headers.get(name).ok().flatten();
        let is_encoded = header("content-encoding").is_some();
        let length = header("content-length").and_then(|text| text.parse().ok()).filter(|_| !is_encoded);
        let head = ReplyHead {
            status: response.status(),
            n_bytes: length,
            range: header("content-range").and_then(|text| content_range(&text)),
            etag: header("etag"),
        };
        // A redirect that is not followed, and an answer without content, have none.
        let nothing = || Blob::new().ok().map(|blob| blob.stream());
        let body = response.body().or_else(nothing).ok_or_else(no_answer)?;
        let n_bytes = length.map(|n_bytes| n_bytes as f64);
        Ok((head, Self { reader: Reader::new(&body), _connection: connection, n_bytes }))
    }

    /// Starts to read a picked file.
    pub fn from_blob(blob: &Blob) -> Self {
        Self { reader: Reader::new(&blob.stream()), _connection: None, n_bytes: Some(blob.size()) }
    }

    /// The next bytes, or `None` at the end; they hold until the next call.
    ///
    /// # Errors
    /// When the connection or the disk fails.
    pub async fn next_chunk(&mut self) -> Result<Option<Uint8Array>, FetchError> {
        let step = match &self.reader {
            Reader::Reusing { reader, buffer } => {
                JsFuture::from(reader.read_with_array_buffer_view(&Uint8Array::new(buffer)))
            }
            Reader::Allocating(reader) => JsFuture::from(reader.read()),
        };
        let Ok(step) = step.await else { return Err(FetchError::Broken) };
        let is_done = Reflect::get(&step, &"done".into()).is_ok_and(|done| done.is_truthy());
        if is_done {
            return Ok(None);
        }
        let Ok(value) = Reflect::get(&step, &"value".into()) else { return Err(FetchError::Broken) };
        let bytes: Uint8Array = value.unchecked_into();
        if let Reader::Reusing { buffer, .. } = &mut self.reader {
            *buffer = bytes.buffer(); // The same memory; reading moved it out of the old one.
        }
        Ok(Some(bytes))
    }

    /// Puts the next bytes into `buffer`, replacing what it held; `false` at the end.
    ///
    /// # Errors
    /// When the connection or the disk fails.
    pub async fn read_into(&mut self, buffer: &mut Vec<u8>) -> Result<bool, FetchError> {
        let Some(chunk) = self.next_chunk().await? else { return Ok(false) };
        buffer.resize(chunk.length() as usize, 0);
        chunk.copy_to(buffer);
        Ok(true)
    }
}

/// `false` when the browser knows that there is no connection.
pub fn is_online() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    Reflect::get(&navigator, &"onLine".into()).ok().and_then(|online| online.as_bool()).unwrap_or(true)
}

/// Whether a server answers a request whose answer this page may not read.
pub async fn is_there(url: &str) -> bool {
    let options = Object::new();
    let _connection = Connection::of(&options);
    for (name, value) in [("mode", "no-cors"), ("method", "HEAD")] {
        // Setting a property of a fresh object does not fail.
        let _set = Reflect::set(&options, &name.into(), &value.into());
    }
    fetch(url, &options).await.is_some()
}

/// The global `fetch`, on the page and in a worker alike.
async fn fetch(url: &str, options: &JsValue) -> Option<Response> {
    let fetch = Reflect::get(&js_sys::global(), &"fetch".into()).ok()?.dyn_into::<Function>().ok()?;
    let promise = fetch.call2(&JsValue::UNDEFINED, &url.into(), options).ok()?.dyn_into::<Promise>().ok()?;
    JsFuture::from(promise).await.ok().map(JsCast::unchecked_into)
}
