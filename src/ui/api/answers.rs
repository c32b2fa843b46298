//! Reading the answer of a text, as the methods do.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::values::{from_js, to_js};
use crate::{
    align::{AnswerRule, find_answer},
    data::Language,
};

/// An answer as scripts get it: offsets count UTF-16 code units, so that `text.slice(start, end)` is what was read.
#[derive(Serialize)]
struct ScriptAnswer {
    value: String,
    rule: AnswerRule,
    start: usize,
    end: usize,
    ambiguous: Vec<String>,
}

/// `extractAnswer(text, language)`: at once, in the page, without a model; null where the text has no answer.
pub(super) fn extract_answer_method(concord: &Object) -> Result<(), JsValue> {
    let closure = Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(extract_answer);
    Reflect::set(concord, &"extractAnswer".into(), &closure.into_js_value())?;
    Ok(())
}

fn extract_answer(text: JsValue, language: JsValue) -> Result<JsValue, JsValue> {
    let text: String = from_js(text, "text")?;
    let language: Language = from_js(language, "language")?;
    let Some(found) = find_answer(&text, &language) else { return Ok(JsValue::NULL) };
    let units = |byte: usize| text[..byte].encode_utf16().count();
    to_js(&ScriptAnswer {
        start: units(found.start),
        end: units(found.end),
        value: found.value,
        rule: found.rule,
        ambiguous: found.ambiguous,
    })
}
