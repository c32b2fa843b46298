//! Model files that are fetched once and kept: what an address means, which bytes are here, what a server's reply
//! allows, and the models worth naming.
//!
//! Values in, values out: this module never asks a server and never touches a disk. A kept file is cut into chunks of
//! one size; its [`Ledger`] holds a SHA-256 per chunk that is here, so that a download goes on where it stopped and a
//! damaged chunk is found and fetched again.

pub mod address;
pub mod catalogue;
pub mod error;
pub mod hub;
pub mod ledger;
pub mod picked;
mod quantisation;
pub mod reply;

pub use address::{Address, HubAddress, Pick, check_reach};
pub use error::{DiskError, ShelfError};
pub use hub::{HubFile, Purpose};
pub use ledger::{Facts, Ledger};
pub use reply::{ReplyHead, Verdict};

/// SHA-256 as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut digest = crate::weights::FileDigest::default();
    digest.push(bytes);
    digest.finish_hex()
}
