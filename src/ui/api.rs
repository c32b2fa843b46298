//! `window.concord`: the scripting API, on the same worker client as the screen.
//!
//! Every call returns a promise of plain objects. Errors are `Error` with a `code` and a message that
//! says what to do. `www/concord.d.ts` declares the types; README has an example per call.

use std::future::Future;

use js_sys::{Array, Error, Float32Array, Function, Object, Promise, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, Blob, File};

use super::{
    client::{self, JobEvent},
    model_source,
};
use crate::{
    align,
    browser::{clock, picked},
    curation,
    data::{self, Language, Prompt, Session, SessionConfig},
    protocol::{
        Answer, BackendChoice, BuildRequest, EmbedRequest, Fault, FaultCode, GenerateRequest, Input,
        LoadRequest, Message, ModelSource, Request, Role,
    },
    shelf::picked::name_below,
};

/// Where the prompts of the teaching model lie, relative to the page.
const STARTER_PROMPTS_URL: &str = "./static/starter-prompts.json";

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
    method(&concord, "starterPrompts", |_, _| async { to_js(&starter_prompts().await.map_err(js_error)?) })?;
    method(&concord, "loadModel", load_model)?;
    method(&concord, "storedModels", |_, _| async {
        answer(Request::StoredModels, None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "deleteModel", |id, _| async {
        answer(Request::DeleteModel { id: from_js(id, "id")? }, None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "tokenize", tokenize)?;
    method(&concord, "detokenize", |ids, _| async {
        answer(Request::Detokenize { ids: from_js(ids, "ids")? }, None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "renderChat", |messages, _| async {
        answer(Request::RenderChat { messages: from_js(messages, "messages")? }, None, &JsValue::UNDEFINED)
            .await
    })?;
    method(&concord, "generate", generate)?;
    method(&concord, "score", score)?;
    method(&concord, "logits", |tokens, _| async {
        answer(Request::Logits { tokens: from_js(tokens, "tokens")? }, None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "embed", embed)?;
    method(&concord, "unloadModel", unload_model)?;
    method(&concord, "build", build)?;
    method(&concord, "importPrompts", import_prompts)?;
    export_pairs_method(&concord)?;
    method(&concord, "counters", |_, _| async {
        answer(Request::Counters, None, &JsValue::UNDEFINED).await
    })?;
    method(&concord, "resetCounters", |_, _| async {
        answer(Request::ResetCounters, None, &JsValue::UNDEFINED).await
    })?;
    Reflect::set(&js_sys::global(), &"concord".into(), &concord)?;
    Ok(())
}

/// The prompts shipped with the teaching model.
///
/// # Errors
/// When the file is not where the page is.
pub async fn starter_prompts() -> Result<Vec<Prompt>, Fault> {
    let unreachable =
        || Fault::new(FaultCode::Unreachable, "the starter prompts could not be fetched; reload the page");
    let mut stream =
        crate::browser::fetch::ByteStream::from_url(&model_source::absolute(STARTER_PROMPTS_URL))
            .await
            .map_err(|_gone| unreachable())?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next_chunk().await.map_err(|_gone| unreachable())? {
        bytes.extend(chunk.to_vec());
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Fault::new(FaultCode::BadInput, format!("the starter prompts are broken: {error}")))
}

async fn load_model(source: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let (source, files) = model_source(&source)?;
    let role: Role = option(&options, "role")?.unwrap_or_default();
    let backend: BackendChoice = option(&options, "backend")?.unwrap_or_default();
    let keep = option(&options, "keep")?.unwrap_or(true);
    let hub = option(&options, "hub")?;
    let (rows, row_tokens) = (option(&options, "rows")?, option(&options, "rowTokens")?);
    let request = LoadRequest { keep, hub, rows, row_tokens, ..LoadRequest::new(source, role, backend) };
    answer(Request::LoadModel(request), files, &options).await
}

fn model_source(source: &JsValue) -> Result<(ModelSource, Option<JsValue>), JsValue> {
    let is_blobs =
        |files: &Array| files.length() > 0 && files.iter().all(|file| file.is_instance_of::<Blob>());
    let files = match source.dyn_ref::<Array>() {
        Some(files) => Some(files.clone()).filter(is_blobs),
        None => source.is_instance_of::<Blob>().then(|| Array::of1(source)),
    };
    if let Some(files) = files {
        let names = files.iter().map(|file| blob_name(&file)).collect();
        return Ok((ModelSource::File { names }, Some(files.into())));
    }
    let at =
        |text: &str, sha256| model_source::at(text, sha256).map(|source| (source, None)).map_err(js_error);
    match source.as_string().as_deref() {
        Some("teaching") => return Ok((model_source::teaching(), None)),
        Some(text) => return at(text, None),
        None => {}
    }
    let url: Option<String> = option(source, "url")?;
    let url = url.ok_or_else(|| {
        bad_input("a model source is \"teaching\", owner/name on the Hub, a URL, a File or Blob, an array of them, or { url, sha256 }")
    })?;
    at(&url, option(source, "sha256")?)
}

/// The name of a file below the folder that it was picked in.
fn blob_name(blob: &JsValue) -> String {
    let path = blob.dyn_ref::<File>().map(picked::path_of);
    path.map_or_else(|| "blob".to_owned(), |path| name_below(&path).to_owned())
}

async fn tokenize(text: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let text = from_js(text, "text")?;
    let special = option(&options, "special")?.unwrap_or(false);
    answer(Request::Tokenize { text, special }, None, &options).await
}

async fn generate(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let input = input(&settings)?;
    let config = config(&settings)?;
    let stop = option(&settings, "stop")?.unwrap_or_default();
    let request = Request::Generate(GenerateRequest { input, config, stop });
    answer(request, None, &options).await
}

async fn score(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let input = input(&settings)?;
    let completion = option(&settings, "completion")?
        .ok_or_else(|| bad_input("score needs `completion`, the text whose log-probs are wanted"))?;
    answer(Request::Score { input, completion }, None, &options).await
}

async fn embed(texts: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let texts = from_js(texts, "texts")?;
    let request = EmbedRequest {
        texts,
        role: option(&options, "role")?,
        layer: option(&options, "layer")?,
        pooling: option(&options, "pooling")?,
        text_kind: option(&options, "kind")?.unwrap_or_default(),
    };
    answer(Request::Embed(request), None, &options).await
}

async fn unload_model(role: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let role = if role.is_undefined() { Role::Generator } else { from_js(role, "role")? };
    answer(Request::Unload { role }, None, &options).await
}

async fn build(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let prompts: Vec<Prompt> = option(&settings, "prompts")?
        .ok_or_else(|| bad_input("build needs `prompts`; concord.starterPrompts() gives some"))?;
    let mut config = config(&settings)?;
    if config.languages.is_empty() {
        config.languages = languages_of(&prompts, &config.anchor);
    }
    let finished = option(&settings, "finished")?.unwrap_or_default();
    let request = BuildRequest { prompts, config, finished, created: clock::iso_now() };
    answer(Request::Build(Box::new(request)), None, &options).await
}

/// All languages of a prompt set, the anchor first, then by tag.
pub fn languages_of(prompts: &[Prompt], anchor: &Language) -> Vec<Language> {
    let all: std::collections::BTreeSet<&Language> =
        prompts.iter().flat_map(|prompt| prompt.text.keys()).collect();
    let mut languages: Vec<Language> = all.into_iter().cloned().collect();
    languages.sort_by_key(|language| language != anchor);
    languages
}

async fn import_prompts(file: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let blob: Blob = file.dyn_into().map_err(|_other| bad_input("importPrompts takes a File or Blob"))?;
    let text = JsFuture::from(blob.text()).await?.as_string().unwrap_or_default();
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let (prompts, mut problems) =
        data::read_prompts(&text, &anchor).map_err(|error| bad_input(&error.to_string()))?;
    problems.extend(align::unreadable_gold(&prompts, &anchor));
    #[derive(Serialize)]
    struct Imported<P, Q> {
        prompts: P,
        problems: Q,
    }
    to_js(&Imported { prompts, problems })
}

/// `exportPairs(session, format)`: the file as a Blob.
fn export_pairs_method(concord: &Object) -> Result<(), JsValue> {
    let closure = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(|session: JsValue, format: JsValue| {
        future_to_promise(async move {
            let session: Session = from_js(session, "session")?;
            let format: String = from_js(format, "format")?;
            if format != "trl" {
                return Err(bad_input(&format!("the export format \"{format}\" is not known; use \"trl\"")));
            }
            let exported = data::export_trl(&session, &curation::export_rows(&session));
            let parts = Array::of1(&exported.text.into());
            let bag = web_sys::BlobPropertyBag::new();
            bag.set_type("application/jsonl");
            Ok(Blob::new_with_str_sequence_and_options(&parts, &bag)?.into())
        })
    });
    Reflect::set(concord, &"exportPairs".into(), &closure.into_js_value())?;
    Ok(())
}

/// Runs a request; `onProgress`, `onToken`, `onResponses` and `signal` are read from `options`.
async fn answer(request: Request, files: Option<JsValue>, options: &JsValue) -> Result<JsValue, JsValue> {
    let callback =
        |name: &str| -> Option<Function> { member(options, name).and_then(|value| value.dyn_into().ok()) };
    let (on_progress, on_token, on_responses) =
        (callback("onProgress"), callback("onToken"), callback("onResponses"));
    let call = |callback: &Option<Function>, value: Result<JsValue, JsValue>| {
        if let (Some(callback), Ok(value)) = (callback, value) {
            // An error in the caller's callback is the caller's.
            let _result = callback.call1(&JsValue::UNDEFINED, &value);
        }
    };
    let on_event = move |event: JobEvent| match event {
        JobEvent::Progress(progress) => call(&on_progress, to_js(&progress)),
        JobEvent::Tokens(updates) => updates.iter().for_each(|update| call(&on_token, to_js(update))),
        JobEvent::Responses(responses) => call(&on_responses, to_js(&responses)),
    };
    let signal: Option<AbortSignal> = member(options, "signal").and_then(|value| value.dyn_into().ok());
    if signal.as_ref().is_some_and(AbortSignal::aborted) {
        return Err(js_error(Fault::new(FaultCode::Cancelled, "the job was cancelled before it started")));
    }
    let job = client::run(request, files, on_event);
    let id = job.id;
    let on_abort = Closure::<dyn Fn()>::new(move || client::cancel(id));
    if let Some(signal) = &signal {
        signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    let result = job.answer.await;
    if let Some(signal) = &signal {
        signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    js_from_answer(result.map_err(js_error)?)
}

fn js_from_answer(answer: Answer) -> Result<JsValue, JsValue> {
    match answer {
        Answer::Loaded(info) => to_js(&info),
        Answer::Built(outcome) if outcome.cancelled => {
            let error = js_error(Fault::new(
                FaultCode::Cancelled,
                "the build was cancelled; error.session holds what had finished",
            ));
            Reflect::set(&error, &"session".into(), &to_js(&outcome.session)?)?;
            Err(error)
        }
        Answer::Built(outcome) => {
            let session = to_js(&outcome.session)?;
            Reflect::set(&session, &"problems".into(), &to_js(&outcome.problems)?)?;
            Ok(session)
        }
        Answer::Measured(outcome) => to_js(&outcome),
        Answer::Generated(responses) => to_js(&responses),
        Answer::Scored(scored) => to_js(&scored),
        Answer::Numbers(numbers) => Ok(Float32Array::from(&numbers[..]).into()),
        Answer::Vectors(vectors) => {
            Ok(vectors.iter().map(|vector| Float32Array::from(&vector[..])).collect::<Array>().into())
        }
        Answer::Ids(ids) => to_js(&ids),
        Answer::Text(text) => Ok(text.into()),
        Answer::Stored(models) => to_js(&models),
        Answer::Counted(report) => to_js(&report),
        Answer::Done => Ok(JsValue::UNDEFINED),
    }
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

fn input(settings: &JsValue) -> Result<Input, JsValue> {
    if let Some(messages) = option::<Vec<Message>>(settings, "messages")? {
        return Ok(Input::Messages(messages));
    }
    if let Some(prompt) = option(settings, "prompt")? {
        return Ok(Input::Prompt(prompt));
    }
    option(settings, "tokens")?
        .map(Input::Tokens)
        .ok_or_else(|| bad_input("give `messages`, `prompt` or `tokens`"))
}

fn config(settings: &JsValue) -> Result<SessionConfig, JsValue> {
    from_js(settings.clone(), "settings")
}

/// A member that is there and not null.
fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = object.is_object().then(|| Reflect::get(object, &name.into()).ok()).flatten()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn option<T: DeserializeOwned>(object: &JsValue, name: &str) -> Result<Option<T>, JsValue> {
    member(object, name).map(|value| from_js(value, name)).transpose()
}

fn from_js<T: DeserializeOwned>(value: JsValue, name: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| bad_input(&format!("`{name}` is not what this call takes: {error}")))
}

fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}

fn bad_input(message: &str) -> JsValue {
    js_error(Fault::new(FaultCode::BadInput, message))
}

fn js_error(fault: Fault) -> JsValue {
    let error = Error::new(&fault.message);
    // Setting a property of a fresh Error does not fail.
    let _set = Reflect::set(&error, &"code".into(), &fault.code.as_str().into());
    error.into()
}
