//! Models that are fetched once and kept: the rules of [`crate::shelf`] carried out on a disk and a network.
//!
//! [`open`] finds the file that an address means, here or on a server; [`source`] hands out its bytes while they
//! arrive and keeps them. Disk and network are traits, so that both run natively in tests against ones that fail.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod open;
pub mod source;

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod tests;

use crate::{
    protocol::{Fault, FaultCode, StoredModel},
    shelf::{DiskError, Ledger, ReplyHead, ShelfError},
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
pub trait Body {
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

/// What the page is told of the kept files, by name.
pub fn stored(ledgers: &[(String, String)]) -> Vec<StoredModel> {
    let mut models: Vec<StoredModel> = ledgers
        .iter()
        .map(|(id, text)| match Ledger::parse(text) {
            Some(ledger) => StoredModel {
                id: id.clone(),
                name: ledger.facts().name.clone(),
                address: ledger.facts().address.clone(),
                n_bytes: ledger.facts().n_bytes as f64,
                bytes_here: ledger.bytes_here() as f64,
                sha256: ledger.whole_sha256().map(str::to_owned),
            },
            None => StoredModel {
                id: id.clone(),
                name: "a download that never began".to_owned(),
                address: String::new(),
                n_bytes: 0.0,
                bytes_here: 0.0,
                sha256: None,
            },
        })
        .collect();
    models.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    models
}

/// What stands between a person and a file, as the page hears it.
pub fn shelf_fault(error: &ShelfError) -> Fault {
    let code = match error {
        ShelfError::NotAnAddress { .. } | ShelfError::NoSuchFile { .. } | ShelfError::NoUsableFile { .. } => {
            FaultCode::BadInput
        }
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
