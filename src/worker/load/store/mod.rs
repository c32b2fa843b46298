//! Models that are fetched once and kept: the rules of [`crate::shelf`] carried out on a disk and a network.
//!
//! [`find`] finds the files that an address means, here or on a server, and [`found`] is where they are; [`open`] opens each.
//! [`source`] hands out a file's bytes while they arrive and keeps them, [`passing`] those of a file that is not kept. Disk
//! and network are traits, so that both run natively in tests against ones that fail.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod find;
pub mod found;
pub mod open;
pub mod passing;
pub mod source;
pub mod watch;

use crate::{
    data::InOrder,
    protocol::{Answer, Fault, FaultCode, ShelfRequest, StoredModel},
    shelf::{DiskError, Ledger, ReplyHead, ShelfError},
    weights::PartName,
};

/// One kept file and its ledger, open for nobody else.
pub trait Disk {
    /// Reads bytes of the file; fewer at its end.
    ///
    /// # Errors
    /// When the disk fails.
    fn read_at(&self, at: u64, out: &mut [u8]) -> Result<usize, DiskError>;

    /// Writes bytes of the file.
    ///
    /// # Errors
    /// When the disk fails or is full.
    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), DiskError>;

    /// The whole ledger.
    ///
    /// # Errors
    /// When the disk fails.
    fn ledger(&self) -> Result<String, DiskError>;

    /// Adds a line to the ledger, after what was written to the file is safe.
    ///
    /// # Errors
    /// When the disk fails or is full.
    fn append(&self, line: &str) -> Result<(), DiskError>;

    /// Empties file and ledger.
    ///
    /// # Errors
    /// When the disk fails.
    fn clear(&self) -> Result<(), DiskError>;
}

/// The kept files of this page.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait Files: Clone {
    /// An open file.
    type Disk: Disk;

    /// Name and ledger of every kept file.
    ///
    /// # Errors
    /// When the browser keeps no files.
    async fn ledgers(&self) -> Result<Vec<(String, String)>, DiskError>;

    /// Opens a file, new or not.
    ///
    /// # Errors
    /// [`DiskError::InUse`] while somebody else has it open.
    async fn open(&self, id: &str) -> Result<Self::Disk, DiskError>;

    /// Deletes a file.
    ///
    /// # Errors
    /// [`DiskError::InUse`] while somebody has it open.
    async fn remove(&self, id: &str) -> Result<(), DiskError>;

    /// Bytes that may still be kept, where the browser says.
    async fn room(&self) -> Option<u64>;
}

/// A request was not answered, or its answer broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// The body of a reply.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait Body: std::fmt::Debug {
    /// Puts the next bytes into `buffer`, replacing what it held; `false` at the end.
    ///
    /// # Errors
    /// When the connection breaks.
    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Broken>;

    /// Ends the connection.
    fn stop(self);
}

/// The network.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait Web: Clone {
    /// Body of a reply.
    type Body: Body;

    /// Asks for a file from byte `from` to before byte `to`, as far as they are given.
    ///
    /// # Errors
    /// When there is no answer.
    async fn get(
        &self,
        url: &str,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<(ReplyHead, Self::Body), Broken>;

    /// Whether the server answers a request whose answer the page may not read.
    async fn is_there(&self, url: &str) -> bool;

    /// `false` when the browser knows that there is no connection.
    fn is_online(&self) -> bool;

    /// Waits.
    async fn sleep(&self, ms: u32);
}

/// Answers what is asked about the kept models.
///
/// # Errors
/// When the browser keeps no files, the disk fails, or another tab has a file open that is to go.
pub async fn answer<F: Files>(files: &F, request: ShelfRequest) -> Result<Answer, Fault> {
    let kept = match request {
        ShelfRequest::List => files.ledgers().await,
        ShelfRequest::Delete { id } => match remove(files, &id).await {
            Ok(()) => files.ledgers().await,
            Err(error) => Err(error),
        },
    };
    kept.map(|ledgers| Answer::Stored(stored(&ledgers))).map_err(|error| disk_fault(&error))
}

/// What the page is told of the kept files, by name: a model each, however many files it has.
fn stored(ledgers: &[(String, String)]) -> Vec<StoredModel> {
    let mut models: Vec<StoredModel> = groups(ledgers).iter().map(|files| stored_model(files)).collect();
    models.order_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    models
}

/// Deletes the model that a kept file belongs to, with all its files.
///
/// # Errors
/// When the disk fails or another tab has a file open.
async fn remove<F: Files>(files: &F, id: &str) -> Result<(), DiskError> {
    let ledgers = files.ledgers().await?;
    let groups = groups(&ledgers);
    let of_model = groups.iter().find(|group| group.iter().any(|(found, _)| *found == id));
    let Some(of_model) = of_model else { return files.remove(id).await };
    for (id, _) in of_model {
        files.remove(id).await?;
    }
    Ok(())
}

/// A kept file: its name in the store, and its ledger where that can be read.
type KeptFile<'a> = (&'a str, Option<Ledger>);

/// The kept files, those of one model together.
fn groups(ledgers: &[(String, String)]) -> Vec<Vec<KeptFile<'_>>> {
    let mut groups: Vec<Vec<KeptFile<'_>>> = Vec::new();
    for (id, text) in ledgers {
        let ledger = Ledger::parse(text);
        let is_same_model = |group: &&mut Vec<KeptFile<'_>>| match (&ledger, &group[0].1) {
            (Some(a), Some(b)) => {
                let (a, b) = (a.facts(), b.facts());
                !a.files.is_empty() && (&a.address, &a.files) == (&b.address, &b.files)
            }
            _ => false,
        };
        match groups.iter_mut().find(is_same_model) {
            Some(group) => group.push((id, ledger)),
            None => groups.push(vec![(id, ledger)]),
        }
    }
    groups
}

fn stored_model(files: &[KeptFile<'_>]) -> StoredModel {
    let ledgers: Vec<&Ledger> = files.iter().filter_map(|(_, ledger)| ledger.as_ref()).collect();
    let facts = ledgers.first().map(|ledger| ledger.facts());
    let name = match facts {
        None => "a download that never began".to_owned(),
        Some(facts) => match (&facts.files[..], PartName::parse(&facts.name)) {
            ([], _) => facts.name.clone(),
            (_, Some(part)) => format!("{}.gguf", part.stem),
            (_, None) => facts.address.clone(),
        },
    };
    let n_files = facts.map_or(1, |facts| facts.files.len().max(1));
    StoredModel {
        id: files[0].0.to_owned(),
        name,
        address: facts.map(|facts| facts.address.clone()).unwrap_or_default(),
        n_files: n_files as u32,
        n_bytes: ledgers.iter().map(|ledger| ledger.facts().n_bytes as f64).sum(),
        bytes_here: ledgers.iter().map(|ledger| ledger.bytes_here() as f64).sum(),
        is_complete: ledgers.len() == n_files && ledgers.iter().all(|ledger| ledger.is_complete()),
        sha256: ledgers.first().filter(|_| n_files == 1).and_then(|l| l.whole_sha256()).map(str::to_owned),
    }
}

/// What stands between a person and a file, as the page hears it.
pub fn shelf_fault(error: &ShelfError) -> Fault {
    let code = match error {
        ShelfError::NotAnAddress { .. }
        | ShelfError::NoSuchFile { .. }
        | ShelfError::NoUsableFile { .. }
        | ShelfError::CannotRun { .. }
        | ShelfError::LaterPart { .. } => FaultCode::BadInput,
        ShelfError::NoRoom { .. } => FaultCode::NoRoom,
        _ => FaultCode::Unreachable,
    };
    Fault::new(code, error.to_string())
}

/// A disk's failure, as the page hears it.
pub fn disk_fault(error: &DiskError) -> Fault {
    let code = match error {
        DiskError::InUse => FaultCode::InUse,
        DiskError::Full => FaultCode::NoRoom,
        DiskError::Unavailable | DiskError::Failed { .. } => FaultCode::Unreachable,
    };
    Fault::new(code, error.to_string())
}

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod several_tests;
#[cfg(test)]
mod stall_tests;
#[cfg(test)]
mod tests;
