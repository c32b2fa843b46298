//! Long computations on the page in slices, so that keys and clicks never wait for one.

use crate::browser::clock;

/// Longest time a slice takes before the page gets its turn, in milliseconds; a single step may take longer.
const SLICE_MS: f64 = 8.0;

/// Calls `step` until it returns `false`; the event loop runs between slices.
pub async fn in_slices(mut step: impl FnMut() -> bool) {
    loop {
        let until = clock::now_ms() + SLICE_MS;
        while clock::now_ms() < until {
            if !step() {
                return;
            }
        }
        clock::breathe().await;
    }
}
