//! The files of a model that was found, opened: from the store, or straight from a server.

use std::{cell::RefCell, rc::Rc};

use crate::{
    protocol::{Fault, FaultCode, LoadRequest, Progress, Stage},
    shelf::{DiskError, Facts, Ledger, Verdict, reply::judge},
    worker::{
        load::{bytes::ByteSource, files::ModelFiles},
        task::Host,
    },
};

use super::{
    Body, Disk, Files, Web, disk_fault,
    found::{Found, Place, Store, Way},
    passing::PassingSource,
    source::{NO_ROOM, Notes, StoredSource},
    watch::wait,
};

/// The time between two looks at whether another tab has let go of a file, in milliseconds.
const LOOK_MS: u32 = 500;

/// A file that can be read.
#[derive(Debug)]
pub enum Opened<D, W: Web, H> {
    /// From the store.
    Stored {
        /// Its bytes.
        source: Box<StoredSource<D, W, H>>,
        /// Its name in the store.
        id: String,
        /// Whether all of it was here before.
        was_complete: bool,
    },
    /// Straight from the server, nothing kept.
    Passing(Box<PassingSource<W, H>>),
}

/// The files of one model, each kept or fetched on its own.
#[derive(Debug)]
pub struct StoredFiles<F, W, H> {
    store: Store<F, W, H>,
    found: Found,
    /// Names in the store of the files that were not wholly there, for whoever finds that they are no model.
    pub new_ids: Rc<RefCell<Vec<String>>>,
}

type OpenedBy<F, W, H> = Opened<<F as Files>::Disk, W, H>;

impl<F: Files, W: Web, H: Host + Clone> StoredFiles<F, W, H> {
    /// Finds the files of a request for an address.
    ///
    /// # Errors
    /// When the address means nothing, the server refuses, or there is no room.
    pub async fn find(store: Store<F, W, H>, request: &LoadRequest) -> Result<Self, Fault> {
        let found = store.find(request).await?;
        Ok(Self { store, found, new_ids: Rc::default() })
    }
}

impl<F: Files, W: Web, H: Host + Clone> ModelFiles for StoredFiles<F, W, H> {
    type Source = OpenedBy<F, W, H>;

    fn names(&self) -> &[String] {
        &self.found.names
    }

    async fn open(&mut self, idx: usize) -> Result<OpenedBy<F, W, H>, Fault> {
        let opened = self.store.open(&self.found, idx).await?;
        if let Opened::Stored { id, was_complete: false, .. } = &opened {
            self.new_ids.borrow_mut().push(id.clone());
        }
        Ok(opened)
    }
}

impl<F: Files, W: Web, H: Host + Clone> Store<F, W, H> {
    /// Opens one of the files that were found.
    ///
    /// # Errors
    /// When the server refuses, there is no room, or the job is cancelled.
    pub async fn open(&self, found: &Found, idx: usize) -> Result<OpenedBy<F, W, H>, Fault> {
        match found.ways.get(idx) {
            Some(Way::Here(id)) => self.open_kept(id, None).await,
            Some(Way::Keep(id, place)) => self.open_kept(id, Some((found, place))).await,
            Some(Way::Pass(place)) => self.pass(place).await,
            None => Err(Fault::new(FaultCode::Internal, format!("the model has no file number {idx}"))),
        }
    }

    /// Opens a file of the store. Without a place it must be complete.
    async fn open_kept(&self, id: &str, place: Option<(&Found, &Place)>) -> Result<OpenedBy<F, W, H>, Fault> {
        let disk = match (self.lock(id).await?, place) {
            (Ok(disk), _) => disk,
            (Err(DiskError::Full), Some((_, place))) => {
                self.note(NO_ROOM);
                return self.pass(place).await;
            }
            (Err(error), _) => return Err(disk_fault(&error)),
        };
        let is_new = disk.ledger().map_err(|error| disk_fault(&error))?.is_empty();
        let opened = self.open_locked(disk, id, place).await;
        if is_new && !matches!(opened, Ok(Opened::Stored { .. })) {
            // Nothing of it is kept, so no empty file stays; whether that could be removed changes nothing.
            let _removed = self.files.remove(id).await;
        }
        opened
    }

    /// Opens a file that no other tab has open.
    async fn open_locked(
        &self,
        disk: F::Disk,
        id: &str,
        place: Option<(&Found, &Place)>,
    ) -> Result<OpenedBy<F, W, H>, Fault> {
        let ledger = Ledger::parse(&disk.ledger().map_err(|error| disk_fault(&error))?);
        let promised = place.and_then(|(_, place)| place.sha256.as_deref());
        // It may have come whole in another tab while this one waited; another version of it is not what is wanted.
        let is_it = |ledger: &&Ledger| {
            let whole = ledger.whole_sha256().filter(|_| ledger.is_complete());
            whole.is_some_and(|whole| promised.is_none_or(|promised| whole == promised))
        };
        let was_complete = ledger.as_ref().filter(is_it).is_some();
        let id = id.to_owned();
        let stored = |source| Opened::Stored { source: Box::new(source), id, was_complete };
        let Some((found, place)) = place.filter(|_| !was_complete) else {
            let Some(ledger) = ledger else {
                let message = "the model was deleted meanwhile; load it again";
                return Err(Fault::new(FaultCode::Unreachable, message));
            };
            return Ok(stored(self.source(ledger, disk)));
        };
        let mut disk = disk;
        if let Some(ledger) = ledger.filter(|ledger| ledger.bytes_here() > 0) {
            let mut source = self.source(ledger, disk);
            if self.go_on(&mut source, place).await? {
                return Ok(stored(source));
            }
            disk = source.disk;
        }
        let (head, body) = self.ask(&place.url, None).await?;
        let Some(n_bytes) = head.n_bytes.or(place.n_bytes) else {
            self.note("The server does not say how long the file is, so it is not kept on this device.");
            return Ok(self.passing_source(place, None, head.etag, body));
        };
        if let Err(fault) = self.check_room(n_bytes).await {
            body.stop();
            return Err(fault);
        }
        let is_alone = found.names.len() == 1;
        let facts = Facts {
            address: found.address.clone(),
            name: place.name.clone(),
            url: place.url.clone(),
            n_bytes,
            etag: head.etag,
            sha256: place.sha256.clone(),
            files: if is_alone { Vec::new() } else { found.names.clone() },
        };
        let ledger = Ledger::new(facts);
        match disk.clear().and_then(|()| disk.append(&ledger.first_line())) {
            Ok(()) => {}
            Err(DiskError::Full) => {
                self.note(NO_ROOM);
                let etag = ledger.facts().etag.clone();
                return Ok(self.passing_source(place, Some(n_bytes), etag, body));
            }
            Err(error) => return Err(disk_fault(&error)),
        }
        let mut source = self.source(ledger, disk);
        source.body = Some((body, 0));
        Ok(stored(source))
    }

    /// Goes on with a download; `false` when the file on the server is another one by now.
    async fn go_on(&self, source: &mut StoredSource<F::Disk, W, H>, place: &Place) -> Result<bool, Fault> {
        let facts = source.ledger.facts();
        let is_promised = place.sha256.is_none() || facts.sha256.is_none() || facts.sha256 == place.sha256;
        let Some((from, _)) = source.ledger.missing_from(0).filter(|_| is_promised) else {
            return Ok(is_promised);
        };
        self.check_room(facts.n_bytes - source.ledger.bytes_here()).await?;
        // The kept chunks come first, and meanwhile a connection would fill the buffers on its way, for nothing: so one byte.
        let (head, body) = self.ask(&place.url, Some((from, Some(from + 1)))).await?;
        body.stop();
        let is_same = matches!(judge(&source.ledger, from, from + 1, &head), Verdict::Read { .. });
        if !is_same {
            self.note(
                "The file on the server has changed since the download began, so it was fetched again.",
            );
        }
        Ok(is_same)
    }

    /// Waits until no other tab has the file open.
    async fn lock(&self, id: &str) -> Result<Result<F::Disk, DiskError>, Fault> {
        loop {
            match self.files.open(id).await {
                Err(DiskError::InUse) => {
                    self.task.progress(Progress::of(Stage::Queue, 0.0, 0.0));
                    wait(&self.task, self.web.sleep(LOOK_MS)).await?;
                }
                opened => return Ok(opened),
            }
        }
    }

    /// Reads a file without keeping it.
    async fn pass(&self, place: &Place) -> Result<OpenedBy<F, W, H>, Fault> {
        let (head, body) = self.ask(&place.url, None).await?;
        let n_bytes = head.n_bytes.or(place.n_bytes);
        Ok(self.passing_source(place, n_bytes, head.etag, body))
    }

    fn passing_source(
        &self,
        place: &Place,
        n_bytes: Option<u64>,
        etag: Option<String>,
        body: W::Body,
    ) -> OpenedBy<F, W, H> {
        let (web, task) = (self.web.clone(), self.task.clone());
        Opened::Passing(Box::new(PassingSource::new(web, task, place.url.clone(), n_bytes, etag, body)))
    }

    fn source(&self, ledger: Ledger, disk: F::Disk) -> StoredSource<F::Disk, W, H> {
        let (web, task) = (self.web.clone(), self.task.clone());
        StoredSource::new(ledger, disk, web, task, Notes::clone(&self.notes))
    }
}

impl<D: Disk, W: Web, H: Host> ByteSource for Opened<D, W, H> {
    fn n_bytes(&self) -> Option<u64> {
        match self {
            Self::Stored { source, .. } => source.n_bytes(),
            Self::Passing(source) => source.n_bytes(),
        }
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        match self {
            Self::Stored { source, .. } => source.next(buffer).await,
            Self::Passing(source) => source.next(buffer).await,
        }
    }

    fn sha256(&self) -> Option<String> {
        match self {
            Self::Stored { source, .. } => source.sha256(),
            Self::Passing(source) => source.sha256(),
        }
    }

    fn pause(&mut self) {
        match self {
            Self::Stored { source, .. } => source.pause(),
            Self::Passing(source) => source.pause(),
        }
    }

    fn end(&mut self, sha256: &str) -> Result<(), Fault> {
        match self {
            Self::Stored { source, .. } => source.end(sha256),
            Self::Passing(source) => source.end(sha256),
        }
    }
}
