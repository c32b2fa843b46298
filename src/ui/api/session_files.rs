//! Sessions in and out of files.

use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{
    sessions::checked_session,
    values::{bad_input, to_js},
};
use crate::ui::actions::pieces::{self, ReadError};

/// `saveSession(session)`: its zip archive.
pub(super) async fn save_session(session: JsValue, _: JsValue) -> Result<JsValue, JsValue> {
    let session = checked_session(session)?;
    let blob = pieces::archive_of(&session).await.map_err(|error| bad_input(&error.to_string()))?;
    blob.map(JsValue::from).ok_or_else(|| bad_input("the browser refused to put the file together"))
}

/// `openSession(file)`: the session of a zip archive or a JSON file.
pub(super) async fn open_session(file: JsValue, _: JsValue) -> Result<JsValue, JsValue> {
    let blob: Blob = file.dyn_into().map_err(|_other| bad_input("openSession takes a File or Blob"))?;
    match pieces::read(&blob).await {
        Ok(opened) => to_js(&opened.session),
        Err(ReadError::Unreadable) => Err(bad_input("the file could not be read; pick it again")),
        Err(ReadError::Bad(error)) => Err(bad_input(&error.to_string())),
    }
}
