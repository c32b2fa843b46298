//! Saves files for the user, and reads picked ones.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Saves `text` as a file named `name`.
///
/// # Errors
/// When the browser refuses to make the file.
pub fn save(name: &str, media_type: &str, text: &str) -> Result<(), JsValue> {
    save_blob(name, &text_blob(media_type, text)?)
}

/// A text as one file.
///
/// # Errors
/// When the browser refuses to make it.
pub fn text_blob(media_type: &str, text: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)
}

/// Bytes in parts as one file.
///
/// # Errors
/// When the browser refuses to make it.
pub fn blob_of(media_type: &str, parts: &Array) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_buffer_source_sequence_and_options(parts, &options)
}

/// Saves a file under a name.
///
/// # Errors
/// When the browser refuses.
pub fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    if let Some(body) = document.body() {
        body.append_child(&anchor)?;
    }
    anchor.click();
    anchor.remove();
    // The browser has taken the bytes by the time the click returns to the event loop; a minute is ample.
    let revoke = Closure::once_into_js(move || {
        let _revoked = Url::revoke_object_url(&url);
    });
    if let Some(window) = web_sys::window() {
        window.set_timeout_with_callback_and_timeout_and_arguments_0(revoke.unchecked_ref(), 60_000)?;
    }
    Ok(())
}

/// Some bytes of a file; `None` when it cannot be read any more.
pub async fn bytes_of(blob: &Blob, from: f64, to: f64) -> Option<Vec<u8>> {
    let slice = blob.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
