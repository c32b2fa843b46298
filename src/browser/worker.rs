//! Starts the worker under the page's own Content-Security-Policy.
//!
//! A worker inherits the policy of the page that starts it only when its script has no address of its own. One that is
//! fetched has the policy of the reply's headers, and a static host sends none. So the script that starts it is a blob of
//! two calls.

use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Url, Worker};

/// Starts the worker of a script made for `importScripts` and of its WebAssembly, both relative to the page.
///
/// # Errors
/// When the browser refuses to make the worker; that a file is missing is told by the worker's `error` event.
pub fn start(script: &str, program: &str) -> Result<Worker, JsValue> {
    let page = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let base = page.base_uri()?.unwrap_or_default();
    // Written as a JavaScript string.
    let address = |path: &str| JSON::stringify(&Url::new_with_base(path, &base)?.href().into());
    // A promise that is rejected in a worker is not heard on the page, an error is: so a program that cannot be fetched or
    // compiled ends in one.
    let text = format!(
        "importScripts({});wasm_bindgen({{module_or_path:{}}}).catch(error=>setTimeout(()=>{{throw error}}));",
        address(script)?,
        address(program)?
    );
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    // The address is not taken back: the worker lives as long as the page.
    Worker::new(&Url::create_object_url_with_blob(&blob)?)
}
