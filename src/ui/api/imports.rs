//! `importPrompts`: files in.

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use super::super::reader;
use super::values::{bad_input, js_error, option, to_js};
use crate::{
    align,
    browser::picked,
    data::{FilePreview, ImportProblem, Imported, Mapping, Prompt, SessionConfig, Spellings, Verdict},
    protocol::ReadRequest,
};

/// `importPrompts(file | file[], { anchor, mapping })`.
pub(super) async fn import_prompts(files: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let (names, files) = files_of(&files, "importPrompts")?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: Mapping = option(&options, "mapping")?.unwrap_or_default();
    let Imported { mapping, files, prompts, spellings, mut problems, verdict, refusal } =
        reader::read_prompts(ReadRequest::Prompts { names, mapping, anchor: anchor.clone() }, &files)
            .await
            .map_err(js_error)?;
    if let Some(refusal) = refusal {
        return Err(bad_input(&refusal));
    }
    let placed = |problem| ImportProblem { file: String::new(), column: None, problem };
    problems.extend(align::unreadable_gold(&prompts, &anchor).into_iter().map(placed));
    #[derive(Serialize)]
    struct Out {
        prompts: Vec<Prompt>,
        problems: Vec<ImportProblem>,
        spellings: Spellings,
        mapping: Mapping,
        files: Vec<FilePreview>,
        verdict: Verdict,
    }
    to_js(&Out { prompts, problems, spellings, mapping, files, verdict })
}

/// One file or a list of them: their names, and what is in them.
fn files_of(files: &JsValue, call: &str) -> Result<(Vec<String>, Vec<Blob>), JsValue> {
    let all = if Array::is_array(files) { Array::from(files) } else { Array::of1(files) };
    let refused = || bad_input(&format!("{call} takes a File or Blob, or a list of them"));
    let mut out = (Vec::new(), Vec::new());
    for (at, file) in all.iter().enumerate() {
        out.0.push(file.dyn_ref::<File>().map_or_else(|| format!("file {}", at + 1), picked::path_of));
        out.1.push(file.dyn_into().map_err(|_other| refused())?);
    }
    if out.0.is_empty() { Err(refused()) } else { Ok(out) }
}
