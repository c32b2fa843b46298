//! The program in its worker: one request, one answer.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    browser::{download, port},
    protocol::{Fault, FaultCode, ReadAnswer, ReadRequest},
};

/// Listens, and says so.
pub fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let own = scope.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let own = own.clone();
        spawn_local(async move {
            let (answer, bytes) = answered(&event.data()).await;
            send(&own, &answer, bytes.as_deref());
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    send(&scope, &ReadAnswer::Ready, None);
}

async fn answered(data: &JsValue) -> (ReadAnswer, Option<Vec<u8>>) {
    let failed = |code, message| (ReadAnswer::Failed(Fault::new(code, message)), None);
    let Ok((request, blobs)) = port::open::<ReadRequest>(data) else {
        return failed(
            FaultCode::Internal,
            "the page and its reader are of different versions; reload the page",
        );
    };
    let mut files = Vec::new();
    for blob in blobs.map(|blobs| Array::from(&blobs)).unwrap_or_default() {
        let blob: Blob = blob.unchecked_into();
        match download::bytes_of(&blob, 0.0, blob.size()).await {
            Some(bytes) => files.push(bytes),
            None => return failed(FaultCode::BadInput, "a file could not be read; pick it again"),
        }
    }
    super::answer(request, files)
}

fn send(scope: &DedicatedWorkerGlobalScope, answer: &ReadAnswer, bytes: Option<&[u8]>) {
    let files = bytes.map(|bytes| Array::of1(&Uint8Array::from(bytes)).into());
    // Messages are plain data, so neither can fail; where one did, the page hears that the worker is silent.
    if let Ok(envelope) = port::envelope(answer, files.as_ref()) {
        let _sent = scope.post_message(&envelope);
    }
}
