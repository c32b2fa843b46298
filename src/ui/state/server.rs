//! A server that makes the responses in place of a model in this page.

use crate::server::ServerKey;

/// The server that the next run asks. Its key is here and nowhere else on the page.
#[derive(Clone, PartialEq)]
pub struct Server {
    /// What a run needs to know of it, as JSON.
    pub found: String,
    /// Its address.
    pub base: String,
    /// The model that is asked.
    pub model: String,
    /// Its key.
    pub key: Option<ServerKey>,
}
