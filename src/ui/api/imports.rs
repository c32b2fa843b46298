//! `importPrompts`: files in.

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use super::values::{bad_input, option, to_js};
use crate::{
    align,
    browser::{download, picked},
    data::{
        self, FilePreview, ImportProblem, Imported, Mapping, Prompt, SessionConfig, SourceFile, Spellings,
        Verdict,
    },
};

/// `importPrompts(file | file[], { anchor, mapping })`.
pub(super) async fn import_prompts(files: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let files = files_of(files, "importPrompts").await?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: Mapping = option(&options, "mapping")?.unwrap_or_default();
    let Imported { mapping, files, prompts, spellings, mut problems, verdict, refusal } =
        data::import(files, &mapping, &anchor);
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

/// One file or a list of them, with their names and bytes.
async fn files_of(files: JsValue, call: &str) -> Result<Vec<SourceFile>, JsValue> {
    let all = if Array::is_array(&files) { Array::from(&files) } else { Array::of1(&files) };
    let mut out = Vec::new();
    for (at, file) in all.iter().enumerate() {
        let name = file.dyn_ref::<File>().map_or_else(|| format!("file {}", at + 1), picked::path_of);
        let blob: Blob = file
            .dyn_into()
            .map_err(|_other| bad_input(&format!("{call} takes a File or Blob, or a list of them")))?;
        let bytes = download::bytes_of(&blob, 0.0, blob.size()).await;
        let bytes = bytes.ok_or_else(|| bad_input("the file could not be read; pick it again"))?;
        out.push(SourceFile::new(name, bytes));
    }
    if out.is_empty() {
        Err(bad_input(&format!("{call} takes a File or Blob, or a list of them")))
    } else {
        Ok(out)
    }
}
