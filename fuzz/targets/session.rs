//! Session files from strangers: any bytes, and any changes of a good session, opened as a page opens them.

#![no_main]

use std::time::{Duration, Instant};

use concord_fuzz::{bounded, sessions};
use libfuzzer_sys::fuzz_target;

/// All that a page does with one small file, which it does in several tasks of which none may take longer.
const LONGEST: Duration = Duration::from_millis(50);

fuzz_target!(|data: &[u8]| {
    let file = sessions::file(data);
    let start = Instant::now();
    bounded(file.len(), || {
        sessions::open(&file);
    });
    // A file that grew with the fuzzer's input may take its time: the page reads those in slices.
    let taken = start.elapsed();
    assert!(file.len() > 1 << 16 || taken < LONGEST, "a file of {} bytes took {taken:?}", file.len());
});
