//! `importResponses`: responses in, as a session.

use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{
    imports::files_of,
    sessions::checked_session,
    values::{bad_input, js_error, option, to_js},
};
use crate::{
    browser::{clock, download},
    data::{
        FilePreview, ImportProblem, ImportedResponses, Prompt, ResponseMapping, Session, SessionConfig,
        Spellings,
    },
    job::{n_later, session_with_later},
    ui::{
        actions::responses::{checked, made_of},
        reader,
    },
};

/// `importResponses(file | file[], { mapping, prompts, anchor, session })`.
pub(super) async fn import_responses(files: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let files = files_of(&files, "importResponses")?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: ResponseMapping = option(&options, "mapping")?.unwrap_or_default();
    let prompts: Vec<Prompt> = option(&options, "prompts")?.unwrap_or_default();
    let earlier = Reflect::get(&options, &"session".into()).ok().filter(|given| !given.is_undefined());
    let earlier = earlier.map(checked_session).transpose()?;
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
    let session = match earlier {
        None => made_of(imported, config).await,
        Some(earlier) if n_later(&earlier, &imported).is_some() => {
            checked(session_with_later(&earlier, imported)).await
        }
        Some(_) => return Err(bad_input("these are not results of the session's job, by its model")),
    };
    let session = session.map_err(js_error)?;
    to_js(&Out { session, prompts, problems, spellings, mapping, files, said, missing })
}

/// `handOff(prompts, { model, server, logprobs, config })`: the folder of a job as a zip, with its `name`.
pub(super) async fn hand_off(prompts: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let request = Object::assign(&Object::new(), options.unchecked_ref());
    Reflect::set(&request, &"prompts".into(), &prompts)?;
    Reflect::set(&request, &"created".into(), &clock::iso_now().into())?;
    let job = String::from(JSON::stringify(&request)?);
    let (name, zip) = reader::hand_off(job).await.map_err(js_error)?;
    let blob = download::blob_of("application/zip", &Array::of1(&Uint8Array::from(zip.as_slice())))?;
    Reflect::set(&blob, &"name".into(), &format!("{name}.zip").into())?;
    Ok(blob.into())
}
