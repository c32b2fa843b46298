//! Session files from strangers: any bytes, and any changes of a good session, opened as a page opens them.

#![no_main]

use concord_fuzz::{bounded, sessions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = sessions::file(data);
    bounded(file.len(), || {
        sessions::open(&file);
    });
});
