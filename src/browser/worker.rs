//! Starts the worker: the page's own program once more, under the page's own Content-Security-Policy.
//!
//! The page hands its compiled module over, so that nothing is fetched or compiled twice. The script that takes it is a blob,
//! because a worker inherits the policy of the page that starts it only when its script has no address of its own: one that
//! is fetched has the policy of the reply's headers, and a static host sends none.

use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Url, Worker};

#[wasm_bindgen]
extern "C" {
    /// Address of the script that starts this program.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

/// Starts the worker.
///
/// # Errors
/// When the browser refuses to make the worker or to hand the program over; what fails later is told by the worker's `error`
/// event.
pub fn start() -> Result<Worker, JsValue> {
    // Written as a JavaScript string.
    let script = SCRIPT.with(|script| JSON::stringify(&script.into()))?;
    // Imported in a call, since the policy takes what a worker imports otherwise for a worker of its own. A promise that is
    // rejected in a worker is not heard on the page, an error is: so a program that does not start ends in one.
    let text = format!(
        "addEventListener('message',({{data}})=>import({script}).then(program=>program.default({{module_or_path:data}}))\
         .catch(error=>setTimeout(()=>{{throw error}})),{{once:true}});"
    );
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    // The address is not taken back: the worker lives as long as the page.
    let worker = Worker::new(&Url::create_object_url_with_blob(&blob)?)?;
    worker.post_message(&wasm_bindgen::module())?;
    Ok(worker)
}
