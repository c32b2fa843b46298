//! The worker: jobs in, events and answers out.
//!
//! [`queue`] decides which job runs, pure; the jobs are generic over a [`host::Host`] and run
//! natively in tests; only `run` knows the browser.

pub mod host;
pub mod pace;
pub mod queue;
pub mod similarity;

/// The worker's entry.
#[cfg(target_arch = "wasm32")]
pub fn main() {
    console_error_panic_hook::set_once();
}
