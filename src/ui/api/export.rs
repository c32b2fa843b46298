//! Pairs out for scripts.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{
    super::{actions::export, slices::in_slices},
    sessions::checked_session,
    values::{bad_input, from_js, js_error, option, to_js},
};
use crate::{
    align::BatchSettings,
    curation::{Desk, Exporter},
    data::{ExportFormat, ExportOptions},
};

/// Most epochs of a file in training order; it holds every row once for each.
const MOST_EPOCHS: u32 = 100;

/// `exportPairs(session, format, options)`: the file as a Blob, with its `name`, and `problems`: rows left out, and warnings.
pub(super) fn export_pairs_method(concord: &Object) -> Result<(), JsValue> {
    let closure = Closure::<dyn Fn(JsValue, JsValue, JsValue) -> Promise>::new(|session, format, options| {
        future_to_promise(export_pairs(session, format, options))
    });
    Reflect::set(concord, &"exportPairs".into(), &closure.into_js_value())?;
    Ok(())
}

async fn export_pairs(session: JsValue, format: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    // As it is: what of it a trainer should not learn from is said.
    let desk = Desk::new(checked_session(session)?);
    let batches: BatchSettings = option(&options, "batches")?.unwrap_or_default();
    if batches.n_epochs > MOST_EPOCHS {
        return Err(bad_input(&format!("`batches.nEpochs` is at most {MOST_EPOCHS}")));
    }
    let options = options_of(format, options)?;
    let mut exporter = Exporter::new(options.clone(), batches, None);
    in_slices(|| exporter.step(&desk)).await;
    let exported = exporter.finish();
    let problems = to_js(&exported.written.problems)?;
    let with_desk = |look: &mut dyn FnMut(&Desk)| look(&desk);
    let (blob, name) = export::file_of(exported, &options, with_desk).await.map_err(js_error)?;
    Reflect::set(&blob, &"name".into(), &name.into())?;
    Reflect::set(&blob, &"problems".into(), &problems)?;
    Ok(blob.into())
}

fn options_of(format: JsValue, options: JsValue) -> Result<ExportOptions, JsValue> {
    let name: String = from_js(format, "format")?;
    let format = ExportFormat::parse(&name).ok_or_else(|| {
        let known = ExportFormat::ALL.map(|format| format!("\"{}\"", format.as_str())).join(", ");
        bad_input(&format!("the export format \"{name}\" is not known; use one of {known}"))
    })?;
    let options = if options.is_object() { from_js(options, "options")? } else { ExportOptions::default() };
    Ok(ExportOptions { format, ..options })
}
