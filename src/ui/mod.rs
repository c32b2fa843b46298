//! The page: Leptos components, and `window.concord` on the same client.

pub mod api;
pub mod client;

/// Starts the page: the worker, `window.concord`, and the screen.
pub fn main() {
    console_error_panic_hook::set_once();
    client::start();
    // The window of a fresh page takes new properties.
    let _installed = api::install();
}
