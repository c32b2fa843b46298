//! Where the files of a model are, and what finds and opens them: the kept files, the network, the running job.

use std::future::Future;

use crate::{
    protocol::Fault,
    shelf::{ReplyHead, ShelfError},
    worker::task::{Host, Task},
};

use super::{
    Body, Files, Web, shelf_fault,
    source::Notes,
    watch::{MOST_SILENT_MS, watched},
};

/// The files that an address means.
#[derive(Clone, Debug)]
pub struct Found {
    /// As it was written in the address field.
    pub(super) address: String,
    /// The files' names; first the one with the weights, or the first part of them.
    pub(super) names: Vec<String>,
    /// Where each of them is.
    pub(super) ways: Vec<Way>,
}

/// Where a file is.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// Wholly in the store, under this name.
    Here(String),
    /// On a server, to be kept under this name.
    Keep(String, Place),
    /// On a server, not to be kept.
    Pass(Place),
}

/// Where a file comes from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) url: String,
    /// Size, where the Hub says.
    pub(super) n_bytes: Option<u64>,
    /// SHA-256, where the Hub or the caller says.
    pub(super) sha256: Option<String>,
}

/// Opens kept files and fetches new ones.
#[derive(Clone, Debug)]
pub struct Store<F, W, H> {
    /// The kept files.
    pub files: F,
    /// The network.
    pub web: W,
    /// The running job.
    pub task: Task<H>,
    /// What the person should know in the end.
    pub notes: Notes,
}

impl<F: Files, W: Web, H: Host + Clone> Store<F, W, H> {
    pub(super) async fn check_room(&self, needed: u64) -> Result<(), Fault> {
        match self.files.room().await {
            Some(free) if free < needed => Err(shelf_fault(&ShelfError::NoRoom { needed, free })),
            _ => Ok(()),
        }
    }

    pub(super) fn note(&self, text: &str) {
        self.notes.borrow_mut().push(text.to_owned());
    }

    /// A reply with bytes of a file, or why there is none.
    pub(super) async fn ask(
        &self,
        url: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<(ReplyHead, W::Body), Fault> {
        let (head, body) = self.reach(url, range).await?;
        match head.status {
            200 | 206 | 416 => Ok((head, body)),
            status => {
                body.stop();
                Err(shelf_fault(&ShelfError::from_status(url, status)))
            }
        }
    }

    /// A reply of any kind, or why there is none.
    pub(super) async fn reach(
        &self,
        url: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<(ReplyHead, W::Body), Fault> {
        let (from, to) = range.map_or((None, None), |(from, to)| (Some(from), to));
        if let Ok(reply) = self.watched(url, self.web.get(url, from, to)).await? {
            return Ok(reply);
        }
        let url = url.to_owned();
        Err(shelf_fault(&if !self.web.is_online() {
            ShelfError::Offline { url }
        } else if self.watched(&url, self.web.is_there(&url)).await? {
            ShelfError::Cors { url }
        } else {
            ShelfError::NoAnswer { url }
        }))
    }

    /// Waits for the server.
    pub(super) async fn watched<T>(&self, url: &str, work: impl Future<Output = T>) -> Result<T, Fault> {
        watched(&self.task, url, self.web.sleep(MOST_SILENT_MS), work).await
    }
}
