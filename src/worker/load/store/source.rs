//! The bytes of a kept file, from the disk where they are there and right, else from the server and onto the disk.

use std::{cell::RefCell, collections::BTreeMap, future::Future, rc::Rc};

use crate::{
    protocol::{Fault, FaultCode, Progress, Stage},
    shelf::{
        DiskError, Ledger, ShelfError, Verdict,
        reply::{MOST_TRIES, judge, pause_ms},
        sha256_hex,
    },
    weights::FileDigest,
    worker::{
        load::bytes::ByteSource,
        task::{Host, Task},
    },
};

use super::{
    Body, Broken, Disk, Web, disk_fault, shelf_fault,
    watch::{MOST_SILENT_MS, wait, watched},
};

/// The time between two looks at whether the connection is back, in milliseconds.
const LOOK_MS: u32 = 250;

/// What a person is told whose disk was full before the whole file was on it.
pub(super) const NO_ROOM: &str =
    "There is no room left in this browser, so the model is not wholly kept on this device.";

/// What the person should know in the end, shared with whoever tells them.
pub type Notes = Rc<RefCell<Vec<String>>>;

/// A file that is here, or on its way here.
#[derive(Debug)]
pub struct StoredSource<D, W: Web, H> {
    pub(super) ledger: Ledger,
    pub(super) disk: D,
    pub(super) web: W,
    pub(super) task: Task<H>,
    pub(super) notes: Notes,
    /// A reply under way, and the place of its next byte.
    pub(super) body: Option<(W::Body, u64)>,
    /// Bytes that came with ones that were passed over; they are the next ones.
    pending: Vec<u8>,
    /// The next byte to hand out.
    at: u64,
    /// Hash of the current chunk as far as it came.
    digest: FileDigest,
    /// The hashes of chunks that were here and turned out to be damaged.
    lost: BTreeMap<usize, String>,
    n_repaired: usize,
    is_writing: bool,
    n_failed: u32,
}

impl<D: Disk, W: Web, H: Host> StoredSource<D, W, H> {
    /// A file as its ledger says.
    pub fn new(ledger: Ledger, disk: D, web: W, task: Task<H>, notes: Notes) -> Self {
        Self {
            ledger,
            disk,
            web,
            task,
            notes,
            body: None,
            pending: Vec::new(),
            at: 0,
            digest: FileDigest::default(),
            lost: BTreeMap::new(),
            n_repaired: 0,
            is_writing: true,
            n_failed: 0,
        }
    }

    /// Takes a chunk from the disk; `false` when it is damaged.
    fn read_kept(&mut self, chunk: usize, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        let (start, end) = self.ledger.bounds(chunk);
        buffer.resize(usize::try_from(end - start).unwrap_or_default(), 0);
        let n_read = self.disk.read_at(start, buffer).map_err(|error| disk_fault(&error))?;
        if n_read == buffer.len() && self.ledger.sha256_of(chunk) == Some(&sha256_hex(buffer)) {
            self.at = end;
            return Ok(true);
        }
        // Where the file ends before this chunk, all that follow are gone too.
        let last = if n_read == 0 { self.ledger.n_chunks() } else { chunk + 1 };
        for chunk in chunk..last {
            if let Some(sha256) = self.ledger.sha256_of(chunk) {
                self.lost.insert(chunk, sha256.to_owned());
                let line = self.ledger.lost(chunk);
                self.append(&line)?;
            }
        }
        Ok(false)
    }

    /// Takes the next bytes from the server.
    async fn fetch(&mut self, buffer: &mut Vec<u8>) -> Result<(), Fault> {
        let (from, to) = self.ledger.missing_from(self.at).unwrap_or((self.at, self.ledger.facts().n_bytes));
        loop {
            let body = self.body.take().filter(|(_, at)| *at == from);
            let mut body = match body {
                Some((body, _)) => body,
                None => self.connect(from, to).await?,
            };
            let came = if self.pending.is_empty() {
                self.watched(body.next(buffer)).await?
            } else {
                *buffer = std::mem::take(&mut self.pending);
                Ok(true)
            };
            if came != Ok(true) {
                self.failed().await?;
                continue;
            }
            if !buffer.is_empty() {
                self.n_failed = 0;
            }
            let n_left = usize::try_from(to - from).unwrap_or(usize::MAX);
            let n_taken = buffer.len().min(n_left);
            buffer.truncate(n_taken);
            if n_taken < n_left {
                self.body = Some((body, from + n_taken as u64));
            } else {
                body.stop();
            }
            if n_taken > 0 {
                return Ok(());
            }
        }
    }

    /// Asks for the bytes from `from` to `to` until there is a reply that has them.
    async fn connect(&mut self, from: u64, to: u64) -> Result<W::Body, Fault> {
        let url = self.ledger.facts().url.clone();
        self.pending.clear();
        loop {
            let until = (to < self.ledger.facts().n_bytes).then_some(to);
            if let Ok((head, mut body)) = self.watched(self.web.get(&url, Some(from), until)).await? {
                match judge(&self.ledger, from, to, &head) {
                    Verdict::Read { skip } => {
                        if self.pass_over(&mut body, skip).await?.is_ok() {
                            return Ok(body);
                        }
                    }
                    Verdict::Changed => {
                        body.stop();
                        return Err(self.changed());
                    }
                    Verdict::Refused => {
                        body.stop();
                        return Err(shelf_fault(&ShelfError::from_status(&url, head.status)));
                    }
                    Verdict::Later => body.stop(),
                }
            }
            self.failed().await?;
        }
    }

    /// Reads bytes that were not asked for.
    async fn pass_over(&mut self, body: &mut W::Body, n_bytes: u64) -> Result<Result<(), Broken>, Fault> {
        let mut n_left = n_bytes;
        let mut buffer = Vec::new();
        while n_left > 0 {
            if self.watched(body.next(&mut buffer)).await? != Ok(true) {
                return Ok(Err(Broken));
            }
            let n_over = usize::try_from(n_left).unwrap_or(usize::MAX).min(buffer.len());
            n_left -= n_over as u64;
            self.pending = buffer.split_off(n_over);
        }
        Ok(Ok(()))
    }

    /// Waits for the server.
    async fn watched<T>(&self, work: impl Future<Output = T>) -> Result<T, Fault> {
        watched(&self.task, &self.ledger.facts().url, self.web.sleep(MOST_SILENT_MS), work).await
    }

    /// After a request that failed: waits, longer each time, or gives up.
    async fn failed(&mut self) -> Result<(), Fault> {
        self.task.check().await?;
        if !self.web.is_online() {
            self.tell(Stage::Offline);
            while !self.web.is_online() {
                wait(&self.task, self.web.sleep(LOOK_MS)).await?;
            }
            return Ok(());
        }
        self.n_failed += 1;
        if self.n_failed > MOST_TRIES {
            let url = self.ledger.facts().url.clone();
            return Err(shelf_fault(&ShelfError::GaveUp { url, n_tries: MOST_TRIES }));
        }
        wait(&self.task, self.web.sleep(pause_ms(self.n_failed))).await
    }

    fn tell(&self, stage: Stage) {
        let (done, total) = (self.at as f64, self.ledger.facts().n_bytes as f64);
        self.task.progress(Progress::of(stage, done, total));
    }

    /// Keeps bytes that came, chunk by chunk.
    fn keep(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let chunk = self.ledger.chunk_at(self.at);
            let (start, end) = self.ledger.bounds(chunk);
            if self.at == start {
                self.digest = FileDigest::default();
            }
            let n_bytes = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(rest.len());
            let (part, after) = rest.split_at(n_bytes);
            self.digest.push(part);
            if self.is_writing {
                let written = self.disk.write_at(self.at, part);
                self.written(written)?;
            }
            self.at += n_bytes as u64;
            rest = after;
            if self.at == end {
                let sha256 = std::mem::take(&mut self.digest).finish_hex();
                match self.lost.remove(&chunk) {
                    Some(before) if before != sha256 => return Err(self.changed()),
                    Some(_) => self.n_repaired += 1,
                    None => {}
                }
                let line = self.ledger.came(chunk, sha256);
                self.append(&line)?;
            }
        }
        Ok(())
    }

    fn append(&mut self, line: &str) -> Result<(), Fault> {
        if !self.is_writing {
            return Ok(());
        }
        let written = self.disk.append(line);
        self.written(written)
    }

    /// A full disk does not end the load: the rest is used and not kept.
    fn written(&mut self, result: Result<(), DiskError>) -> Result<(), Fault> {
        match result {
            Err(DiskError::Full) => {
                self.is_writing = false;
                self.notes.borrow_mut().push(NO_ROOM.to_owned());
                Ok(())
            }
            other => other.map_err(|error| disk_fault(&error)),
        }
    }

    /// The file on the server is another one: forgets what is here, so that the next load begins anew.
    fn changed(&self) -> Fault {
        match self.disk.clear() {
            Ok(()) => shelf_fault(&ShelfError::Changed { url: self.ledger.facts().url.clone() }),
            Err(error) => disk_fault(&error),
        }
    }
}

impl<D: Disk, W: Web, H: Host> ByteSource for StoredSource<D, W, H> {
    fn n_bytes(&self) -> Option<u64> {
        Some(self.ledger.facts().n_bytes)
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        if self.at >= self.ledger.facts().n_bytes {
            return Ok(false);
        }
        let chunk = self.ledger.chunk_at(self.at);
        let is_kept = self.at == self.ledger.bounds(chunk).0 && self.ledger.sha256_of(chunk).is_some();
        if is_kept && self.read_kept(chunk, buffer)? {
            return Ok(true);
        }
        self.fetch(buffer).await?;
        self.keep(buffer)?;
        Ok(true)
    }

    fn pause(&mut self) {
        if let Some((body, _)) = self.body.take() {
            body.stop();
        }
    }

    fn sha256(&self) -> Option<String> {
        self.ledger.whole_sha256().map(str::to_owned)
    }

    fn end(&mut self, sha256: &str) -> Result<(), Fault> {
        if self.n_repaired > 0 {
            let note = format!(
                "The model's file was damaged on this device; {} of its {} parts were fetched again.",
                self.n_repaired,
                self.ledger.n_chunks()
            );
            self.notes.borrow_mut().push(note);
        }
        let facts = self.ledger.facts();
        if let Some(promised) =
            facts.sha256.as_ref().filter(|promised| !promised.eq_ignore_ascii_case(sha256))
        {
            let message = format!(
                "{} has SHA-256 {sha256}, expected {promised}; load the model again or correct the hash",
                facts.url
            );
            self.disk.clear().map_err(|error| disk_fault(&error))?;
            return Err(Fault::new(FaultCode::HashMismatch, message));
        }
        if self.ledger.whole_sha256().is_some() {
            return Ok(());
        }
        let line = self.ledger.ended(sha256.to_owned());
        self.append(&line)
    }
}
