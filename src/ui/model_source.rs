//! Where a model comes from, as a person or a script says it.

use crate::{
    protocol::{Fault, FaultCode, ModelSource},
    shelf::{Address, ShelfError, check_reach},
};

/// Where the teaching model lies, relative to the page.
const TEACHING_MODEL_URL: &str = "./static/teaching-model.gguf";

/// The teaching model, at the absolute address that the worker needs.
pub fn teaching() -> ModelSource {
    ModelSource::Teaching { url: absolute(TEACHING_MODEL_URL) }
}

/// What an address, a path from the page, or `owner/name` of the Hub means.
///
/// # Errors
/// When it is nothing of the kind, or an address that the page may not ask.
pub fn at(text: &str, sha256: Option<String>) -> Result<ModelSource, Fault> {
    let refused = |error: ShelfError| Fault::new(FaultCode::BadInput, error.to_string());
    let url = match Address::parse(text).map_err(refused)? {
        Address::Page(path) => absolute(&path),
        Address::Url(url) => {
            check_reach(&url, &origin()).map_err(refused)?;
            url
        }
        Address::Hub(_) => text.trim().to_owned(),
    };
    Ok(ModelSource::Url { url, sha256 })
}

/// A mirror of the Hub.
///
/// # Errors
/// When the page may not ask it.
pub fn mirror(hub: String) -> Result<String, Fault> {
    let reach = check_reach(&hub, &origin());
    reach.map(|()| hub).map_err(|error| Fault::new(FaultCode::BadInput, error.to_string()))
}

/// The page's own scheme, host and port.
fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// A path from the page as an absolute address.
pub fn absolute(path: &str) -> String {
    let base =
        web_sys::window().and_then(|window| window.document()?.base_uri().ok().flatten()).unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.to_owned(), |url| url.href())
}
