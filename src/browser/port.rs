//! The two ends of the worker's port: typed messages over `postMessage`.
//!
//! A message travels as `{ message, files }`, where `files` is an array of `Blob`s, which serde cannot carry.

use js_sys::{Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// Wraps a message and the files that go with it.
///
/// # Errors
/// Only if a message type breaks the rules of `protocol`; a bug.
pub fn envelope<T: Serialize>(message: &T, files: Option<&JsValue>) -> Result<JsValue, JsValue> {
    let body = message.serialize(&Serializer::json_compatible())?;
    let wrapped = Object::new();
    Reflect::set(&wrapped, &"message".into(), &body)?;
    if let Some(files) = files {
        Reflect::set(&wrapped, &"files".into(), files)?;
    }
    Ok(wrapped.into())
}

/// Unwraps a message and the files that came with it.
///
/// # Errors
/// When the other side speaks another version of `protocol`.
pub fn open<T: DeserializeOwned>(wrapped: &JsValue) -> Result<(T, Option<JsValue>), JsValue> {
    let body = Reflect::get(wrapped, &"message".into())?;
    let files = Reflect::get(wrapped, &"files".into())?;
    let message = serde_wasm_bindgen::from_value(body)?;
    Ok((message, (!files.is_undefined()).then_some(files)))
}
