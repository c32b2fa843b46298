//! What the page keeps in this browser: an IndexedDB of books, each a head and a log that is only added to.
//!
//! Every call is one transaction, which happens whole or not at all, and ends when the transaction has ended, not when its
//! requests have: a full disk shows only then. Values are texts and blobs made by the caller; nothing here knows what is in
//! them. Private windows may refuse, full disks do: every failure says what to do, and the page goes on without.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, IdbDatabase, IdbKeyRange, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

const DATABASE: &str = "concord";
const VERSION: u32 = 2;
const HEADS: &str = "heads";
const LOG: &str = "log";

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
    /// A tab with an older page holds the database.
    #[error(
        "another tab has an older version of this page open, so nothing can be kept: close that tab, then reload this one"
    )]
    OldTab,
    /// Anything else.
    #[error(
        "keeping the session in this browser failed ({reason}): download the session file before you close the tab"
    )]
    Failed {
        /// The browser's name for it.
        reason: String,
    },
}

/// A book without its log.
#[derive(Clone, Debug)]
pub struct Head {
    /// Which book.
    pub id: String,
    /// What its writer says of it.
    pub meta: String,
    /// Its file.
    pub body: Blob,
}

/// Where a record stands in its book's log: time, writer, number.
pub type Place<'a> = (u64, &'a str, u64);

thread_local! {
    static DB: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// Keeps a book's head, in the place of what was there.
///
/// # Errors
/// When the browser refuses or has no room.
pub async fn put_head(head: &Head) -> Result<(), StorageError> {
    let transaction = Transaction::begin(&[HEADS], IdbTransactionMode::Readwrite).await?;
    let value = Object::new();
    let set =
        |name: &str, to: &JsValue| Reflect::set(&value, &name.into(), to).map_err(|error| failed(&error));
    set("meta", &head.meta.as_str().into())?;
    set("body", &head.body)?;
    transaction.ask(HEADS, |store| store.put_with_key(&value, &head.id.as_str().into()))?;
    transaction.ended().await
}

/// Adds records to a book's log. A record at a place that is taken is the same one, written again.
///
/// # Errors
/// When the browser refuses or has no room; then none was added.
pub async fn append(id: &str, records: &[(Place<'_>, String)]) -> Result<(), StorageError> {
    let transaction = Transaction::begin(&[LOG], IdbTransactionMode::Readwrite).await?;
    for ((time, writer, seq), text) in records {
        let key = Array::of4(&id.into(), &(*time as f64).into(), &(*writer).into(), &(*seq as f64).into());
        transaction.ask(LOG, |store| store.put_with_key(&text.as_str().into(), &key))?;
    }
    transaction.ended().await
}

/// Takes a book away, head and log.
///
/// # Errors
/// When the browser refuses.
pub async fn remove(id: &str) -> Result<(), StorageError> {
    let transaction = Transaction::begin(&[HEADS, LOG], IdbTransactionMode::Readwrite).await?;
    transaction.ask(HEADS, |store| store.delete(&id.into()))?;
    let range = whole_log(id)?;
    transaction.ask(LOG, |store| store.delete(&range))?;
    transaction.ended().await
}

/// All books, each with the time of its log's last record.
///
/// # Errors
/// When the browser refuses.
pub async fn heads() -> Result<Vec<(Head, Option<u64>)>, StorageError> {
    let transaction = Transaction::begin(&[HEADS, LOG], IdbTransactionMode::Readonly).await?;
    let ids = transaction.ask(HEADS, |store| store.get_all_keys())?;
    let values = transaction.ask(HEADS, |store| store.get_all())?;
    let places = transaction.ask(LOG, |store| store.get_all_keys())?;
    transaction.ended().await?;
    let mut last = std::collections::HashMap::new();
    for place in list(&places) {
        let place: Array = place.unchecked_into();
        if let (Some(id), Some(time)) = (place.get(0).as_string(), place.get(1).as_f64()) {
            // The keys come in their order, so the last one stays.
            last.insert(id, time as u64);
        }
    }
    let (ids, values) = (list(&ids), list(&values));
    let heads = ids.iter().zip(values.iter()).filter_map(|(id, value)| head(&id.as_string()?, &value));
    Ok(heads.map(|head| (head.clone(), last.get(&head.id).copied())).collect())
}

/// A book: its head, if it is there, and the records of its log in order, with the place of the last.
///
/// # Errors
/// When the browser refuses.
pub async fn book(id: &str) -> Result<Option<Book>, StorageError> {
    let transaction = Transaction::begin(&[HEADS, LOG], IdbTransactionMode::Readonly).await?;
    let value = transaction.ask(HEADS, |store| store.get(&id.into()))?;
    let range = whole_log(id)?;
    let places = transaction.ask(LOG, |store| store.get_all_keys_with_key(&range))?;
    let texts = transaction.ask(LOG, |store| store.get_all_with_key(&range))?;
    transaction.ended().await?;
    let value = value.result().map_err(|error| failed(&error))?;
    let last = list(&places).iter().last().and_then(|place| {
        let place: Array = place.unchecked_into();
        Some((place.get(1).as_f64()? as u64, place.get(2).as_string()?, place.get(3).as_f64()? as u64))
    });
    // What is no text is an entry that cannot be read, and counts as one.
    let entries = list(&texts).iter().map(|text| text.as_string().unwrap_or_default()).collect();
    Ok(head(id, &value).map(|head| Book { head, entries, last }))
}

/// A book as it was read.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its head.
    pub head: Head,
    /// Its log.
    pub entries: Vec<String>,
    /// Where the last entry stands.
    pub last: Option<(u64, String, u64)>,
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

fn head(id: &str, value: &JsValue) -> Option<Head> {
    let get = |name: &str| Reflect::get(value, &name.into()).ok();
    let meta = get("meta").and_then(|meta| meta.as_string()).unwrap_or_default();
    Some(Head { id: id.to_owned(), meta, body: get("body")?.dyn_into().ok()? })
}

/// The keys of a book's log: an array sorts behind everything that a place begins with.
fn whole_log(id: &str) -> Result<IdbKeyRange, StorageError> {
    let (first, last) = (Array::of1(&id.into()), Array::of2(&id.into(), &Array::new()));
    IdbKeyRange::bound(&first, &last).map_err(|error| failed(&error))
}

/// The results of a request for many.
pub(super) fn list(request: &IdbRequest) -> Array {
    request.result().ok().and_then(|result| result.dyn_into().ok()).unwrap_or_default()
}

/// A transaction, and the word that it has ended.
pub(super) struct Transaction {
    transaction: IdbTransaction,
    end: Ended,
}

impl Transaction {
    pub(super) async fn begin(stores: &[&str], mode: IdbTransactionMode) -> Result<Self, StorageError> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let begin = |db: &IdbDatabase| db.transaction_with_str_sequence_and_mode(&names, mode);
        let transaction = match begin(&open().await?) {
            Ok(transaction) => transaction,
            // The browser may close the connection, for example when site data is cleared: open it once more.
            Err(_) => {
                DB.take();
                begin(&open().await?).map_err(|error| failed(&error))?
            }
        };
        let end = Ended::new();
        transaction.set_oncomplete(Some(end.handler()));
        transaction.set_onabort(Some(end.handler()));
        Ok(Self { transaction, end })
    }

    /// Makes a request; all are made before the end is waited for.
    pub(super) fn ask(
        &self,
        store: &str,
        request: impl FnOnce(&web_sys::IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<IdbRequest, StorageError> {
        let store = self.transaction.object_store(store).map_err(|error| failed(&error))?;
        request(&store).map_err(|error| failed(&error))
    }

    /// Waits for the end; that it was aborted is an error.
    pub(super) async fn ended(self) -> Result<(), StorageError> {
        let is_complete = self.end.wait().await == "complete";
        self.transaction.set_oncomplete(None);
        self.transaction.set_onabort(None);
        if is_complete {
            return Ok(());
        }
        // Chrome names no error where there is no room for the transaction's own record.
        Err(self.transaction.error().map_or(StorageError::Full, |error| failed(&error)))
    }
}

/// Waits for the first of several events.
struct Ended {
    handler: Closure<dyn Fn(web_sys::Event)>,
    kind: oneshot::Receiver<String>,
}

impl Ended {
    fn new() -> Self {
        let (sender, kind) = oneshot::channel();
        let sender = Rc::new(RefCell::new(Some(sender)));
        let handler = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            if let Some(sender) = sender.borrow_mut().take() {
                // The waiter may be gone, for example when the page closes.
                let _gone = sender.send(event.type_());
            }
        });
        Self { handler, kind }
    }

    fn handler(&self) -> &js_sys::Function {
        self.handler.as_ref().unchecked_ref()
    }

    /// The event's name.
    async fn wait(self) -> String {
        self.kind.await.unwrap_or_default()
    }
}

pub(super) async fn open() -> Result<IdbDatabase, StorageError> {
    if let Some(db) = DB.with_borrow(Clone::clone) {
        return Ok(db);
    }
    let window = web_sys::window().ok_or(StorageError::Denied)?;
    let Ok(Some(factory)) = window.indexed_db() else { return Err(StorageError::Denied) };
    let request: IdbOpenDbRequest =
        factory.open_with_u32(DATABASE, VERSION).map_err(|_denied| StorageError::Denied)?;
    let upgraded = request.clone();
    let on_upgrade = Closure::once(move || {
        let Ok(result) = upgraded.result() else { return };
        let db: IdbDatabase = result.unchecked_into();
        // A store that cannot be made shows as an error of the first transaction on it.
        let _heads = db.create_object_store(HEADS);
        let _log = db.create_object_store(LOG);
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let end = Ended::new();
    request.set_onsuccess(Some(end.handler()));
    request.set_onerror(Some(end.handler()));
    request.set_onblocked(Some(end.handler()));
    let kind = end.wait().await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    request.set_onblocked(None);
    match kind.as_str() {
        "success" => {
            let db: IdbDatabase = request.result().map_err(|error| failed(&error))?.unchecked_into();
            close_for_newer(&db);
            DB.set(Some(db.clone()));
            Ok(db)
        }
        "blocked" => Err(StorageError::OldTab),
        _ => match request.error() {
            Ok(Some(exception)) => Err(failed(&exception)),
            _ => Err(StorageError::Denied),
        },
    }
}

/// Makes way for a newer page in another tab, which could not open the database otherwise.
fn close_for_newer(db: &IdbDatabase) {
    let closing = db.clone();
    let on_change = Closure::<dyn Fn()>::new(move || {
        closing.close();
        DB.take();
    });
    db.set_onversionchange(Some(on_change.as_ref().unchecked_ref()));
    // It listens for as long as the page lives.
    on_change.forget();
}

pub(super) fn failed(error: &JsValue) -> StorageError {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "QuotaExceededError" => StorageError::Full,
        "SecurityError" | "InvalidStateError" | "NotAllowedError" => StorageError::Denied,
        // A database that a newer page has made.
        "VersionError" => {
            StorageError::Failed { reason: "a newer version of this page was used here".to_owned() }
        }
        _ => {
            StorageError::Failed { reason: if name.is_empty() { "no reason given".to_owned() } else { name } }
        }
    }
}
