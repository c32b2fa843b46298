//! A disk and a network that fail when told to, for the tests.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::{pending, poll_fn},
    rc::Rc,
    task::Poll,
};

use super::{Body, Broken, Disk, Files, Web};
use crate::{
    protocol::FromWorker,
    shelf::{DiskError, ReplyHead},
    worker::task::Host,
};

/// One kept file.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptFile {
    pub(super) data: Vec<u8>,
    pub(super) ledger: String,
    pub(super) is_open: bool,
}

/// The kept files; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeFiles {
    pub(super) all: Rc<RefCell<BTreeMap<String, KeptFile>>>,
    pub(super) room: Rc<Cell<Option<u64>>>,
    pub(super) is_denied: Rc<Cell<bool>>,
    /// Most bytes of a file; past it the disk is full.
    pub(super) most_bytes: Rc<Cell<Option<usize>>>,
}

#[derive(Debug)]
pub(super) struct FakeDisk {
    files: FakeFiles,
    id: String,
}

impl Drop for FakeDisk {
    fn drop(&mut self) {
        if let Some(file) = self.files.all.borrow_mut().get_mut(&self.id) {
            file.is_open = false;
        }
    }
}

impl FakeDisk {
    fn with<T>(&self, act: impl FnOnce(&mut KeptFile) -> T) -> T {
        act(self.files.all.borrow_mut().get_mut(&self.id).expect("an open file is there"))
    }
}

impl Disk for FakeDisk {
    fn read_at(&self, at: u64, out: &mut [u8]) -> Result<usize, DiskError> {
        self.with(|file| {
            let rest = file.data.get(at as usize..).unwrap_or_default();
            let n_bytes = rest.len().min(out.len());
            out[..n_bytes].copy_from_slice(&rest[..n_bytes]);
            Ok(n_bytes)
        })
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let (at, end) = (at as usize, at as usize + bytes.len());
        if self.files.most_bytes.get().is_some_and(|most| end > most) {
            return Err(DiskError::Full);
        }
        self.with(|file| {
            let n_bytes = file.data.len().max(end);
            file.data.resize(n_bytes, 0);
            file.data[at..end].copy_from_slice(bytes);
            Ok(())
        })
    }

    fn ledger(&self) -> Result<String, DiskError> {
        Ok(self.with(|file| file.ledger.clone()))
    }

    fn append(&self, line: &str) -> Result<(), DiskError> {
        if self.files.most_bytes.get() == Some(0) {
            return Err(DiskError::Full);
        }
        self.with(|file| file.ledger += line);
        Ok(())
    }

    fn clear(&self) -> Result<(), DiskError> {
        self.with(|file| *file = KeptFile { is_open: true, ..KeptFile::default() });
        Ok(())
    }
}

impl Files for FakeFiles {
    type Disk = FakeDisk;

    async fn ledgers(&self) -> Result<Vec<(String, String)>, DiskError> {
        if self.is_denied.get() {
            return Err(DiskError::Unavailable);
        }
        Ok(self.all.borrow().iter().map(|(id, file)| (id.clone(), file.ledger.clone())).collect())
    }

    async fn open(&self, id: &str) -> Result<FakeDisk, DiskError> {
        let mut all = self.all.borrow_mut();
        let file = all.entry(id.to_owned()).or_default();
        if file.is_open {
            return Err(DiskError::InUse);
        }
        file.is_open = true;
        Ok(FakeDisk { files: self.clone(), id: id.to_owned() })
    }

    async fn remove(&self, id: &str) -> Result<(), DiskError> {
        let is_open = self.all.borrow().get(id).is_some_and(|file| file.is_open);
        if is_open {
            return Err(DiskError::InUse);
        }
        self.all.borrow_mut().remove(id);
        Ok(())
    }

    async fn room(&self) -> Option<u64> {
        self.room.get()
    }
}

/// What a server does; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeWeb {
    pub(super) server: Rc<RefCell<Server>>,
}

/// A server of one file at every address but those of `others`, and of a Hub's list.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) file: Vec<u8>,
    /// Files by address.
    pub(super) others: BTreeMap<String, Vec<u8>>,
    pub(super) etag: Option<String>,
    pub(super) status: u16,
    pub(super) list: Option<String>,
    pub(super) has_ranges: bool,
    pub(super) is_reachable: bool,
    pub(super) is_cors: bool,
    /// How many looks the browser says that it is offline for.
    pub(super) n_offline: u32,
    /// After how many bytes the next replies break, first one last.
    pub(super) cuts: Vec<usize>,
    /// Ranges of the files that were handed out, whole requests.
    pub(super) sent: Vec<(usize, usize)>,
    /// The address of each of them.
    pub(super) sent_of: Vec<String>,
    /// Replies that are still open.
    pub(super) n_open: usize,
    pub(super) asked: Vec<String>,
    pub(super) slept_ms: u32,
    /// Replies bring so many bytes and then nothing, without an end.
    pub(super) stalls_after: Option<usize>,
    /// No request is answered, none fails.
    pub(super) is_silent: bool,
    /// No time passes.
    pub(super) is_timeless: bool,
    /// Done once while somebody sleeps.
    pub(super) on_sleep: Option<fn(&FakeFiles)>,
    pub(super) files: FakeFiles,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            file: Vec::new(),
            others: BTreeMap::new(),
            etag: Some("\"1\"".to_owned()),
            status: 200,
            list: None,
            has_ranges: true,
            is_reachable: true,
            is_cors: false,
            n_offline: 0,
            cuts: Vec::new(),
            sent: Vec::new(),
            sent_of: Vec::new(),
            n_open: 0,
            asked: Vec::new(),
            slept_ms: 0,
            stalls_after: None,
            is_silent: false,
            is_timeless: false,
            on_sleep: None,
            files: FakeFiles::default(),
        }
    }
}

/// Bytes of one piece of a body.
const PIECE: usize = 300_000;

#[derive(Debug)]
pub(super) struct FakeBody {
    server: Rc<RefCell<Server>>,
    bytes: Vec<u8>,
    at: usize,
    cut: Option<usize>,
    /// The entry of [`Server::sent`] that grows, unless it is no body of the file.
    entry: Option<usize>,
}

impl Drop for FakeBody {
    fn drop(&mut self) {
        if self.entry.is_some() {
            self.server.borrow_mut().n_open -= 1;
        }
    }
}

impl Body for FakeBody {
    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Broken> {
        let stall = self.server.borrow().stalls_after;
        if stall.is_some_and(|stall| self.at >= stall) {
            pending::<()>().await;
        }
        let end = (self.at + PIECE).min(self.bytes.len()).min(self.cut.unwrap_or(usize::MAX));
        if end == self.at {
            return if self.cut == Some(end) { Err(Broken) } else { Ok(false) };
        }
        buffer.clear();
        buffer.extend_from_slice(&self.bytes[self.at..end]);
        if let Some(entry) = self.entry {
            self.server.borrow_mut().sent[entry].1 += end - self.at;
        }
        self.at = end;
        Ok(true)
    }

    fn stop(self) {}
}

impl Web for FakeWeb {
    type Body = FakeBody;

    async fn get(
        &self,
        url: &str,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<(ReplyHead, FakeBody), Broken> {
        if self.server.borrow().is_silent {
            pending::<()>().await;
        }
        let mut server = self.server.borrow_mut();
        server.asked.push(url.to_owned());
        if !server.is_reachable || server.is_cors || server.n_offline > 0 {
            return Err(Broken);
        }
        let body = |bytes: Vec<u8>, cut, entry| FakeBody {
            server: Rc::clone(&self.server),
            bytes,
            at: 0,
            cut,
            entry,
        };
        if let Some(list) = server.list.clone().filter(|_| url.contains("/api/models/")) {
            return Ok((
                ReplyHead { status: 200, ..ReplyHead::default() },
                body(list.into_bytes(), None, None),
            ));
        }
        if server.status != 200 {
            return Ok((
                ReplyHead { status: server.status, ..ReplyHead::default() },
                body(Vec::new(), None, None),
            ));
        }
        let file = server.others.get(url).unwrap_or(&server.file).clone();
        let total = file.len() as u64;
        let from_there = from.filter(|_| server.has_ranges);
        let start = from_there.unwrap_or(0) as usize;
        let end = to.filter(|_| server.has_ranges).unwrap_or(total) as usize;
        if start >= file.len() && start > 0 {
            return Ok((ReplyHead { status: 416, ..ReplyHead::default() }, body(Vec::new(), None, None)));
        }
        let bytes = file[start..end].to_vec();
        server.sent.push((start, start));
        server.sent_of.push(url.to_owned());
        server.n_open += 1;
        let head = ReplyHead {
            status: if from_there.is_some() { 206 } else { 200 },
            n_bytes: Some(bytes.len() as u64),
            range: from_there.map(|from| (from, Some(total))),
            etag: server.etag.clone(),
        };
        let (cut, entry) = (server.cuts.pop(), Some(server.sent.len() - 1));
        Ok((head, body(bytes, cut, entry)))
    }

    async fn is_there(&self, _url: &str) -> bool {
        self.server.borrow().is_cors
    }

    fn is_online(&self) -> bool {
        let mut server = self.server.borrow_mut();
        server.n_offline = server.n_offline.saturating_sub(1);
        server.n_offline == 0
    }

    async fn sleep(&self, ms: u32) {
        if self.server.borrow().is_timeless {
            pending::<()>().await;
        }
        let (act, files) = {
            let mut server = self.server.borrow_mut();
            server.slept_ms += ms;
            (server.on_sleep.take(), server.files.clone())
        };
        if let Some(act) = act {
            act(&files);
        }
    }
}

/// A page that keeps what it is told and cancels when told to.
#[derive(Debug, Default)]
pub(super) struct FakeHost {
    pub(super) sent: RefCell<Vec<FromWorker>>,
    pub(super) is_cancelled: Cell<bool>,
}

impl Host for FakeHost {
    fn send(&self, message: FromWorker) {
        self.sent.borrow_mut().push(message);
    }

    fn now_ms(&self) -> f64 {
        0.0
    }

    async fn breathe(&self) {}

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    async fn cancelled(&self) {
        poll_fn(|_| if self.is_cancelled() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}
