//! `importResponses`: responses in, as a session.

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use super::values::{bad_input, js_error, option, to_js};
use crate::{
    browser::picked,
    data::{
        FilePreview, ImportProblem, ImportedResponses, Prompt, ResponseMapping, Session, SessionConfig,
        Spellings,
    },
    ui::{
        actions::responses::checked,
        reader::{ReadResponses, read_responses},
    },
};

/// `importResponses(file | file[], { mapping, prompts, anchor })`.
pub(super) async fn import_responses(files: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let files = blobs_of(files)?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: ResponseMapping = option(&options, "mapping")?.unwrap_or_default();
    let prompts: Vec<Prompt> = option(&options, "prompts")?.unwrap_or_default();
    let request = ReadResponses { mapping, prompts, anchor: anchor.clone() };
    let imported = read_responses(request, files).await.map_err(js_error)?;
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
    }
    let ImportedResponses { mapping, files, prompts, spellings, problems, .. } =
        ImportedResponses { responses: Vec::new(), ..imported.clone() };
    let config = SessionConfig { anchor, ..SessionConfig::default() };
    let session = checked(imported, config).await.map_err(|error| bad_input(&error.to_string()))?;
    to_js(&Out { session, prompts, problems, spellings, mapping, files })
}

/// One file or a list of them, with their names.
fn blobs_of(files: JsValue) -> Result<Vec<(String, Blob)>, JsValue> {
    let refuse = || bad_input("importResponses takes a File or Blob, or a list of them");
    let all = if Array::is_array(&files) { Array::from(&files) } else { Array::of1(&files) };
    let named = all.iter().enumerate().map(|(at, file)| {
        let name = file.dyn_ref::<File>().map_or_else(|| format!("file {}", at + 1), picked::path_of);
        Ok((name, file.dyn_into().map_err(|_other| refuse())?))
    });
    let named: Vec<(String, Blob)> = named.collect::<Result<_, JsValue>>()?;
    if named.is_empty() { Err(refuse()) } else { Ok(named) }
}
