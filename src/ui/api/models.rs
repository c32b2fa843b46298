//! Models and what one asks of them directly: load, generate, score, embed, tokenise.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use super::{
    super::model_source,
    job::answer,
    values::{bad_input, config, date, from_js, js_error, option},
};
use crate::{
    browser::picked,
    protocol::{
        BackendChoice, EmbedRequest, GenerateRequest, Input, LoadRequest, Message, ModelRequest, ModelSource,
        Request, Role, TemplateChoice, TextRequest,
    },
    shelf::picked::name_below,
};

pub(super) async fn load_model(source: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let (source, files) = model_source(&source)?;
    let role: Role = option(&options, "role")?.unwrap_or_default();
    let backend: BackendChoice = option(&options, "backend")?.unwrap_or_default();
    let keep = option(&options, "keep")?.unwrap_or(true);
    let hub = option(&options, "hub")?.map(model_source::mirror).transpose().map_err(js_error)?;
    let (rows, row_tokens) = (option(&options, "rows")?, option(&options, "rowTokens")?);
    let template: TemplateChoice = option(&options, "template")?.unwrap_or_default();
    let request =
        LoadRequest { keep, hub, rows, row_tokens, template, ..LoadRequest::new(source, role, backend) };
    answer(request.into(), files, &options).await
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

pub(super) async fn tokenize(text: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let text = from_js(text, "text")?;
    let special = option(&options, "special")?.unwrap_or(false);
    answer(TextRequest::Tokenize { text, special }.into(), None, &options).await
}

pub(super) async fn generate(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let input = input(&settings)?;
    let config = config(&settings)?;
    let stop = option(&settings, "stop")?.unwrap_or_default();
    let request = ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop }));
    answer(request.into(), None, &options).await
}

pub(super) async fn score(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let input = input(&settings)?;
    let completion = option(&settings, "completion")?
        .ok_or_else(|| bad_input("score needs `completion`, the text whose log-probs are wanted"))?;
    let date = date(&settings)?;
    answer(ModelRequest::Score { input, completion, date }.into(), None, &options).await
}

pub(super) async fn embed(texts: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let texts = from_js(texts, "texts")?;
    let request = EmbedRequest {
        texts,
        role: option(&options, "role")?,
        layer: option(&options, "layer")?,
        pooling: option(&options, "pooling")?,
        text_kind: option(&options, "kind")?.unwrap_or_default(),
        cuts: false,
    };
    answer(ModelRequest::Embed(request).into(), None, &options).await
}

pub(super) async fn unload_model(role: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let role = if role.is_undefined() { Role::Generator } else { from_js(role, "role")? };
    answer(Request::Unload { role }, None, &options).await
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
