//! The connection to this browser's IndexedDB, and transactions on it.
//!
//! A transaction happens whole or not at all, and has ended when it says so, not when its requests have: a full disk shows only
//! then. Browsers lose connections: after a failure the next call asks for a new one.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{
    DomException, Event, IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

const DATABASE: &str = "concord";
const VERSION: u32 = 2;
pub(super) const HEADS: &str = "heads";
pub(super) const LOG: &str = "log";

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
        "another tab has an older version of this page open, so nothing can be kept: close that tab, and this one goes on"
    )]
    OldTab,
    /// What was stored is no longer there.
    #[error("what was kept in this browser has been cleared: what this tab shows is stored again")]
    Cleared,
    /// A transaction was aborted and nobody says why; Chrome does so where there is no room for the transaction's own record.
    #[error(
        "the browser stopped storing without a reason, perhaps because there is no room left: download the session file before you close the tab"
    )]
    Stopped,
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
    /// Books whose heads were seen through this connection.
    pub(super) static SEEN: RefCell<HashSet<String>> = RefCell::default();
    /// An older page in another tab holds up the connection that was asked for.
    static IS_BLOCKED: Cell<bool> = const { Cell::new(false) };
    /// Told when the browser has closed the connection.
    static ON_CLOSE: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Calls this when the browser closes the connection on its own, as it does before it clears what is stored.
pub fn on_close(told: impl Fn() + 'static) {
    ON_CLOSE.set(Some(Rc::new(told)));
}

/// Gives the connection back; the next call asks for another, and sees anew what is there.
pub fn disconnect() {
    if let Some(db) = DB.take() {
        db.close();
    }
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
            // The browser may have closed the connection, for example because site data is cleared: open it once more.
            Err(_) => {
                disconnect();
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
        let asked = self.transaction.object_store(store).and_then(|store| request(&store));
        asked.map_err(|error| {
            disconnect();
            failed(&error)
        })
    }

    /// Waits for the end; that it was aborted is an error.
    pub(super) async fn ended(self) -> Result<(), StorageError> {
        let is_complete = self.end.wait().await == "complete";
        self.transaction.set_oncomplete(None);
        self.transaction.set_onabort(None);
        if is_complete {
            return Ok(());
        }
        let error = self.transaction.error().map_or(StorageError::Stopped, |error| failed(&error));
        // A connection to a store that has crashed fails for ever.
        if error != StorageError::Full {
            disconnect();
        }
        Err(error)
    }
}

/// Waits for the first of several events.
struct Ended {
    handler: Closure<dyn Fn(Event)>,
    kind: oneshot::Receiver<String>,
}

impl Ended {
    fn new() -> Self {
        let (sender, kind) = oneshot::channel();
        let sender = Cell::new(Some(sender));
        let handler = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if let Some(sender) = sender.take() {
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
    // Another request would wait behind the one that is held up, and never hear why.
    if IS_BLOCKED.get() {
        return Err(StorageError::OldTab);
    }
    let window = web_sys::window().ok_or(StorageError::Denied)?;
    let Ok(Some(factory)) = window.indexed_db() else { return Err(StorageError::Denied) };
    let request: IdbOpenDbRequest =
        factory.open_with_u32(DATABASE, VERSION).map_err(|_denied| StorageError::Denied)?;
    // A connection may come long after nobody waits for it any more, so what answers the request outlives the wait.
    let (sender, answer) = oneshot::channel();
    let (sender, asked) = (Cell::new(Some(sender)), request.clone());
    let on_event = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let kind = event.type_();
        if kind == "upgradeneeded" {
            return make_stores(&asked);
        }
        IS_BLOCKED.set(kind == "blocked");
        let outcome = match kind.as_str() {
            "success" => connected(&asked),
            "blocked" => Err(StorageError::OldTab),
            _ => match asked.error() {
                Ok(Some(exception)) => Err(failed(&exception)),
                _ => Err(StorageError::Denied),
            },
        };
        if let Some(sender) = sender.take() {
            let _gone = sender.send(outcome);
        }
    })
    .into_js_value();
    let on_event: Option<&js_sys::Function> = Some(on_event.unchecked_ref());
    request.set_onupgradeneeded(on_event);
    request.set_onsuccess(on_event);
    request.set_onerror(on_event);
    request.set_onblocked(on_event);
    answer.await.unwrap_or(Err(StorageError::Denied))
}

fn make_stores(request: &IdbOpenDbRequest) {
    let Ok(result) = request.result() else { return };
    let db: IdbDatabase = result.unchecked_into();
    // A store that cannot be made shows as an error of the first transaction on it.
    let _heads = db.create_object_store(HEADS);
    let _log = db.create_object_store(LOG);
}

/// A connection has come: it is the page's, unless that has one.
fn connected(request: &IdbOpenDbRequest) -> Result<IdbDatabase, StorageError> {
    let db: IdbDatabase = request.result().map_err(|error| failed(&error))?.unchecked_into();
    if let Some(first) = DB.with_borrow(Clone::clone) {
        db.close();
        return Ok(first);
    }
    SEEN.take();
    close_when_told(&db);
    DB.set(Some(db.clone()));
    Ok(db)
}

/// Makes way for a newer page in another tab, which could not open the database otherwise, and hears that the browser has
/// closed the connection.
fn close_when_told(db: &IdbDatabase) {
    let closing = db.clone();
    let on_end = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        closing.close();
        if DB.with_borrow(|db| db.as_ref() == Some(&closing)) {
            DB.take();
        }
        if event.type_() == "close"
            && let Some(told) = ON_CLOSE.with_borrow(Clone::clone)
        {
            told();
        }
    })
    // It listens for as long as the connection is there.
    .into_js_value();
    db.set_onversionchange(Some(on_end.unchecked_ref()));
    db.set_onclose(Some(on_end.unchecked_ref()));
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
