//! The program in its worker: one request, one answer.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::{
    answer::{Answered, of_returned},
    job::fault,
};
use crate::{
    browser::{download, port},
    job::{Head, Returned, Role, Sink, Unpacking},
    protocol::{Fault, FaultCode, ReadAnswer, ReadRequest},
};

/// Bytes of a file of results that are read at once.
const PIECE_BYTES: f64 = (4 << 20) as f64;

/// Listens, and says so.
pub fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let own = scope.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let own = own.clone();
        spawn_local(async move {
            let (answer, files) = answered(&event.data(), &own).await;
            send(&own, &answer, &files);
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    send(&scope, &ReadAnswer::Ready, &[]);
}

async fn answered(data: &JsValue, scope: &DedicatedWorkerGlobalScope) -> Answered {
    let failed = |code, message| (ReadAnswer::Failed(Fault::new(code, message)), Vec::new());
    let Ok((request, blobs)) = port::open::<ReadRequest>(data) else {
        return failed(
            FaultCode::Internal,
            "the page and its reader are of different versions; reload the page",
        );
    };
    let request = match request {
        ReadRequest::Reach { address, has_key } => {
            return (super::connect::reach(&address, has_key), Vec::new());
        }
        ReadRequest::Connect { address, key, model, is_there } => {
            return (super::connect::connect(&address, key.as_ref(), &model, is_there).await, Vec::new());
        }
        ReadRequest::Serve { server, key, job, finished } => {
            let say = |said: ReadAnswer, responses: Vec<u8>| send(scope, &said, &[responses]);
            let answer = super::serve::serve(&server, key, &job, &finished, &say).await;
            return (answer.unwrap_or_else(ReadAnswer::Failed), vec![Vec::new()]);
        }
        other => other,
    };
    let blobs: Vec<Blob> = blobs
        .map(|blobs| Array::from(&blobs))
        .unwrap_or_default()
        .iter()
        .map(JsCast::unchecked_into)
        .collect();
    let is_folder = |names: &[String]| names.iter().any(|name| Role::of(name) == Role::Job);
    let names = match &request {
        ReadRequest::Responses { names, .. } | ReadRequest::EmbedLines { names, .. } => names.as_slice(),
        _ => &[],
    };
    if is_folder(names) {
        let answer = picked(names, &blobs, &|returned| of_returned(&request, returned)).await;
        return answer.unwrap_or_else(|fault| (ReadAnswer::Failed(fault), Vec::new()));
    }
    let mut files = Vec::new();
    for blob in blobs {
        match download::bytes_of(&blob, 0.0, blob.size()).await {
            Some(bytes) => files.push(bytes),
            None => return failed(FaultCode::BadInput, "a file could not be read; pick it again"),
        }
    }
    super::answer(request, files)
}

/// What came back of a job as the files of its folder, the results piece by piece.
async fn picked(
    names: &[String],
    blobs: &[Blob],
    take: &dyn Fn(Returned<'_>) -> Answered,
) -> Result<Answered, Fault> {
    let unreadable = || Fault::new(FaultCode::BadInput, "a file could not be read; pick it again");
    let files = || names.iter().map(|name| (Role::of(name), name)).zip(blobs);
    let mut head = Head::default();
    for ((role, _), blob) in files() {
        if matches!(role, Role::Job | Role::Prompts | Role::Manifest) {
            let bytes = download::bytes_of(blob, 0.0, blob.size()).await.ok_or_else(unreadable)?;
            head.put(role, bytes);
        }
    }
    let (job, form) = head.open().map_err(fault)?;
    let mut returned = Returned::new(&job, form);
    for ((role, name), blob) in files() {
        match role {
            Role::Results => poured(name, blob, &mut returned.results).await,
            Role::Vectors => poured(name, blob, &mut returned.vectors).await,
            _ => Some(()),
        }
        .ok_or_else(unreadable)?;
    }
    Ok(take(returned))
}

/// Pours a file into what takes it; `None` where it cannot be read.
async fn poured(name: &str, blob: &Blob, sink: &mut dyn Sink) -> Option<()> {
    let mut file = Unpacking::begin(name, sink);
    let mut start = 0.0;
    while start < blob.size() {
        let end = (start + PIECE_BYTES).min(blob.size());
        file.push(&download::bytes_of(blob, start, end).await?, sink);
        start = end;
    }
    file.end(sink);
    Some(())
}

fn send(scope: &DedicatedWorkerGlobalScope, answer: &ReadAnswer, files: &[Vec<u8>]) {
    let files: JsValue =
        files.iter().map(|bytes| Uint8Array::from(bytes.as_slice())).collect::<Array>().into();
    // Messages are plain data, so neither can fail; where one did, the page hears that the worker is silent.
    if let Ok(envelope) = port::envelope(answer, Some(&files)) {
        let _sent = scope.post_message(&envelope);
    }
}
