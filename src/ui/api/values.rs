//! Values between JavaScript and Rust, and errors as scripts get them.

use js_sys::{Error, Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::super::today::today;
use crate::{
    data::{Day, FieldProblem, SessionConfig, check_settings},
    protocol::{Fault, FaultCode},
};

/// A member that is there and not null.
pub(super) fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = object.is_object().then(|| Reflect::get(object, &name.into()).ok()).flatten()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A member, if it is there and not null.
pub(super) fn option<T: DeserializeOwned>(object: &JsValue, name: &str) -> Result<Option<T>, JsValue> {
    member(object, name).map(|value| from_js(value, name)).transpose()
}

/// A value that a script gave; `name` is what the error calls it.
pub(super) fn from_js<T: DeserializeOwned>(value: JsValue, name: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| bad_input(&format!("`{name}` is not what this call takes: {error}")))
}

/// The member `date`: a day, or `"today"` for the one that it is here.
pub(super) fn date(object: &JsValue) -> Result<Option<Day>, JsValue> {
    match member(object, "date") {
        Some(date) if date.as_string().as_deref() == Some("today") => Ok(today()),
        _ => option(object, "date"),
    }
}

pub(super) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}

/// An `Error` with code `bad-input`.
pub(super) fn bad_input(message: &str) -> JsValue {
    js_error(Fault::new(FaultCode::BadInput, message))
}

/// Refuses a value of a script, by the first of its problems; `name` is what the error calls it.
pub(super) fn refuse(name: &str, problems: Vec<FieldProblem>) -> Result<(), JsValue> {
    match problems.first() {
        Some(first) => Err(bad_input(&format!("`{name}` is not what this call takes: {first}"))),
        None => Ok(()),
    }
}

/// An `Error` with the fault's code.
pub(super) fn js_error(fault: Fault) -> JsValue {
    let error = Error::new(&fault.message);
    // Setting a property of a fresh Error does not fail.
    let _set = Reflect::set(&error, &"code".into(), &fault.code.as_str().into());
    error.into()
}

/// The settings of a run; "today" becomes the day that it is.
pub(super) fn config(settings: &JsValue) -> Result<SessionConfig, JsValue> {
    let date = date(settings)?;
    let dated = Object::assign(&Object::new(), settings.unchecked_ref::<Object>());
    Reflect::set(&dated, &"date".into(), &to_js(&date)?)?;
    let config: SessionConfig = from_js(dated.into(), "settings")?;
    refuse("settings", check_settings(&config))?;
    Ok(config)
}
