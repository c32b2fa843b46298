//! What waits, what is being written, and what is safe.

use std::collections::BTreeMap;

use super::{Key, Record};

/// What is said of a store that does not answer.
const LATE: &str = "this browser's storage has not answered for some seconds: download the session file before you close \
                    the tab; if this lasts, close the other tabs of this page or restart the browser";

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

impl<E> Work<E> {
    /// The book that it is about.
    pub fn id(&self) -> &str {
        let (Self::Head { id, .. } | Self::Entries { id, .. } | Self::Drop { id }) = self;
        id
    }
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
    /// What is on its way has had no answer for long.
    is_head_late: bool,
    is_log_late: bool,
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
            is_head_late: false,
            is_log_late: false,
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

    /// A book that is in no store yet, with `n_base` events in its head; those whose place it takes go once it is stored.
    pub fn begin(&mut self, id: &str, n_base: usize, replaces: Vec<String>) {
        replaces.iter().for_each(|old| self.leave(old));
        self.books.insert(id.to_owned(), Book::new(1, 0, n_base, replaces));
        self.rests = false;
    }

    /// A book takes the place of another, which goes once this one is stored.
    pub fn takes_place_of(&mut self, id: &str, old: &str) {
        match self.books.get_mut(id) {
            Some(book) if book.stored == 0 => book.replaces.push(old.to_owned()),
            _ => self.forget(old),
        }
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

    /// A work has had no answer for long. It stays on its way, for nobody knows whether it will come through.
    pub fn late(&mut self, work: &Work<E>) {
        let Some(book) = self.books.get_mut(work.id()) else { return };
        book.is_head_late |= matches!(work, Work::Head { .. });
        book.is_log_late |= matches!(work, Work::Entries { .. });
    }

    /// The browser has cleared what was stored of a book. Its head is written anew, and so many events of it count: all but
    /// those that wait for the log.
    pub fn lost(&mut self, id: &str, n_base: usize) {
        if let Some(book) = self.books.get_mut(id) {
            book.stored = 0;
            book.wanted += 1;
            book.n_base = n_base;
            book.head_rests = false;
        }
        self.rests = false;
    }

    /// A work has ended, whole or not at all.
    pub fn done(&mut self, work: &Work<E>, result: Result<(), String>) {
        let is_done = result.is_ok();
        let is_other_head_refused = |(id, book): (&String, &Book<E>)| book.head_rests && id != work.id();
        // What is refused stays so, although something else could be done: a full disk can still be cleared.
        if !is_done || !self.books.iter().any(is_other_head_refused) {
            self.problem = result.err();
        }
        let Some(book) = self.books.get_mut(work.id()) else { return };
        match work {
            Work::Head { version, .. } => {
                (book.is_head_in_flight, book.is_head_late) = (false, false);
                book.head_rests = !is_done;
                if is_done {
                    book.stored = *version;
                    let replaced = std::mem::take(&mut book.replaces);
                    replaced.iter().for_each(|old| self.forget(old));
                }
            }
            Work::Entries { .. } => {
                book.is_log_late = false;
                let written = std::mem::take(&mut book.in_flight);
                if !is_done && !book.is_forgotten {
                    book.waiting.splice(0..0, written);
                }
                self.rests = !is_done;
            }
            Work::Drop { .. } => {
                book.is_drop_in_flight = false;
                if is_done {
                    self.books.remove(work.id());
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

    /// Whether a record is stored, or the store refuses or does not answer, so that nobody should wait for it.
    pub fn is_settled(&self, id: &str, key: &Key) -> bool {
        let is_late = |book: &Book<E>| book.is_log_late || (book.stored == 0 && book.is_head_late);
        self.problem.is_some() || !self.is_waiting(id, key) || self.books.get(id).is_some_and(is_late)
    }

    /// Whether a book has a head in the store, or the store refuses or does not answer.
    pub fn is_head_settled(&self, id: &str) -> bool {
        let is_late = |book: &Book<E>| book.is_head_late;
        self.problem.is_some() || self.has_head(id) || self.books.get(id).is_some_and(is_late)
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

    /// How safe a book is. One that is not known is not saved.
    pub fn status(&self, id: &str) -> Status {
        let book = self.books.get(id);
        let is_late = book.is_some_and(|book| book.is_head_late || book.is_log_late);
        match &self.problem {
            _ if book.is_some_and(Book::is_saved) => Status::Saved,
            Some(reason) => Status::NotSaved { reason: reason.clone() },
            None if is_late => Status::NotSaved { reason: LATE.to_owned() },
            None => Status::Saving,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_does_not_answer_is_said_until_it_does() {
        let mut journal = Journal::new("a".to_owned());
        journal.adopt("s", 0, None);
        journal.adopt("other", 0, None);
        let key = journal.append("s", 1, 5).unwrap();
        let entries = journal.due().unwrap();
        journal.late(&entries);
        let Status::NotSaved { reason } = journal.status("s") else { panic!("it is not saved") };
        assert!(reason.contains("not answered"), "{reason}");
        assert!(journal.is_waiting("s", &key) && journal.is_settled("s", &key));
        journal.append("other", 2, 5);
        assert_eq!(journal.status("other"), Status::Saving, "the other book's works are not late");
        let others = journal.due().unwrap();
        journal.done(&others, Ok(()));
        assert!(
            matches!(journal.status("s"), Status::NotSaved { .. }),
            "another book's end is not this one's"
        );
        journal.done(&entries, Ok(()));
        assert_eq!(journal.status("s"), Status::Saved);
    }

    #[test]
    fn a_decision_is_waited_for_while_only_the_head_is_late() {
        let mut journal = Journal::new("a".to_owned());
        journal.adopt("s", 0, None);
        journal.change_head("s");
        let head = journal.due().unwrap();
        journal.late(&head);
        let key = journal.append("s", 1, 5).unwrap();
        assert!(!journal.is_settled("s", &key));
        let entries = journal.due().unwrap();
        journal.done(&entries, Ok(()));
        assert!(journal.is_settled("s", &key));
        assert!(matches!(journal.status("s"), Status::NotSaved { .. }), "the head is still late");
    }

    #[test]
    fn a_book_that_was_cleared_is_stored_anew_and_what_waits_comes_after_it() {
        let mut journal = Journal::new("a".to_owned());
        journal.adopt("s", 3, None);
        journal.append("s", 7, 0).unwrap();
        let entries = journal.due().unwrap();
        journal.done(&entries, Err("cleared".to_owned()));
        journal.lost("s", 5);
        let head = journal.due().unwrap();
        assert!(matches!(&head, Work::Head { n_base: 5, .. }), "{head:?}");
        assert_eq!(journal.due(), None, "the log waits for the head");
        journal.done(&head, Ok(()));
        assert_eq!(journal.due(), Some(entries), "what waited comes after it");
    }
}
