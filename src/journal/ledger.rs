//! What waits, what is being written, and what is safe.

use std::collections::BTreeMap;

use super::{Key, Record};

/// One transaction: it happens whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub enum Work<E> {
    /// Put a book's head.
    Head {
        /// The book.
        id: String,
        /// Counts the heads that were wanted; what is written is the book as it is now, or newer.
        version: u64,
        /// Events of the head that count.
        n_base: usize,
    },
    /// Add to a book's log.
    Entries {
        /// The book.
        id: String,
        /// What is added.
        records: Vec<Record<E>>,
    },
    /// Take a book away, head and log, unless another tab has it open.
    Drop {
        /// The book.
        id: String,
    },
}

/// How safe a book is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// All of it is stored.
    Saved,
    /// Some of it is on its way.
    Saving,
    /// Some of it could not be stored; it is kept here and tried again.
    NotSaved {
        /// Why, and what to do.
        reason: String,
    },
}

/// What one tab has to write.
#[derive(Debug)]
pub struct Journal<E> {
    writer: String,
    n_keys: u64,
    last_time: u64,
    books: BTreeMap<String, Book<E>>,
    problem: Option<String>,
    /// An addition failed: nothing is tried before the next one, or [`Journal::retry`].
    rests: bool,
}

#[derive(Debug)]
struct Book<E> {
    wanted: u64,
    stored: u64,
    n_base: usize,
    replaces: Vec<String>,
    waiting: Vec<Record<E>>,
    is_head_in_flight: bool,
    /// The head failed: it can be large, so it is not tried again with every entry.
    head_rests: bool,
    in_flight: Vec<Record<E>>,
    is_forgotten: bool,
    is_drop_in_flight: bool,
}

impl<E> Book<E> {
    fn new(wanted: u64, stored: u64, n_base: usize, replaces: Vec<String>) -> Self {
        Self {
            wanted,
            stored,
            n_base,
            replaces,
            waiting: Vec::new(),
            is_head_in_flight: false,
            head_rests: false,
            in_flight: Vec::new(),
            is_forgotten: false,
            is_drop_in_flight: false,
        }
    }

    fn is_busy(&self) -> bool {
        self.is_head_in_flight || !self.in_flight.is_empty()
    }

    fn is_saved(&self) -> bool {
        self.stored == self.wanted && self.waiting.is_empty() && !self.is_busy()
    }
}

impl<E: Clone> Journal<E> {
    /// The journal of one visit; `writer` is like no other's.
    pub fn new(writer: String) -> Self {
        Self { writer, n_keys: 0, last_time: 0, books: BTreeMap::new(), problem: None, rests: false }
    }

    /// A book that is in no store yet, and those whose place it takes, which go once it is stored; `n_base` events of its
    /// head count.
    pub fn begin(&mut self, id: &str, n_base: usize, replaces: Vec<String>) {
        replaces.iter().for_each(|old| self.leave(old));
        self.books.insert(id.to_owned(), Book::new(1, 0, n_base, replaces));
        self.rests = false;
    }

    /// A book that was found in the store, and the last record of its log.
    pub fn adopt(&mut self, id: &str, n_base: usize, last: Option<&Key>) {
        self.books.insert(id.to_owned(), Book::new(1, 1, n_base, Vec::new()));
        if let Some(key) = last {
            self.has_seen(key);
        }
    }

    /// Another tab's record is known here: what is decided from now on comes after it.
    pub fn has_seen(&mut self, key: &Key) {
        self.last_time = self.last_time.max(key.time.saturating_add(1));
    }

    /// The head has changed and is to be written anew.
    pub fn change_head(&mut self, id: &str) {
        if let Some(book) = self.books.get_mut(id) {
            book.wanted += 1;
            book.head_rests = false;
        }
        self.rests = false;
    }

    /// The book's session is no longer at hand, so no head can be made of it: what is stored of it stays, and its entries are
    /// still written.
    pub fn leave(&mut self, id: &str) {
        if let Some(book) = self.books.get_mut(id) {
            book.wanted = book.stored;
            if book.stored == 0 {
                self.forget(id);
            }
        }
    }

    /// Adds to a book's log; `None` if there is no such book. `now` is in milliseconds since 1970.
    pub fn append(&mut self, id: &str, entry: E, now: u64) -> Option<Key> {
        let book = self.books.get_mut(id).filter(|book| !book.is_forgotten)?;
        self.last_time = self.last_time.max(now);
        self.n_keys += 1;
        let key = Key { time: self.last_time, writer: self.writer.clone(), seq: self.n_keys };
        book.waiting.push(Record { key: key.clone(), entry });
        self.rests = false;
        Some(key)
    }

    /// Takes a book away once nothing of it is on its way. What waits is tried once more: another tab may have it open.
    pub fn forget(&mut self, id: &str) {
        if let Some(book) = self.books.get_mut(id) {
            book.is_forgotten = true;
            if book.stored == 0 {
                book.waiting.clear();
            }
        }
    }

    /// Tries what failed again.
    pub fn retry(&mut self) {
        self.rests = false;
        self.books.values_mut().for_each(|book| book.head_rests = false);
    }

    /// The next work that is due, which counts as begun; call it until there is none. Each book has at most one head and one addition on its way, so
    /// what comes while one is written goes together in the next.
    pub fn due(&mut self) -> Option<Work<E>> {
        if self.rests {
            return None;
        }
        self.next_entries().or_else(|| self.next_drop()).or_else(|| self.next_head())
    }

    fn next_entries(&mut self) -> Option<Work<E>> {
        // A log without a head is of no use, so entries wait for the first one.
        let is_due =
            |book: &Book<E>| book.stored > 0 && !book.waiting.is_empty() && book.in_flight.is_empty();
        let (id, book) = self.books.iter_mut().find(|(_, book)| is_due(book))?;
        book.in_flight = std::mem::take(&mut book.waiting);
        Some(Work::Entries { id: id.clone(), records: book.in_flight.clone() })
    }

    fn next_drop(&mut self) -> Option<Work<E>> {
        // A head on its way would bring the book back.
        let is_due = |book: &Book<E>| {
            book.is_forgotten && book.waiting.is_empty() && !book.is_busy() && !book.is_drop_in_flight
        };
        let (id, book) = self.books.iter_mut().find(|(_, book)| is_due(book))?;
        book.is_drop_in_flight = true;
        Some(Work::Drop { id: id.clone() })
    }

    fn next_head(&mut self) -> Option<Work<E>> {
        let is_due = |book: &Book<E>| {
            book.stored < book.wanted && !book.is_head_in_flight && !book.head_rests && !book.is_forgotten
        };
        let (id, book) = self.books.iter_mut().find(|(_, book)| is_due(book))?;
        book.is_head_in_flight = true;
        Some(Work::Head { id: id.clone(), version: book.wanted, n_base: book.n_base })
    }

    /// A work has ended, whole or not at all.
    pub fn done(&mut self, work: &Work<E>, result: Result<(), String>) {
        let is_done = result.is_ok();
        self.problem = result.err();
        let (Work::Head { id, .. } | Work::Entries { id, .. } | Work::Drop { id }) = work;
        let Some(book) = self.books.get_mut(id) else { return };
        match work {
            Work::Head { version, .. } => {
                book.is_head_in_flight = false;
                book.head_rests = !is_done;
                if is_done {
                    book.stored = *version;
                    let replaced = std::mem::take(&mut book.replaces);
                    replaced.iter().for_each(|old| self.forget(old));
                }
            }
            Work::Entries { .. } => {
                let written = std::mem::take(&mut book.in_flight);
                if !is_done && !book.is_forgotten {
                    book.waiting.splice(0..0, written);
                }
                self.rests = !is_done;
            }
            Work::Drop { .. } => {
                book.is_drop_in_flight = false;
                if is_done {
                    self.books.remove(id);
                }
                self.rests = !is_done;
            }
        }
    }

    /// Whether a record is not yet stored.
    pub fn is_waiting(&self, id: &str, key: &Key) -> bool {
        let is_it = |record: &Record<E>| record.key == *key;
        self.books
            .get(id)
            .is_some_and(|book| book.waiting.iter().any(is_it) || book.in_flight.iter().any(is_it))
    }

    /// What of a book's log is not stored yet, in order.
    pub fn waiting(&self, id: &str) -> Vec<E> {
        let Some(book) = self.books.get(id) else { return Vec::new() };
        book.in_flight.iter().chain(&book.waiting).map(|record| record.entry.clone()).collect()
    }

    /// Whether a book is this tab's too: for that long, no other may take it away.
    pub fn knows(&self, id: &str) -> bool {
        self.books.contains_key(id)
    }

    /// Whether something of a book is on its way.
    pub fn is_busy(&self, id: &str) -> bool {
        self.books.get(id).is_some_and(Book::is_busy)
    }

    /// Whether a book has a head in the store.
    pub fn has_head(&self, id: &str) -> bool {
        self.books.get(id).is_some_and(|book| book.stored > 0)
    }

    /// Why the last work failed, if it did.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// How safe a book is. One that is not known is not saved.
    pub fn status(&self, id: &str) -> Status {
        let is_saved = self.books.get(id).is_some_and(Book::is_saved);
        match &self.problem {
            _ if is_saved => Status::Saved,
            Some(reason) => Status::NotSaved { reason: reason.clone() },
            None => Status::Saving,
        }
    }
}
