//! What the lesson gets from the page, and files beside it.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::lesson::Scenes;

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
        let Some(json) = JsFuture::from(promise).await.map_err(refused)?.as_string() else { return Ok(None) };
        serde_json::from_str(&json).map(Some).map_err(|error| error.to_string())
    }
}

/// A text beside the page; empty where it does not come.
pub async fn fetch_text(address: &str) -> String {
    let text = async {
        let window = web_sys::window()?;
        let base = window.document()?.base_uri().ok()??;
        let url = web_sys::Url::new_with_base(address, &base).ok()?.href();
        let reply: web_sys::Response =
            JsFuture::from(window.fetch_with_str(&url)).await.ok()?.unchecked_into();
        JsFuture::from(reply.text().ok().filter(|_| reply.ok())?).await.ok()?.as_string()
    };
    text.await.unwrap_or_default()
}
