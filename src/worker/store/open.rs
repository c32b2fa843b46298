//! From an address to a file whose bytes can be read: one that is here, else one that a server has.

use crate::{
    protocol::{Fault, FaultCode, FromWorker, JobId, LoadRequest, ModelSource, Progress, Stage},
    shelf::{
        Address, DiskError, Facts, Ledger, ReplyHead, ShelfError, Verdict, address::HUB, hub, reply::judge,
        sha256_hex,
    },
};

use super::{
    super::host::Host,
    Body, Disk, Files, Web, disk_fault, shelf_fault,
    source::{Notes, StoredSource},
};

/// The time between two looks at whether another tab has let go of a file, in milliseconds.
const LOOK_MS: u32 = 500;
/// Most bytes of a Hub repository's list of files.
const MOST_LIST_BYTES: usize = 16 << 20;

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
    Passing {
        /// Its bytes.
        body: W::Body,
        /// Its length, where the server says.
        n_bytes: Option<u64>,
    },
}

/// Opens kept files and fetches new ones.
#[derive(Clone, Debug)]
pub struct Store<F, W, H> {
    /// The kept files.
    pub files: F,
    /// The network.
    pub web: W,
    /// The world of the running job.
    pub host: H,
    /// The job.
    pub job: JobId,
    /// What the person should know in the end.
    pub notes: Notes,
}

/// Where a file comes from.
struct Place {
    url: String,
    /// Size, where the Hub says.
    n_bytes: Option<u64>,
    /// SHA-256, where the Hub or the caller says.
    sha256: Option<String>,
}

type OpenedBy<F, W, H> = Opened<<F as Files>::Disk, W, H>;

impl<F: Files, W: Web, H: Host + Clone> Store<F, W, H> {
    /// Opens the file of a request for an address.
    ///
    /// # Errors
    /// When the address means nothing, the server refuses, there is no room, or the job is cancelled.
    pub async fn open(&self, request: &LoadRequest) -> Result<OpenedBy<F, W, H>, Fault> {
        let ModelSource::Url { url: address, sha256 } = &request.source else {
            return Err(shelf_fault(&ShelfError::NotAnAddress { text: String::new() }));
        };
        let sha256 = sha256.as_ref().map(|hash| hash.to_ascii_lowercase());
        if sha256
            .as_ref()
            .is_some_and(|hash| hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            return Err(Fault::new(
                FaultCode::BadInput,
                "a SHA-256 is 64 hexadecimal digits; correct the hash",
            ));
        }
        let kept = match self.files.ledgers().await {
            Ok(kept) => kept,
            Err(error) if request.keep => {
                return self.pass(request, address, sha256.clone(), Some(&error)).await;
            }
            Err(_) => Vec::new(),
        };
        let ledgers: Vec<(String, Ledger)> =
            kept.into_iter().filter_map(|(id, text)| Some((id, Ledger::parse(&text)?))).collect();
        let is_it = |ledger: &Ledger| match (&sha256, ledger.whole_sha256()) {
            (Some(wanted), whole) => whole == Some(wanted),
            (None, _) => ledger.facts().address == *address,
        };
        // What is wholly here is used as it is, so that it works offline.
        if let Some((id, _)) = ledgers.iter().find(|(_, ledger)| ledger.is_complete() && is_it(ledger)) {
            return self.open_kept(id, None).await;
        }
        if !request.keep {
            return self.pass(request, address, sha256.clone(), None).await;
        }
        let place = match self.locate(request, address, sha256.clone()).await {
            Ok(place) => place,
            Err(fault) => {
                // The Hub does not say which file it is; a download under way still knows.
                let begun = ledgers.iter().find(|(_, ledger)| ledger.facts().address == *address);
                let Some((_, ledger)) = begun.filter(|_| fault.code == FaultCode::Unreachable) else {
                    return Err(fault);
                };
                let facts = ledger.facts();
                Place { url: facts.url.clone(), n_bytes: Some(facts.n_bytes), sha256: facts.sha256.clone() }
            }
        };
        let same_bytes = |ledger: &Ledger| {
            ledger.whole_sha256().is_some() && ledger.whole_sha256() == place.sha256.as_deref()
        };
        if let Some((id, _)) = ledgers.iter().find(|(_, ledger)| ledger.is_complete() && same_bytes(ledger)) {
            return self.open_kept(id, None).await;
        }
        let id = place.sha256.clone().unwrap_or_else(|| sha256_hex(place.url.as_bytes()));
        self.open_kept(&id, Some((address, place))).await
    }

    /// Opens a file of the store. Without a place it must be complete.
    async fn open_kept(&self, id: &str, place: Option<(&str, Place)>) -> Result<OpenedBy<F, W, H>, Fault> {
        let disk = self.lock(id).await?;
        let is_new = disk.ledger().map_err(|error| disk_fault(&error))?.is_empty();
        let opened = self.open_locked(disk, id, place).await;
        if opened.is_err() && is_new {
            // Nothing of it came, so nothing of it stays; the reason it did not come is what counts.
            let _removed = self.files.remove(id).await;
        }
        opened
    }

    /// Opens a file that no other tab has open.
    async fn open_locked(
        &self,
        disk: F::Disk,
        id: &str,
        place: Option<(&str, Place)>,
    ) -> Result<OpenedBy<F, W, H>, Fault> {
        let ledger = Ledger::parse(&disk.ledger().map_err(|error| disk_fault(&error))?);
        // It may have come whole in another tab while this one waited.
        let complete =
            ledger.as_ref().filter(|ledger| ledger.is_complete() && ledger.whole_sha256().is_some());
        let was_complete = complete.is_some();
        let id = id.to_owned();
        let stored = |source| Opened::Stored { source: Box::new(source), id, was_complete };
        let Some((address, place)) = place.filter(|_| !was_complete) else {
            let Some(ledger) = ledger else {
                let message = "the model was deleted meanwhile; load it again";
                return Err(Fault::new(FaultCode::Unreachable, message));
            };
            return Ok(stored(self.source(ledger, disk)));
        };
        let mut disk = disk;
        if let Some(ledger) = ledger.filter(|ledger| ledger.bytes_here() > 0) {
            let mut source = self.source(ledger, disk);
            if self.go_on(&mut source, &place).await? {
                return Ok(stored(source));
            }
            disk = source.disk;
        }
        let (head, body) = self.ask(&place.url, None).await?;
        let Some(n_bytes) = head.n_bytes.or(place.n_bytes) else {
            self.note("The server does not say how long the file is, so it is not kept on this device.");
            return Ok(Opened::Passing { body, n_bytes: None });
        };
        if let Err(fault) = self.check_room(n_bytes).await {
            body.stop();
            return Err(fault);
        }
        let facts = Facts {
            address: address.to_owned(),
            name: file_name(&place.url),
            url: place.url,
            n_bytes,
            etag: head.etag,
            sha256: place.sha256,
        };
        let ledger = Ledger::new(facts);
        disk.clear().and_then(|()| disk.append(&ledger.first_line())).map_err(|error| disk_fault(&error))?;
        let mut source = self.source(ledger, disk);
        source.body = Some((body, 0));
        Ok(stored(source))
    }

    /// Goes on with a download; `false` when the file on the server is another one by now.
    async fn go_on(&self, source: &mut StoredSource<F::Disk, W, H>, place: &Place) -> Result<bool, Fault> {
        let facts = source.ledger.facts();
        let is_promised = place.sha256.is_none() || facts.sha256.is_none() || facts.sha256 == place.sha256;
        let Some((from, to)) = source.ledger.missing_from(0).filter(|_| is_promised) else {
            return Ok(is_promised);
        };
        self.check_room(facts.n_bytes - source.ledger.bytes_here()).await?;
        let until = (to < facts.n_bytes).then_some(to);
        let (head, body) = self.ask(&place.url, Some((from, until))).await?;
        if !matches!(judge(&source.ledger, from, to, &head), Verdict::Read { .. }) {
            body.stop();
            self.note("The file on the server has changed since the download began, so it was fetched anew.");
            return Ok(false);
        }
        // The kept chunks come first, and meanwhile an open connection would fill the browser's buffers.
        body.stop();
        Ok(true)
    }

    /// Waits until no other tab has the file open.
    async fn lock(&self, id: &str) -> Result<F::Disk, Fault> {
        loop {
            match self.files.open(id).await {
                Err(DiskError::InUse) => {
                    let progress = Progress { stage: Stage::Queue, ..Progress::default() };
                    self.host.send(FromWorker::Progress { job: self.job, progress });
                    self.web.sleep(LOOK_MS).await;
                    self.host.check().await?;
                }
                opened => return opened.map_err(|error| disk_fault(&error)),
            }
        }
    }

    /// Reads a file without keeping it.
    async fn pass(
        &self,
        request: &LoadRequest,
        address: &str,
        sha256: Option<String>,
        why: Option<&DiskError>,
    ) -> Result<OpenedBy<F, W, H>, Fault> {
        let place = self.locate(request, address, sha256).await?;
        let (head, body) = self.ask(&place.url, None).await?;
        if let Some(error) = why {
            self.note(&format!("The model is not kept on this device: {error}."));
        }
        Ok(Opened::Passing { body, n_bytes: head.n_bytes.or(place.n_bytes) })
    }

    /// Which file of which server an address means.
    async fn locate(
        &self,
        request: &LoadRequest,
        address: &str,
        sha256: Option<String>,
    ) -> Result<Place, Fault> {
        let hub_address = match Address::parse(address).map_err(|error| shelf_fault(&error))? {
            Address::Url(url) | Address::Page(url) => return Ok(Place { url, n_bytes: None, sha256 }),
            Address::Hub(hub_address) => hub_address,
        };
        let hub = request.hub.as_deref().unwrap_or(HUB).trim_end_matches('/');
        let list_url = hub_address.list_url(hub);
        let (head, body) = self.reach(&list_url, None).await?;
        let repository = &hub_address.repository;
        if head.status != 200 {
            body.stop();
            return Err(shelf_fault(&ShelfError::from_status(repository, head.status)));
        }
        let files = hub::files(repository, &read_all(body).await?).map_err(|error| shelf_fault(&error))?;
        let file = hub::choose(&hub_address, &files).map_err(|error| shelf_fault(&error))?;
        let url = hub_address.file_url(hub, &file.path);
        Ok(Place { url, n_bytes: file.n_bytes, sha256: sha256.or(file.sha256) })
    }

    /// A reply with bytes of a file, or why there is none.
    async fn ask(&self, url: &str, range: Option<(u64, Option<u64>)>) -> Result<(ReplyHead, W::Body), Fault> {
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
    async fn reach(
        &self,
        url: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<(ReplyHead, W::Body), Fault> {
        let (from, to) = range.map_or((None, None), |(from, to)| (Some(from), to));
        if let Ok(reply) = self.web.get(url, from, to).await {
            return Ok(reply);
        }
        let url = url.to_owned();
        Err(shelf_fault(&if !self.web.is_online() {
            ShelfError::Offline { url }
        } else if self.web.is_there(&url).await {
            ShelfError::Cors { url }
        } else {
            ShelfError::NoAnswer { url }
        }))
    }

    async fn check_room(&self, needed: u64) -> Result<(), Fault> {
        match self.files.room().await {
            Some(free) if free < needed => Err(shelf_fault(&ShelfError::NoRoom { needed, free })),
            _ => Ok(()),
        }
    }

    fn note(&self, text: &str) {
        self.notes.borrow_mut().push(text.to_owned());
    }

    fn source(&self, ledger: Ledger, disk: F::Disk) -> StoredSource<F::Disk, W, H> {
        let (web, host) = (self.web.clone(), self.host.clone());
        StoredSource::new(ledger, disk, web, host, self.job, Notes::clone(&self.notes))
    }
}

async fn read_all<B: Body>(mut body: B) -> Result<Vec<u8>, Fault> {
    let (mut all, mut buffer) = (Vec::new(), Vec::new());
    loop {
        match body.next(&mut buffer).await {
            Ok(true) if all.len() < MOST_LIST_BYTES => all.extend_from_slice(&buffer),
            Ok(false) => return Ok(all),
            _ => {
                let message = "the Hub's list of files broke off; try again";
                return Err(Fault::new(FaultCode::Unreachable, message));
            }
        }
    }
}

/// The last part of an address's path.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path).to_owned()
}
