//! Where the files of a model come from: the page's own server, an address, or the disk.

use std::future::Future;

use web_sys::Blob;

use crate::{
    browser::{
        clock,
        fetch::{ByteStream, FetchError},
        opfs::{KeptFile, KeptFiles},
    },
    protocol::{Fault, FaultCode},
    worker::task::{Host, Task},
};

use super::{
    bytes::ByteSource,
    files::ModelFiles,
    store::{
        browser::Network,
        open::{Opened, StoredFiles},
        watch::{MOST_SILENT_MS, watched},
    },
};

/// The files of a model, wherever they are.
pub(crate) enum Files<H: Host> {
    /// One that ships with the page.
    Page { names: Vec<String>, task: Task<H> },
    /// Of an address.
    Stored(Box<StoredFiles<KeptFiles, Network, H>>),
    /// Picked or dropped, or made by a script.
    Picked { names: Vec<String>, blobs: Vec<Blob> },
}

impl<H: Host + Clone> ModelFiles for Files<H> {
    type Source = Source<H>;

    fn names(&self) -> &[String] {
        match self {
            Self::Page { names, .. } | Self::Picked { names, .. } => names,
            Self::Stored(files) => files.names(),
        }
    }

    async fn open(&mut self, idx: usize) -> Result<Source<H>, Fault> {
        let gone = || Fault::new(FaultCode::Internal, format!("the model has no file number {idx}"));
        match self {
            Self::Page { names, task } => {
                let url = names.get(idx).ok_or_else(gone)?;
                let stream = of_page(task, url, ByteStream::from_url(url)).await?;
                let stream = stream.map_err(|error| fetch_fault(&error))?;
                Ok(Source::Page { stream, url: url.clone(), task: task.clone() })
            }
            Self::Stored(files) => files.open(idx).await.map(Source::Stored),
            Self::Picked { blobs, .. } => {
                Ok(Source::Picked(ByteStream::from_blob(blobs.get(idx).ok_or_else(gone)?)))
            }
        }
    }
}

/// Where the bytes of a file come from.
pub(crate) enum Source<H: Host> {
    /// A file that ships with the page.
    Page { stream: ByteStream, url: String, task: Task<H> },
    /// A picked file.
    Picked(ByteStream),
    /// An address.
    Stored(Opened<KeptFile, Network, H>),
}

impl<H: Host> ByteSource for Source<H> {
    fn n_bytes(&self) -> Option<u64> {
        match self {
            Self::Page { stream, .. } | Self::Picked(stream) => stream.n_bytes.map(|n_bytes| n_bytes as u64),
            Self::Stored(source) => source.n_bytes(),
        }
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        match self {
            Self::Page { stream, url, task } => {
                let read = of_page(task, url, stream.read_into(buffer)).await?;
                read.map_err(|error| fetch_fault(&error))
            }
            Self::Picked(stream) => stream.read_into(buffer).await.map_err(|error| fetch_fault(&error)),
            Self::Stored(source) => source.next(buffer).await,
        }
    }

    fn sha256(&self) -> Option<String> {
        match self {
            Self::Page { .. } | Self::Picked(_) => None,
            Self::Stored(source) => source.sha256(),
        }
    }

    fn pause(&mut self) {
        match self {
            // A file on the disk needs no connection, and the page's own is read at once.
            Self::Page { .. } | Self::Picked(_) => {}
            Self::Stored(source) => source.pause(),
        }
    }

    fn end(&mut self, sha256: &str) -> Result<(), Fault> {
        match self {
            Self::Page { .. } | Self::Picked(_) => Ok(()),
            Self::Stored(source) => source.end(sha256),
        }
    }
}

/// Waits for the page's own server.
async fn of_page<T, H: Host>(task: &Task<H>, url: &str, work: impl Future<Output = T>) -> Result<T, Fault> {
    watched(task, url, clock::sleep(MOST_SILENT_MS), work).await
}

fn fetch_fault(error: &FetchError) -> Fault {
    Fault::new(FaultCode::Unreachable, error.to_string())
}
