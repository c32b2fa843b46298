//! `importResponses`: responses in, as a session.

use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{
    imports::files_of,
    values::{bad_input, from_js, js_error, option, to_js},
};
use crate::{
    browser::{clock, download},
    data::{
        FilePreview, ImportProblem, ImportedResponses, Prompt, ResponseMapping, Session, SessionConfig,
        Spellings, languages_of,
    },
    ui::{actions::responses::checked, reader},
};

/// `importResponses(file | file[], { mapping, prompts, anchor })`.
pub(super) async fn import_responses(files: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let files = files_of(&files, "importResponses")?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: ResponseMapping = option(&options, "mapping")?.unwrap_or_default();
    let prompts: Vec<Prompt> = option(&options, "prompts")?.unwrap_or_default();
    let imported =
        reader::read_responses(&files, mapping, prompts, anchor.clone()).await.map_err(js_error)?;
    if let Some(refusal) = &imported.refusal {
        return Err(bad_input(refusal));
    }
    #[derive(Serialize)]
    struct Out {
        session: Session,
        prompts: Vec<Prompt>,
        problems: Vec<ImportProblem>,
        spellings: Spellings,
        mapping: ResponseMapping,
        files: Vec<FilePreview>,
        said: Vec<String>,
        missing: String,
    }
    let ImportedResponses { mapping, files, prompts, spellings, problems, said, missing, .. } =
        ImportedResponses { responses: Vec::new(), ..imported.clone() };
    let config = SessionConfig { anchor, ..SessionConfig::default() };
    let session = checked(imported, config).await.map_err(js_error)?;
    to_js(&Out { session, prompts, problems, spellings, mapping, files, said, missing })
}

/// `handOff(prompts, { model, server, config })`: the folder of a job as a zip, with its `name`.
pub(super) async fn hand_off(prompts: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let prompts: Vec<Prompt> = from_js(prompts, "prompts")?;
    let mut config: SessionConfig = option(&options, "config")?.unwrap_or_default();
    if config.languages.is_empty() {
        config.languages = languages_of(&prompts, &config.anchor);
    }
    let model = option(&options, "model")?.unwrap_or_default();
    let server = option(&options, "server")?.unwrap_or_default();
    let folder = reader::hand_off(model, server, config, prompts, clock::iso_now()).await;
    let (name, zip) = folder.map_err(js_error)?;
    let parts = Array::of1(&Uint8Array::from(zip.as_slice()));
    let blob = download::blob_of("application/zip", &parts)?;
    Reflect::set(&blob, &"name".into(), &format!("{name}.zip").into())?;
    Ok(blob.into())
}
