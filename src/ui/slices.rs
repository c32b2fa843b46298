//! Long computations on the page, in slices short enough that no key or click waits for them.

use crate::browser::clock;

/// Longest slice in milliseconds: more than half of a frame is left to the page.
const SLICE_MS: f64 = 8.0;

/// Runs `step` until it says that nothing is left, and lets the page breathe after every slice.
///
/// `step` must check itself whether it is still wanted: what is dropped in the meantime says that nothing is left.
pub async fn in_slices(mut step: impl FnMut() -> bool) {
    loop {
        let start = clock::now_ms();
        while clock::now_ms() - start < SLICE_MS {
            if !step() {
                return;
            }
        }
        clock::breathe().await;
    }
}
