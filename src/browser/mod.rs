//! Thin glue to the browser: port, fetch, clock, storage, download. No policy.

pub mod clock;
pub mod download;
pub mod fetch;
pub mod port;
pub mod preferences;
pub mod storage;
