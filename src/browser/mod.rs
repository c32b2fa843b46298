//! Thin glue to the browser: port, fetch, clock, storage, kept files, download. No policy.

pub mod adapter_name;
pub mod calls;
pub mod clipboard;
pub mod clock;
mod database;
pub mod device;
pub mod download;
pub mod fetch;
pub mod offline;
pub mod old_storage;
pub mod opfs;
pub mod picked;
pub mod port;
pub mod preferences;
pub mod storage;
pub mod tabs;
pub mod worker;
