//! What the page keeps in this browser: an IndexedDB of books, each a head and a log that is only added to.
//!
//! Every call is one transaction. Values are texts and blobs made by the caller; nothing here knows what is in them. Private
//! windows may refuse, full disks do: every failure says what to do, and the page goes on without. Browsers clear what is
//! stored when people ask them to or room is short: nothing is added to a book whose head is gone.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, IdbKeyRange, IdbTransactionMode};

use super::database::{HEADS, LOG, SEEN, Transaction, failed, list, open};
pub use super::database::{StorageError, disconnect, on_close};

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

/// Whether a book's head is there. The store is asked once for each connection: while one lasts, no browser clears anything.
///
/// # Errors
/// When the browser refuses.
pub async fn has_head(id: &str) -> Result<bool, StorageError> {
    open().await?;
    if SEEN.with_borrow(|seen| seen.contains(id)) {
        return Ok(true);
    }
    let transaction = Transaction::begin(&[HEADS], IdbTransactionMode::Readonly).await?;
    let key = transaction.ask(HEADS, |store| store.get_key(&id.into()))?;
    transaction.ended().await?;
    let is_there = key.result().is_ok_and(|key| !key.is_undefined());
    if is_there {
        SEEN.with_borrow_mut(|seen| seen.insert(id.to_owned()));
    }
    Ok(is_there)
}

/// Begins to write to a book whose head has to be there.
async fn begin_on(id: &str, store: &str) -> Result<Transaction, StorageError> {
    loop {
        if !has_head(id).await? {
            return Err(StorageError::Cleared);
        }
        let transaction = Transaction::begin(&[store], IdbTransactionMode::Readwrite).await?;
        // It may be on a newer connection than the one that the head was seen through.
        if SEEN.with_borrow(|seen| seen.contains(id)) {
            return Ok(transaction);
        }
    }
}

/// Keeps a book's head, in the place of what was there, which may only be missing if the book is new.
///
/// # Errors
/// When the browser refuses or has no room, and [`StorageError::Cleared`].
pub async fn put_head(head: &Head, is_new: bool) -> Result<(), StorageError> {
    let transaction = if is_new {
        Transaction::begin(&[HEADS], IdbTransactionMode::Readwrite).await?
    } else {
        begin_on(&head.id, HEADS).await?
    };
    let value = Object::new();
    let set =
        |name: &str, to: &JsValue| Reflect::set(&value, &name.into(), to).map_err(|error| failed(&error));
    set("meta", &head.meta.as_str().into())?;
    set("body", &head.body)?;
    transaction.ask(HEADS, |store| store.put_with_key(&value, &head.id.as_str().into()))?;
    transaction.ended().await?;
    SEEN.with_borrow_mut(|seen| seen.insert(head.id.clone()));
    Ok(())
}

/// Adds records to a book's log. A record at a place that is taken is the same one, written again.
///
/// # Errors
/// When the browser refuses or has no room, and [`StorageError::Cleared`]; then none was added.
pub async fn append(id: &str, records: &[(Place<'_>, String)]) -> Result<(), StorageError> {
    let transaction = begin_on(id, LOG).await?;
    for (place, text) in records {
        let key = key_of(id, *place);
        if let Err(error) = transaction.ask(LOG, |store| store.put_with_key(&text.as_str().into(), &key)) {
            // A transaction that was aborted takes no more, and says itself why.
            transaction.ended().await?;
            return Err(error);
        }
    }
    transaction.ended().await
}

/// Takes a book away, head and log.
///
/// # Errors
/// When the browser refuses.
pub async fn remove(id: &str) -> Result<(), StorageError> {
    SEEN.with_borrow_mut(|seen| seen.remove(id));
    let transaction = Transaction::begin(&[HEADS, LOG], IdbTransactionMode::Readwrite).await?;
    transaction.ask(HEADS, |store| store.delete(&id.into()))?;
    let range = whole_log(id)?;
    transaction.ask(LOG, |store| store.delete(&range))?;
    transaction.ended().await
}

/// A note of a book: it stands before the log, and a new one takes its place.
pub fn note_place(n: u64) -> Place<'static> {
    (0, "about", n)
}

/// How many notes a book may have.
pub const N_NOTES: u64 = 2;

/// A book as a list has it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its head.
    pub head: Head,
    /// The time of its log's last record.
    pub last_time: Option<u64>,
    /// Its notes.
    pub notes: Vec<String>,
}

/// All books.
///
/// # Errors
/// When the browser refuses.
pub async fn heads() -> Result<Vec<Listed>, StorageError> {
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
    let heads: Vec<Head> =
        ids.iter().zip(values.iter()).filter_map(|(id, value)| head(&id.as_string()?, &value)).collect();
    let transaction = Transaction::begin(&[LOG], IdbTransactionMode::Readonly).await?;
    let mut asked = Vec::new();
    for head in &heads {
        for n in 0..N_NOTES {
            let key = key_of(&head.id, note_place(n));
            asked.push((head.id.clone(), transaction.ask(LOG, |store| store.get(&key))?));
        }
    }
    transaction.ended().await?;
    let notes_of = |id: &str| {
        let of_book = asked.iter().filter(|(of, _)| of == id);
        of_book.filter_map(|(_, note)| note.result().ok()?.as_string()).collect()
    };
    Ok(heads
        .into_iter()
        .map(|head| Listed { last_time: last.get(&head.id).copied(), notes: notes_of(&head.id), head })
        .collect())
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
    let place = |place: JsValue| {
        let place: Array = place.unchecked_into();
        Some((place.get(1).as_f64()? as u64, place.get(2).as_string()?, place.get(3).as_f64()? as u64))
    };
    let places: Vec<_> = list(&places).iter().filter_map(place).collect();
    let last = places.last().cloned();
    // What is no text is an entry that cannot be read, and counts as one.
    let entries = list(&texts).iter().map(|text| text.as_string().unwrap_or_default()).collect();
    Ok(head(id, &value).map(|head| Book { head, entries, places, last }))
}

/// A book as it was read.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its head.
    pub head: Head,
    /// Its log.
    pub entries: Vec<String>,
    /// Where each entry stands.
    pub places: Vec<(u64, String, u64)>,
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
    // A book whose file the browser has lost is still one, with a log.
    let body = get("body")?.dyn_into().or_else(|_lost| Blob::new()).ok()?;
    Some(Head { id: id.to_owned(), meta, body })
}

fn key_of(id: &str, (time, writer, seq): Place<'_>) -> Array {
    Array::of4(&id.into(), &(time as f64).into(), &writer.into(), &(seq as f64).into())
}

/// The keys of a book's log: an array sorts behind everything that a place begins with.
fn whole_log(id: &str) -> Result<IdbKeyRange, StorageError> {
    let (first, last) = (Array::of1(&id.into()), Array::of2(&id.into(), &Array::new()));
    IdbKeyRange::bound(&first, &last).map_err(|error| failed(&error))
}
