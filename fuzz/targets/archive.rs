//! Zip archives from strangers: unpacked within their limits, as files of prompts and as sessions.

#![no_main]

use concord::data::{
    SessionUnpacker,
    archive::{Limits, read},
};
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { n_bytes: 16 << 20, ..Limits::default() };
    bounded(data.len(), || {
        if let Ok(entries) = read(data, &limits) {
            let n_bytes: u64 = entries.iter().map(|entry| entry.bytes.len() as u64).sum();
            assert!(n_bytes <= limits.n_bytes, "{n_bytes} bytes came out");
        }
    });
    bounded(data.len(), || {
        let Ok(mut session) = SessionUnpacker::new(data.to_vec()) else { return };
        while let Ok(true) = session.step() {}
    });
});
