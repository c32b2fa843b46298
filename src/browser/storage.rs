//! What the page keeps in this browser: a small IndexedDB with named records and an append-only list of batches.
//!
//! Values are JSON made by the caller; nothing here knows what is in them. Private windows may
//! refuse, full disks do: every failure says what the person can do, and the page goes on without.

use std::cell::RefCell;

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, IdbDatabase, IdbObjectStore, IdbObjectStoreParameters, IdbOpenDbRequest, IdbRequest,
    IdbTransactionMode,
};

const DATABASE: &str = "concord";
const VERSION: u32 = 1;
const RECORDS: &str = "records";
const BATCHES: &str = "batches";

/// Why something could not be kept or found again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The browser does not let this page keep anything.
    #[error(
        "this browser does not let the page keep data (a private window, or site data is blocked): download the session file before you close the tab"
    )]
    Denied,
    /// There is no room.
    #[error(
        "there is no room left to keep the session in this browser: download the session file, then free disk space or delete other sites' data"
    )]
    Full,
    /// Anything else.
    #[error(
        "keeping the session in this browser failed ({reason}): download the session file before you close the tab"
    )]
    Failed {
        /// The browser's name for it.
        reason: String,
    },
}

thread_local! {
    static DB: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// Keeps a text under a name, replacing what was there.
///
/// # Errors
/// When the browser refuses or has no room.
pub async fn put(name: &str, text: &str) -> Result<(), StorageError> {
    put_value(name, &text.into()).await
}

/// Keeps a file's bytes under a name, replacing what was there.
///
/// # Errors
/// When the browser refuses or has no room.
pub async fn put_blob(name: &str, blob: &Blob) -> Result<(), StorageError> {
    put_value(name, blob).await
}

async fn put_value(name: &str, value: &JsValue) -> Result<(), StorageError> {
    let store = store(RECORDS, IdbTransactionMode::Readwrite).await?;
    let request = store.put_with_key(value, &name.into()).map_err(|error| storage_error(&error))?;
    settled(&request).await.map(drop)
}

/// The text under a name.
///
/// # Errors
/// When the browser refuses.
pub async fn get(name: &str) -> Result<Option<String>, StorageError> {
    Ok(get_value(name).await?.as_string())
}

/// The bytes under a name; a text that is there counts as its bytes.
///
/// # Errors
/// When the browser refuses.
pub async fn get_blob(name: &str) -> Result<Option<Blob>, StorageError> {
    let value = get_value(name).await?;
    if value.is_string() {
        let blob = Blob::new_with_str_sequence(&js_sys::Array::of1(&value));
        return blob.map(Some).map_err(|error| storage_error(&error));
    }
    Ok(value.dyn_into().ok())
}

async fn get_value(name: &str) -> Result<JsValue, StorageError> {
    let store = store(RECORDS, IdbTransactionMode::Readonly).await?;
    let request = store.get(&name.into()).map_err(|error| storage_error(&error))?;
    settled(&request).await
}

/// Forgets what is kept under a name.
///
/// # Errors
/// When the browser refuses.
pub async fn remove(name: &str) -> Result<(), StorageError> {
    let store = store(RECORDS, IdbTransactionMode::Readwrite).await?;
    let request = store.delete(&name.into()).map_err(|error| storage_error(&error))?;
    settled(&request).await.map(drop)
}

/// Adds a text to the end of the list of batches.
///
/// # Errors
/// When the browser refuses or has no room.
pub async fn append_batch(text: &str) -> Result<(), StorageError> {
    let store = store(BATCHES, IdbTransactionMode::Readwrite).await?;
    let request = store.add(&text.into()).map_err(|error| storage_error(&error))?;
    settled(&request).await.map(drop)
}

/// All batches in the order they were added.
///
/// # Errors
/// When the browser refuses.
pub async fn batches() -> Result<Vec<String>, StorageError> {
    let store = store(BATCHES, IdbTransactionMode::Readonly).await?;
    let request = store.get_all().map_err(|error| storage_error(&error))?;
    let all: js_sys::Array = settled(&request).await?.unchecked_into();
    Ok(all.iter().filter_map(|text| text.as_string()).collect())
}

/// Forgets all batches.
///
/// # Errors
/// When the browser refuses.
pub async fn clear_batches() -> Result<(), StorageError> {
    let store = store(BATCHES, IdbTransactionMode::Readwrite).await?;
    let request = store.clear().map_err(|error| storage_error(&error))?;
    settled(&request).await.map(drop)
}

/// Asks the browser not to clear this page's data on its own; `false` when it declines.
pub async fn persist() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let Ok(promise) = window.navigator().storage().persist() else { return false };
    JsFuture::from(promise).await.is_ok_and(|granted| granted.is_truthy())
}

/// Whether the browser has promised not to clear this page's data on its own.
pub async fn is_persistent() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let Ok(promise) = window.navigator().storage().persisted() else { return false };
    JsFuture::from(promise).await.is_ok_and(|granted| granted.is_truthy())
}

async fn store(name: &str, mode: IdbTransactionMode) -> Result<IdbObjectStore, StorageError> {
    let db = match DB.with_borrow(Clone::clone) {
        Some(db) => db,
        None => open().await?,
    };
    let open_store = |db: &IdbDatabase| db.transaction_with_str_and_mode(name, mode)?.object_store(name);
    match open_store(&db) {
        Ok(store) => Ok(store),
        // The browser may close the connection, for example when site data is cleared: open it once more.
        Err(_) => {
            let db = open().await?;
            open_store(&db).map_err(|error| storage_error(&error))
        }
    }
}

async fn open() -> Result<IdbDatabase, StorageError> {
    let window = web_sys::window().ok_or(StorageError::Denied)?;
    let Ok(Some(factory)) = window.indexed_db() else { return Err(StorageError::Denied) };
    let request: IdbOpenDbRequest =
        factory.open_with_u32(DATABASE, VERSION).map_err(|_denied| StorageError::Denied)?;
    let upgraded = request.clone();
    let on_upgrade = Closure::once(move || {
        let Ok(result) = upgraded.result() else { return };
        let db: IdbDatabase = result.unchecked_into();
        let numbered = IdbObjectStoreParameters::new();
        numbered.set_auto_increment(true);
        // A store that cannot be made shows as an error of the first transaction on it.
        let _records = db.create_object_store(RECORDS);
        let _batches = db.create_object_store_with_optional_parameters(BATCHES, &numbered);
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let db: IdbDatabase = settled(&request).await?.unchecked_into();
    DB.set(Some(db.clone()));
    Ok(db)
}

/// Waits for a request's result.
async fn settled(request: &IdbRequest) -> Result<JsValue, StorageError> {
    let (sender, receiver) = oneshot::channel();
    let sender = std::rc::Rc::new(RefCell::new(Some(sender)));
    let settle = move || {
        if let Some(sender) = sender.borrow_mut().take() {
            // The waiter may be gone, for example when the page closes.
            let _gone = sender.send(());
        }
    };
    let handler = Closure::<dyn Fn()>::new(settle);
    request.set_onsuccess(Some(handler.as_ref().unchecked_ref()));
    request.set_onerror(Some(handler.as_ref().unchecked_ref()));
    let _settled = receiver.await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    request.result().map_err(|error| match request.error() {
        Ok(Some(exception)) => storage_error(&exception),
        _ => storage_error(&error),
    })
}

fn storage_error(error: &JsValue) -> StorageError {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "QuotaExceededError" => StorageError::Full,
        "SecurityError" | "InvalidStateError" | "NotAllowedError" => StorageError::Denied,
        _ => {
            StorageError::Failed { reason: if name.is_empty() { "no reason given".to_owned() } else { name } }
        }
    }
}
