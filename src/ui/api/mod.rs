//! `window.concord`: the scripting API, on the same worker client as the screen.
//!
//! Every call but `extractAnswer` returns a promise of plain objects. Errors are `Error` with a `code` and a message that
//! says what to do. `www/concord.d.ts` declares the types; `docs/scripting.md` has examples of every call.

mod agreement;
mod answers;
mod export;
mod imports;
mod job;
mod models;
mod responses;
mod session_files;
mod sessions;
mod values;

use std::future::Future;

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Blob;

use super::{actions::pieces, client, model_source};
use crate::{
    browser::fetch::ByteStream,
    curation::Shipped,
    data::Prompt,
    protocol::{Fault, FaultCode, ModelRequest, ShelfRequest, TextRequest},
};

use answers::extract_answer_method;
use export::export_pairs_method;
use imports::import_prompts;
use job::answer;
use models::{embed, generate, load_model, score, tokenize, unload_model};
use responses::{hand_off, import_responses};
use session_files::{open_session, save_session};
use sessions::{build, measure, rerun_cut, select};
use values::{date, from_js, js_error, option, to_js};

/// Puts `concord` on the window.
///
/// # Errors
/// When the window refuses; it does not.
pub fn install() -> Result<(), JsValue> {
    let concord = Object::new();
    Reflect::set(
        &concord,
        &"ready".into(),
        &future_to_promise(async { to_js(&client::environment().await) }),
    )?;
    for (call, set) in [("starterPrompts", Shipped::Starter), ("practicePrompts", Shipped::Practice)] {
        let prompts = move || async move { to_js(&shipped_prompts(set).await.map_err(js_error)?) };
        method(&concord, call, move |_, _| prompts())?;
    }
    method(&concord, "exampleSession", |_, _| async {
        open_session(example_session().await.map_err(js_error)?.into(), JsValue::UNDEFINED).await
    })?;
    method(&concord, "loadModel", load_model)?;
    method(&concord, "storedModels", |_, _| async {
        answer(ShelfRequest::List.into(), None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "deleteModel", |id, _| async {
        answer(ShelfRequest::Delete { id: from_js(id, "id")? }.into(), None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "tokenize", tokenize)?;
    method(&concord, "detokenize", |ids, _| async {
        answer(TextRequest::Detokenize { ids: from_js(ids, "ids")? }.into(), None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "renderChat", |messages, options| async move {
        let thinking = option(&options, "thinking")?.unwrap_or_default();
        let date = date(&options)?;
        let request = TextRequest::RenderChat { messages: from_js(messages, "messages")?, thinking, date };
        answer(request.into(), None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "generate", generate)?;
    method(&concord, "score", score)?;
    method(&concord, "logits", |tokens, _| async {
        answer(ModelRequest::Logits { tokens: from_js(tokens, "tokens")? }.into(), None, &JsValue::UNDEFINED)
            .await
    })?;
    method(&concord, "embed", embed)?;
    method(&concord, "unloadModel", unload_model)?;
    method(&concord, "build", build)?;
    method(&concord, "rerunCut", rerun_cut)?;
    method(&concord, "measure", measure)?;
    method(&concord, "select", select)?;
    method(&concord, "agreement", agreement::report)?;
    method(&concord, "importPrompts", import_prompts)?;
    method(&concord, "importResponses", import_responses)?;
    method(&concord, "handOff", hand_off)?;
    export_pairs_method(&concord)?;
    extract_answer_method(&concord)?;
    method(&concord, "saveSession", save_session)?;
    method(&concord, "openSession", open_session)?;
    method(&concord, "counters", |_, _| async {
        answer(ModelRequest::Counters.into(), None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "resetCounters", |_, _| async {
        answer(ModelRequest::ResetCounters.into(), None, &JsValue::UNDEFINED).await
    })?;
    Reflect::set(&js_sys::global(), &"concord".into(), &concord)?;
    Ok(())
}

/// The prompts of a set that ships with the page.
///
/// # Errors
/// When the file is not where the page is.
pub async fn shipped_prompts(set: Shipped) -> Result<Vec<Prompt>, Fault> {
    let name = set.name().to_lowercase();
    let bytes = shipped_file(set.file()).await.ok_or_else(|| unreachable(&name))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Fault::new(FaultCode::BadInput, format!("the {name} are broken: {error}")))
}

/// The file of the session that ships with the page as an example.
///
/// # Errors
/// When it is not where the page is.
pub async fn example_session() -> Result<Blob, Fault> {
    let file = match shipped_file("example-session").await {
        Some(bytes) => pieces::blob_of_bytes("application/json", &bytes).await,
        None => None,
    };
    file.ok_or_else(|| unreachable("example session"))
}

/// A JSON file that ships with the page, fetched now; `None` where it does not come.
async fn shipped_file(name: &str) -> Option<Vec<u8>> {
    let url = model_source::absolute(&format!("./static/{name}.json"));
    let mut stream = ByteStream::from_url(&url).await.ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next_chunk().await.ok()? {
        bytes.extend(chunk.to_vec());
    }
    Some(bytes)
}

fn unreachable(name: &str) -> Fault {
    Fault::new(FaultCode::Unreachable, format!("the {name} could not be fetched; reload the page"))
}

/// Adds a method of up to two arguments that returns a promise.
fn method<F>(
    concord: &Object,
    name: &str,
    call: impl Fn(JsValue, JsValue) -> F + 'static,
) -> Result<(), JsValue>
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    let closure = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |first, second| {
        future_to_promise(call(first, second))
    });
    Reflect::set(concord, &name.into(), &closure.into_js_value())?;
    Ok(())
}
