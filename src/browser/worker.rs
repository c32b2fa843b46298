//! Starts workers under the page's own Content-Security-Policy: the page's own program once more, or another one.
//!
//! The page hands a compiled module over, so that nothing is fetched or compiled twice. The script that takes it is a blob,
//! because a worker inherits the policy of the page that starts it only when its script has no address of its own: one that
//! is fetched has the policy of the reply's headers, and a static host sends none.

use js_sys::{Array, JSON, Promise, WebAssembly};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Response, Url, Worker};

#[wasm_bindgen]
extern "C" {
    /// Address of the script that starts this program.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

/// A compiled program and the address of the script that starts it.
#[derive(Clone, Debug)]
pub struct Program {
    script: String,
    module: JsValue,
}

/// The address of a script that a worker was started with, which is taken back when this is dropped: not before the worker
/// has spoken, as it may fetch its script late.
#[derive(Debug)]
pub struct Script(String);

impl Drop for Script {
    fn drop(&mut self) {
        // Refused only for what is no address.
        let _refused = Url::revoke_object_url(&self.0);
    }
}

impl Program {
    /// The page's own.
    pub fn own() -> Self {
        Self { script: SCRIPT.with(Clone::clone), module: wasm_bindgen::module() }
    }

    /// Fetches and compiles another one. The page names its script in the `content` of the `meta` with this name, and the
    /// program lies beside the script.
    ///
    /// # Errors
    /// The page does not name it, it cannot be fetched, or the browser does not take it.
    pub async fn named(name: &str) -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let document = window.document().ok_or(JsValue::NULL)?;
        let meta = document.query_selector(&format!("meta[name={name}]"))?.ok_or(JsValue::NULL)?;
        let address = meta.get_attribute("content").unwrap_or_default();
        let script = Url::new_with_base(&address, &document.base_uri()?.unwrap_or_default())?.href();
        let program = format!("{}_bg.wasm", script.trim_end_matches(".js"));
        let reply: Response = JsFuture::from(window.fetch_with_str(&program)).await?.unchecked_into();
        if !reply.ok() {
            return Err(JsValue::from(reply.status()));
        }
        // Not compiled while it comes: that needs a type from the server which not every host sends.
        let bytes = JsFuture::from(reply.array_buffer()?).await?;
        let compiled: Promise = WebAssembly::compile(&bytes).unchecked_into();
        Ok(Self { script, module: JsFuture::from(compiled).await? })
    }

    /// Starts it in a worker, and gives the address of its script, to be kept until the worker has spoken or is given up.
    ///
    /// # Errors
    /// When the browser refuses to make the worker or to hand the program over; what fails later is told by the worker's
    /// `error` event.
    pub fn start(&self) -> Result<(Worker, Script), JsValue> {
        // Written as a JavaScript string.
        let script = JSON::stringify(&self.script.as_str().into())?;
        // Imported in a call, since the policy takes what a worker imports otherwise for a worker of its own. A promise that
        // is rejected in a worker is not heard on the page, an error is: so a program that does not start ends in one.
        let text = format!(
            "addEventListener('message',({{data}})=>import({script}).then(program=>program.default({{module_or_path:data}}))\
             .catch(error=>setTimeout(()=>{{throw error}})),{{once:true}});"
        );
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
        let script = Script(Url::create_object_url_with_blob(&blob)?);
        let worker = Worker::new(&script.0)?;
        worker.post_message(&self.module)?;
        Ok((worker, script))
    }
}
