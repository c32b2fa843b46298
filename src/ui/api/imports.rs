//! `importPrompts`: files in.

use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use super::super::{actions::files::name_of_all, reader};
use super::values::{bad_input, js_error, option, to_js};
use crate::{
    align,
    browser::picked,
    data::{
        FilePreview, ImportProblem, Imported, Mapping, Prompt, PromptSource, SessionConfig, Spellings,
        Verdict,
    },
};

/// `importPrompts(file | file[], { anchor, mapping })`.
pub(super) async fn import_prompts(given: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let files = files_of(&given, "importPrompts")?;
    let anchor = option(&options, "anchor")?.unwrap_or_else(|| SessionConfig::default().anchor);
    let mapping: Mapping = option(&options, "mapping")?.unwrap_or_default();
    let first = if Array::is_array(&given) { Array::from(&given).get(0) } else { given };
    // A blob has no name that anybody gave it.
    let name = if first.is_instance_of::<File>() { name_of_all(&files) } else { String::new() };
    let Imported { mapping, files, prompts, spellings, mut problems, verdict, prompt_set, refusal } =
        reader::read_prompts(&files, mapping, anchor.clone()).await.map_err(js_error)?;
    if let Some(refusal) = refusal {
        return Err(bad_input(&refusal));
    }
    problems.extend(align::unreadable_gold(&prompts, &anchor).into_iter().map(ImportProblem::from));
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        prompts: Vec<Prompt>,
        problems: Vec<ImportProblem>,
        spellings: Spellings,
        mapping: Mapping,
        files: Vec<FilePreview>,
        verdict: Verdict,
        prompt_set: PromptSource,
    }
    let prompt_set = PromptSource { name, ..prompt_set };
    to_js(&Out { prompts, problems, spellings, mapping, files, verdict, prompt_set })
}

/// One file or a list of them, with their names; `call` is what the error speaks of.
pub(super) fn files_of(files: &JsValue, call: &str) -> Result<Vec<(String, Blob)>, JsValue> {
    let refuse = || bad_input(&format!("{call} takes a File or Blob, or a list of them"));
    let all = if Array::is_array(files) { Array::from(files) } else { Array::of1(files) };
    let named = all.iter().enumerate().map(|(at, file)| {
        let name = file.dyn_ref::<File>().map_or_else(|| format!("file {}", at + 1), picked::path_of);
        Ok((name, file.dyn_into().map_err(|_other| refuse())?))
    });
    let named: Vec<(String, Blob)> = named.collect::<Result<_, JsValue>>()?;
    if named.is_empty() { Err(refuse()) } else { Ok(named) }
}
