//! The store on the browser's own disk and network.

use crate::{
    browser::{
        clock, fetch,
        fetch::ByteStream,
        opfs::{KeptFile, KeptFiles},
    },
    shelf::{DiskError, ReplyHead},
};

use super::{Body, Broken, Disk, Files, Web};

/// The browser's network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network;

impl Disk for KeptFile {
    fn read_at(&self, at: u64, out: &mut [u8]) -> Result<usize, DiskError> {
        self.read_at(at, out)
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.write_at(at, bytes)
    }

    fn ledger(&self) -> Result<String, DiskError> {
        self.ledger()
    }

    fn append(&self, line: &str) -> Result<(), DiskError> {
        self.append(line)
    }

    fn clear(&self) -> Result<(), DiskError> {
        self.clear()
    }
}

impl Files for KeptFiles {
    type Disk = KeptFile;

    async fn ledgers(&self) -> Result<Vec<(String, String)>, DiskError> {
        Self::ledgers(*self).await
    }

    async fn open(&self, id: &str) -> Result<KeptFile, DiskError> {
        Self::open(*self, id).await
    }

    async fn remove(&self, id: &str) -> Result<(), DiskError> {
        Self::remove(*self, id).await
    }

    async fn room(&self) -> Option<u64> {
        Self::room(*self).await
    }
}

impl Body for ByteStream {
    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Broken> {
        self.read_into(buffer).await.map_err(|_broken| Broken)
    }

    // Dropping it ends the connection.
    fn stop(self) {}
}

impl Web for Network {
    type Body = ByteStream;

    async fn get(
        &self,
        url: &str,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<(ReplyHead, ByteStream), Broken> {
        ByteStream::part_of(url, from, to).await.map_err(|_no_answer| Broken)
    }

    async fn is_there(&self, url: &str) -> bool {
        fetch::is_there(url).await
    }

    fn is_online(&self) -> bool {
        fetch::is_online()
    }

    async fn sleep(&self, ms: u32) {
        clock::sleep(ms).await;
    }
}
