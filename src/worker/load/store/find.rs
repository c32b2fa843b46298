//! From an address to the files of a model: which they are, and whether each is here or on a server.

use crate::{
    protocol::{Fault, FaultCode, LoadRequest, ModelSource, Role},
    shelf::{
        Address, DiskError, HubAddress, Ledger, Purpose, ShelfError,
        address::{HUB, readable},
        hub, sha256_hex,
    },
    weights::PartName,
    worker::task::Host,
};

use super::{
    Body, Files, Web,
    found::{Found, Place, Store, Way},
    shelf_fault,
};

/// Most bytes of a Hub repository's list of files.
const MOST_LIST_BYTES: usize = 16 << 20;

/// A kept file: its name in the store, and its ledger.
type Kept = (String, Ledger);

impl<F: Files, W: Web, H: Host + Clone> Store<F, W, H> {
    /// Finds the files of a request for an address.
    ///
    /// # Errors
    /// When the address means nothing, the server refuses, or there is no room.
    pub async fn find(&self, request: &LoadRequest) -> Result<Found, Fault> {
        let ModelSource::Url { url: address, sha256 } = &request.source else {
            return Err(shelf_fault(&ShelfError::NotAnAddress { text: String::new() }));
        };
        let sha256 = sha256.as_ref().map(|hash| hash.to_ascii_lowercase());
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if sha256.as_ref().is_some_and(|hash| !is_hash(hash)) {
            let message = "a SHA-256 is 64 hexadecimal digits; correct the hash";
            return Err(Fault::new(FaultCode::BadInput, message));
        }
        let (kept, denied) = match self.files.ledgers().await {
            Ok(kept) => (kept, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let kept: Vec<Kept> =
            kept.into_iter().filter_map(|(id, text)| Some((id, Ledger::parse(&text)?))).collect();
        // What is wholly here is used as it is, so that it works offline.
        if let Some(found) = wholly_here(&kept, address, sha256.as_deref()) {
            return Ok(found);
        }
        let found = self.locate(request, address, sha256).await;
        if !request.keep || denied.is_some() {
            return self.passing(address, found?, denied.filter(|_| request.keep));
        }
        // The Hub may not say which files they are; a download under way still knows.
        let places = match found {
            Err(fault) if fault.code == FaultCode::Unreachable => begun(&kept, address).ok_or(fault)?,
            found => found?,
        };
        let is_alone = places.len() == 1;
        let way = |place: &Place| {
            let same_bytes = |(_, ledger): &&Kept| {
                ledger.is_complete()
                    && place.sha256.is_some()
                    && ledger.whole_sha256() == place.sha256.as_deref()
            };
            // A file that comes with others goes with them when they are deleted, so it is not shared.
            match kept.iter().find(same_bytes).filter(|_| is_alone) {
                Some((id, _)) => Way::Here(id.clone()),
                None => {
                    let by_content = place.sha256.clone().filter(|_| is_alone);
                    let id = by_content.unwrap_or_else(|| sha256_hex(place.url.as_bytes()));
                    Way::Keep(id, place.clone())
                }
            }
        };
        let ways = places.iter().map(way).collect();
        let names = places.into_iter().map(|place| place.name).collect();
        let found = Found { address: address.clone(), names, ways };
        self.check_room(found.n_missing_bytes(&kept)).await?;
        Ok(found)
    }

    /// Files that are read without keeping them.
    fn passing(&self, address: &str, places: Vec<Place>, denied: Option<DiskError>) -> Result<Found, Fault> {
        if let Some(error) = denied {
            self.note(&format!("The model is not kept on this device: {error}."));
        }
        let names = places.iter().map(|place| place.name.clone()).collect();
        Ok(Found { address: address.to_owned(), names, ways: places.into_iter().map(Way::Pass).collect() })
    }

    /// Which files of which server an address means.
    async fn locate(
        &self,
        request: &LoadRequest,
        address: &str,
        sha256: Option<String>,
    ) -> Result<Vec<Place>, Fault> {
        let mut places = match Address::parse(address).map_err(|error| shelf_fault(&error))? {
            Address::Url(url) | Address::Page(url) => parts_of(url).map_err(|error| shelf_fault(&error))?,
            Address::Hub(hub_address) => self.locate_on_hub(request, &hub_address).await?,
        };
        if let ([place], Some(sha256)) = (&mut places[..], sha256) {
            place.sha256 = Some(sha256);
        }
        Ok(places)
    }

    async fn locate_on_hub(&self, request: &LoadRequest, address: &HubAddress) -> Result<Vec<Place>, Fault> {
        let hub = request.hub.as_deref().unwrap_or(HUB).trim_end_matches('/');
        let list_url = address.list_url(hub);
        let (head, body) = self.reach(&list_url, None).await?;
        let repository = &address.repository;
        if head.status != 200 {
            body.stop();
            return Err(shelf_fault(&ShelfError::from_status(repository, head.status)));
        }
        let list = self.read_list(&list_url, body).await?;
        let files = hub::files(repository, &list).map_err(|error| shelf_fault(&error))?;
        let purpose = if request.role == Role::Encoder { Purpose::Encoder } else { Purpose::Generator };
        let chosen = hub::choose(address, &files, purpose).map_err(|error| shelf_fault(&error))?;
        let is_alone = chosen.len() == 1;
        let place = |file: hub::HubFile| {
            let url = address.file_url(hub, &file.path);
            let name = if is_alone { file_name(&url) } else { file.path };
            Place { name, url, n_bytes: file.n_bytes, sha256: file.sha256 }
        };
        Ok(chosen.into_iter().map(place).collect())
    }

    /// A Hub's list of files.
    async fn read_list(&self, url: &str, mut body: W::Body) -> Result<Vec<u8>, Fault> {
        let (mut all, mut buffer) = (Vec::new(), Vec::new());
        loop {
            match self.watched(url, body.next(&mut buffer)).await? {
                Ok(true) if all.len() < MOST_LIST_BYTES => all.extend_from_slice(&buffer),
                Ok(false) => return Ok(all),
                _ => {
                    let message = "the Hub's list of files broke off; try again";
                    return Err(Fault::new(FaultCode::Unreachable, message));
                }
            }
        }
    }
}

impl Found {
    /// Bytes that are still to come, as far as is known before the servers are asked.
    fn n_missing_bytes(&self, kept: &[Kept]) -> u64 {
        let missing = |way: &Way| match way {
            Way::Keep(id, place) => {
                let here =
                    kept.iter().find(|(kept_id, _)| kept_id == id).map(|(_, ledger)| ledger.bytes_here());
                place.n_bytes.unwrap_or_default().saturating_sub(here.unwrap_or_default())
            }
            Way::Here(_) | Way::Pass(_) => 0,
        };
        self.ways.iter().map(missing).sum()
    }
}

/// The model of an address, or the file of a hash, where all of it is in the store.
fn wholly_here(kept: &[Kept], address: &str, sha256: Option<&str>) -> Option<Found> {
    let found = |names: Vec<String>, files: Vec<&Kept>| Found {
        address: address.to_owned(),
        names,
        ways: files.into_iter().map(|(id, _)| Way::Here(id.clone())).collect(),
    };
    let complete: Vec<&Kept> = kept.iter().filter(|(_, ledger)| ledger.is_complete()).collect();
    let of_model =
        |(_, ledger): &&&Kept| ledger.facts().address == address && !ledger.facts().files.is_empty();
    if let Some((_, ledger)) = complete.iter().find(of_model) {
        let names = ledger.facts().files.clone();
        let of_name = |name: &String| {
            complete
                .iter()
                .filter(|kept| of_model(kept))
                .find(|(_, ledger)| ledger.facts().name == *name)
                .copied()
        };
        let files = names.iter().map(of_name).collect::<Option<Vec<_>>>()?;
        return Some(found(names, files));
    }
    let is_it = |(_, ledger): &&&Kept| match (sha256, ledger.whole_sha256()) {
        (Some(wanted), whole) => whole == Some(wanted),
        (None, _) => ledger.facts().address == *address,
    };
    let file = complete.into_iter().find(|kept| is_it(&kept))?;
    Some(found(vec![file.1.facts().name.clone()], vec![file]))
}

/// The files of a download under way, where all of them have begun to come.
fn begun(kept: &[Kept], address: &str) -> Option<Vec<Place>> {
    let of_address: Vec<&Ledger> =
        kept.iter().map(|(_, ledger)| ledger).filter(|ledger| ledger.facts().address == *address).collect();
    let place = |ledger: &Ledger| {
        let facts = ledger.facts().clone();
        Place { name: facts.name, url: facts.url, n_bytes: Some(facts.n_bytes), sha256: facts.sha256 }
    };
    let first = of_address.first()?.facts();
    if first.files.is_empty() {
        return Some(vec![place(of_address[0])]);
    }
    let of_name = |name: &String| of_address.iter().find(|ledger| ledger.facts().name == *name);
    first.files.iter().map(|name| of_name(name).map(|ledger| place(ledger))).collect()
}

/// The file at an address, with the other parts where its name says that it is the first.
fn parts_of(url: String) -> Result<Vec<Place>, ShelfError> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (path, query) = url.split_at(end);
    match PartName::parse(path) {
        Some(part) if part.no > 1 => {
            Err(ShelfError::LaterPart { name: file_name(&url), first: file_name(&part.of_part(1)) })
        }
        Some(part) => Ok(part.all().iter().map(|path| place_of(format!("{path}{query}"))).collect()),
        None => Ok(vec![place_of(url)]),
    }
}

/// What an address without a list says.
fn place_of(url: String) -> Place {
    Place { name: file_name(&url), url, n_bytes: None, sha256: None }
}

/// The last part of an address's path, as a person reads it.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    readable(path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path))
}
