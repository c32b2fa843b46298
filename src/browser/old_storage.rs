//! What version 0.1 kept in this browser: a few named records, and a list of finished responses.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, IdbRequest, IdbTransactionMode};

use super::database::{StorageError, Transaction, failed, list, open};

const RECORDS: &str = "records";
const BATCHES: &str = "batches";

/// What version 0.1 kept: its named records, and the responses of a run, a text per save.
#[derive(Debug, Default)]
pub struct OldRecords {
    /// The session's file.
    pub session: Option<Blob>,
    /// Its decisions.
    pub events: Option<String>,
    /// The run that had not ended.
    pub run: Option<String>,
    /// Which downloaded file holds how many decisions.
    pub backup: Option<String>,
    /// The responses of the run.
    pub batches: Vec<String>,
}

/// Reads what version 0.1 kept.
///
/// # Errors
/// When the browser refuses.
pub async fn old_records() -> Result<OldRecords, StorageError> {
    if !has_old_records().await? {
        return Ok(OldRecords::default());
    }
    let transaction = Transaction::begin(&[RECORDS, BATCHES], IdbTransactionMode::Readonly).await?;
    let ask = |name: &str| transaction.ask(RECORDS, |store| store.get(&name.into()));
    let (session, events, run, backup) = (ask("session")?, ask("events")?, ask("run")?, ask("backup")?);
    let batches = transaction.ask(BATCHES, |store| store.get_all())?;
    transaction.ended().await?;
    let text = |request: &IdbRequest| request.result().ok().and_then(|value| value.as_string());
    let session = session.result().map_err(|error| failed(&error))?;
    let session = match session.as_string() {
        // The first pages kept a text.
        Some(_) => Blob::new_with_str_sequence(&Array::of1(&session)).ok(),
        None => session.dyn_into().ok(),
    };
    Ok(OldRecords {
        session,
        events: text(&events),
        run: text(&run),
        backup: text(&backup),
        batches: list(&batches).iter().filter_map(|text| text.as_string()).collect(),
    })
}

/// Forgets what version 0.1 kept: it is in books now.
///
/// # Errors
/// When the browser refuses.
pub async fn forget_old_records() -> Result<(), StorageError> {
    if !has_old_records().await? {
        return Ok(());
    }
    let transaction = Transaction::begin(&[RECORDS, BATCHES], IdbTransactionMode::Readwrite).await?;
    transaction.ask(RECORDS, |store| store.clear())?;
    transaction.ask(BATCHES, |store| store.clear())?;
    transaction.ended().await
}

async fn has_old_records() -> Result<bool, StorageError> {
    Ok(open().await?.object_store_names().contains(RECORDS))
}
