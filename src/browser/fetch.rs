//! Bytes from an address or a picked file, chunk by chunk; the whole is never held.

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, ReadableStream, ReadableStreamByobReader, ReadableStreamDefaultReader,
    ReadableStreamGetReaderOptions, ReadableStreamReaderMode, Response,
};

/// Most bytes of one chunk read into our own buffer.
const CHUNK: u32 = 1 << 20;

/// A stream of bytes with its length where it is known.
#[derive(Debug)]
pub struct ByteStream {
    reader: Reader,
    /// Total bytes; `None` when the server does not say, or compresses.
    pub n_bytes: Option<f64>,
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
            .and_then(|get| get.dyn_into::<js_sys::Function>().ok())
            .and_then(|get| get.call1(stream, &options).ok());
        match reusing {
            Some(reader) => {
                Self::Reusing { reader: reader.unchecked_into(), buffer: ArrayBuffer::new(CHUNK) }
            }
            None => Self::Allocating(stream.get_reader().unchecked_into()),
        }
    }
}

/// Why bytes did not come, for the person.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The request failed before an answer came.
    #[error(
        "{url} could not be reached: check the address and the connection, and that the server lets this page read it (CORS)"
    )]
    NoAnswer {
        /// The address.
        url: String,
    },
    /// The server said no.
    #[error(
        "{url} answered with status {status}: check the address, or sign in where the file is and download it, then open it from disk"
    )]
    Status {
        /// The address.
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
        let no_answer = || FetchError::NoAnswer { url: url.to_owned() };
        let fetch = Reflect::get(&js_sys::global(), &"fetch".into())
            .ok()
            .and_then(|fetch| fetch.dyn_into::<js_sys::Function>().ok())
            .ok_or_else(no_answer)?;
        let promise = fetch
            .call1(&JsValue::UNDEFINED, &url.into())
            .ok()
            .and_then(|promise| promise.dyn_into::<js_sys::Promise>().ok())
            .ok_or_else(no_answer)?;
        let Ok(response) = JsFuture::from(promise).await else { return Err(no_answer()) };
        let response: Response = response.unchecked_into();
        if !response.ok() {
            return Err(FetchError::Status { url: url.to_owned(), status: response.status() });
        }
        let headers = response.headers();
        let is_encoded = headers.get("content-encoding").ok().flatten().is_some();
        let length = headers.get("content-length").ok().flatten().and_then(|text| text.parse().ok());
        let body = response.body().ok_or_else(no_answer)?;
        Ok(Self { reader: Reader::new(&body), n_bytes: length.filter(|_| !is_encoded) })
    }

    /// Starts to read a picked file.
    pub fn from_blob(blob: &Blob) -> Self {
        Self { reader: Reader::new(&blob.stream()), n_bytes: Some(blob.size()) }
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

    /// Stops reading and frees the connection.
    pub fn stop(self) {
        let _promise = match self.reader {
            Reader::Reusing { reader, .. } => reader.cancel(),
            Reader::Allocating(reader) => reader.cancel(),
        };
    }
}
