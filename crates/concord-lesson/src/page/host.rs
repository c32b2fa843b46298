//! What the lesson gets from the page, and files beside it.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::Scenes;

/// The page's object.
#[derive(Clone, Debug)]
pub struct Host(pub JsValue);

impl Host {
    /// The scenes of a link, of the open session or of the example; `None` if there is no session.
    ///
    /// # Errors
    /// In words.
    pub async fn scenes(&self, link: &str, is_mine: bool) -> Result<Option<Scenes>, String> {
        let refused = |error: JsValue| {
            let message =
                Reflect::get(&error, &"message".into()).ok().and_then(|message| message.as_string());
            message.unwrap_or_else(|| "?".to_owned())
        };
        let call: Function = Reflect::get(&self.0, &"scenes".into()).map_err(refused)?.unchecked_into();
        let promise: Promise =
            call.call2(&self.0, &link.into(), &is_mine.into()).map_err(refused)?.unchecked_into();
        let found = JsFuture::from(promise).await.map_err(refused)?;
        if found.is_null() {
            return Ok(None);
        }
        Scenes::unpacked(&Uint8Array::new(&found).to_vec()).map(Some).map_err(|error| error.to_string())
    }
}

/// A text beside the page; empty where it does not come.
pub async fn fetch_text(address: &str) -> String {
    let text = async {
        let window = web_sys::window()?;
        let base = window.document()?.base_uri().ok()??;
        let url = Url::new_with_base(address, &base).ok()?.href();
        let reply: web_sys::Response =
            JsFuture::from(window.fetch_with_str(&url)).await.ok()?.unchecked_into();
        JsFuture::from(reply.text().ok().filter(|_| reply.ok())?).await.ok()?.as_string()
    };
    text.await.unwrap_or_default()
}

/// Saves a text as a file of JSON.
///
/// # Errors
/// When the browser refuses.
pub fn save(name: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    // It is small, and stays until the page goes.
    anchor.set_href(&Url::create_object_url_with_blob(&blob)?);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}
