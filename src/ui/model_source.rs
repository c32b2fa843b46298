//! Where a model comes from, as a person or a script says it.

use crate::{
    protocol::{Fault, FaultCode, ModelSource},
    shelf::Address,
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
/// When it is nothing of the kind.
pub fn at(text: &str, sha256: Option<String>) -> Result<ModelSource, Fault> {
    let url = match Address::parse(text) {
        Ok(Address::Page(path)) => absolute(&path),
        Ok(Address::Url(url)) => url,
        Ok(Address::Hub(_)) => text.trim().to_owned(),
        Err(error) => return Err(Fault::new(FaultCode::BadInput, error.to_string())),
    };
    Ok(ModelSource::Url { url, sha256 })
}

/// A path from the page as an absolute address.
pub fn absolute(path: &str) -> String {
    let base =
        web_sys::window().and_then(|window| window.document()?.base_uri().ok().flatten()).unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.to_owned(), |url| url.href())
}
