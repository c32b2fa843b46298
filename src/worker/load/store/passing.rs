//! The bytes of a file that is not kept, straight from its server.

use std::future::Future;

use crate::{
    protocol::{Fault, FaultCode},
    shelf::ShelfError,
    worker::{
        load::bytes::ByteSource,
        task::{Host, Task},
    },
};

use super::{
    Body, Web, shelf_fault,
    watch::{MOST_SILENT_MS, watched},
};

/// A file that is read once and not kept.
#[derive(Debug)]
pub struct PassingSource<W: Web, H> {
    web: W,
    task: Task<H>,
    url: String,
    /// Its length, where the server says.
    n_bytes: Option<u64>,
    /// The server's name for this version of it.
    etag: Option<String>,
    /// A reply under way.
    body: Option<W::Body>,
    /// The next byte to hand out.
    at: u64,
    /// Bytes that the reply sends again.
    n_again: u64,
}

impl<W: Web, H: Host> PassingSource<W, H> {
    /// A file from its first byte, with the reply that has begun to bring it.
    pub fn new(
        web: W,
        task: Task<H>,
        url: String,
        n_bytes: Option<u64>,
        etag: Option<String>,
        body: W::Body,
    ) -> Self {
        Self { web, task, url, n_bytes, etag, body: Some(body), at: 0, n_again: 0 }
    }

    /// Waits for the server.
    async fn watched<T>(&self, work: impl Future<Output = T>) -> Result<T, Fault> {
        watched(&self.task, &self.url, self.web.sleep(MOST_SILENT_MS), work).await
    }

    /// Asks for the rest, after a pause.
    async fn connect(&mut self) -> Result<W::Body, Fault> {
        let url = || self.url.clone();
        let asked = self.watched(self.web.get(&self.url, Some(self.at), None)).await?;
        let Ok((head, body)) = asked else {
            return Err(shelf_fault(&ShelfError::NoAnswer { url: url() }));
        };
        let is_same = self.etag.is_none() || head.etag == self.etag;
        let is_from_here = head.range.is_some_and(|(from, _)| from == self.at);
        match head.status {
            _ if !is_same => Err(ShelfError::Changed { url: url() }),
            206 if is_from_here => {
                self.n_again = 0;
                return Ok(body);
            }
            200 => {
                self.n_again = self.at;
                return Ok(body);
            }
            status => Err(ShelfError::from_status(&self.url, status)),
        }
        .map_err(|error| {
            body.stop();
            shelf_fault(&error)
        })
    }
}

impl<W: Web, H: Host> ByteSource for PassingSource<W, H> {
    fn n_bytes(&self) -> Option<u64> {
        self.n_bytes
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        if self.n_bytes == Some(self.at) {
            return Ok(false);
        }
        let mut body = match self.body.take() {
            Some(body) => body,
            None => self.connect().await?,
        };
        loop {
            match self.watched(body.next(buffer)).await? {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(_broken) => {
                    let message = format!("the connection to {} broke half-way; try again", self.url);
                    return Err(Fault::new(FaultCode::Unreachable, message));
                }
            }
            let n_again = usize::try_from(self.n_again).unwrap_or(usize::MAX).min(buffer.len());
            self.n_again -= n_again as u64;
            buffer.drain(..n_again);
            if !buffer.is_empty() {
                break;
            }
        }
        self.at += buffer.len() as u64;
        self.body = Some(body);
        Ok(true)
    }

    fn pause(&mut self) {
        if let Some(body) = self.body.take() {
            body.stop();
        }
    }
}
