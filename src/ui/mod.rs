//! The page: Leptos components, and `window.concord` on the same client.

pub mod client;
