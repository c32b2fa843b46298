//! Any interleaving of deciding, writing, failing, dying and opening again, in two tabs on one store.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Journal, Key, Label, Status, Work, restore};

/// What a person did, as a number that is given once.
type Event = u32;

/// A store that keeps what transactions put there.
#[derive(Default)]
struct Disk {
    /// A head's events, and how many of them count.
    heads: BTreeMap<String, (Vec<Event>, usize)>,
    log: BTreeMap<(String, Key), Event>,
}

impl Disk {
    fn write(&mut self, work: &Work<Event>, head: &[Event]) {
        match work {
            Work::Head { id, n_base, .. } => {
                self.heads.insert(id.clone(), (head.to_vec(), *n_base));
            }
            Work::Entries { id, records } => {
                let of_book =
                    |record: &super::Record<Event>| ((id.clone(), record.key.clone()), record.entry);
                self.log.extend(records.iter().map(of_book));
            }
            Work::Drop { id } => {
                self.heads.remove(id);
                self.log.retain(|(of, _), _| of != id);
            }
        }
    }

    fn keys<'a>(&'a self, id: &'a str) -> impl DoubleEndedIterator<Item = &'a Key> {
        self.log.keys().filter(move |(of, _)| of == id).map(|(_, key)| key)
    }

    fn events(&self, id: &str) -> Option<Vec<Event>> {
        let (head, n_base) = self.heads.get(id)?;
        let log = self.log.iter().filter(|((of, _), _)| of == id).map(|(_, event)| *event);
        Some(head[..*n_base].iter().copied().chain(log).collect())
    }

    fn latest(&self, own: Option<&str>) -> Option<String> {
        let kept = |id: &String| restore::Kept {
            id: id.clone(),
            meta: None,
            last_time: self.keys(id).next_back().map(|key| key.time),
            label: Label::default(),
            summary: None,
            n_bytes: 0.0,
        };
        let kept = restore::in_order(self.heads.keys().map(kept).collect(), own);
        kept.first().map(|kept| kept.id.clone())
    }
}

/// A tab: its journal, the session on its desk, and the transactions that have begun.
struct Tab {
    journal: Journal<Event>,
    desk: Option<(String, Vec<Event>)>,
    in_flight: Vec<(Work<Event>, Vec<Event>)>,
}

impl Tab {
    fn new(writer: String) -> Self {
        Self { journal: Journal::new(writer), desk: None, in_flight: Vec::new() }
    }

    /// Begins whatever the journal wants written; a head is what the desk holds then.
    fn begin_writes(&mut self) {
        while let Some(work) = self.journal.due() {
            let head = match (&work, &self.desk) {
                (Work::Head { id, .. }, Some((held, events))) => {
                    assert_eq!(id, held, "a head is made of what is on the desk");
                    events.clone()
                }
                _ => Vec::new(),
            };
            self.in_flight.push((work, head));
        }
    }

    /// A tab has a book open for as long as its journal knows it: something of it may be on its way.
    fn holds(&self, id: &str) -> bool {
        self.journal.knows(id)
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A session with so many events of its own takes the place of the tab's.
    Open {
        n_base: usize,
    },
    Decide,
    NewHead,
    /// The oldest transaction, or the one after it, ends.
    End {
        at: usize,
        is_full: bool,
    },
    Retry,
    /// The browser clears all that is stored, as people ask it to.
    Clear,
    /// The tab is killed; each transaction under way came through or did not. It is opened again.
    Die {
        came_through: u8,
        knows_its_own: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        1 => (0..3usize).prop_map(|n_base| Step::Open { n_base }),
        6 => Just(Step::Decide),
        1 => Just(Step::NewHead),
        6 => (0..2usize, prop::bool::weighted(0.3)).prop_map(|(at, is_full)| Step::End { at, is_full }),
        1 => Just(Step::Retry),
        1 => Just(Step::Clear),
        1 => (any::<u8>(), any::<bool>())
            .prop_map(|(came_through, knows_its_own)| Step::Die { came_through, knows_its_own }),
    ];
    prop::collection::vec((0..2usize, step), 1..120)
}

/// Both tabs, the store, and what was ever decided.
struct World {
    disk: Disk,
    tabs: [Tab; 2],
    n_given: u32,
    now: u64,
    /// Every event of a book.
    decided: BTreeMap<String, BTreeSet<Event>>,
    /// Those that a tab was told are stored.
    safe: BTreeMap<String, BTreeSet<Event>>,
    /// Keys of events that no tab was told of yet.
    open: Vec<(usize, String, Key, Event)>,
}

impl World {
    fn new() -> Self {
        Self {
            disk: Disk::default(),
            tabs: [Tab::new("a0".into()), Tab::new("b0".into())],
            n_given: 0,
            now: 1_000,
            decided: BTreeMap::new(),
            safe: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    fn give(&mut self) -> Event {
        self.n_given += 1;
        self.n_given
    }

    fn step(&mut self, at: usize, step: Step) {
        // The clock stands still as often as it moves.
        self.now += u64::from(self.n_given % 2);
        match step {
            Step::Open { n_base } => self.open(at, n_base),
            Step::Decide => self.decide(at),
            Step::NewHead => {
                if let Some((id, _)) = &self.tabs[at].desk {
                    self.tabs[at].journal.change_head(id);
                }
            }
            Step::End { at: which, is_full } => self.end(at, which, is_full),
            Step::Retry => self.tabs[at].journal.retry(),
            Step::Clear => self.clear(),
            Step::Die { came_through, knows_its_own } => self.die(at, came_through, knows_its_own),
        }
        self.tabs[at].begin_writes();
    }

    fn open(&mut self, at: usize, n_base: usize) {
        let id = format!("book-{}", self.give());
        let events: Vec<Event> = (0..n_base).map(|_| self.give()).collect();
        self.decided.insert(id.clone(), events.iter().copied().collect());
        let old = self.tabs[at].desk.take().map(|(old, _)| old);
        // What was never stored of it goes with it: the person opened another.
        self.open.retain(|(of, id, ..)| *of != at || Some(id) != old.as_ref());
        self.tabs[at].journal.begin(&id, n_base, old.into_iter().collect());
        self.tabs[at].desk = Some((id, events));
    }

    fn decide(&mut self, at: usize) {
        let Some((id, _)) = self.tabs[at].desk.clone() else { return };
        let event = self.give();
        let tab = &mut self.tabs[at];
        let key = tab.journal.append(&id, event, self.now).expect("the desk's book is known");
        tab.desk.as_mut().expect("it is there").1.push(event);
        self.decided.entry(id.clone()).or_default().insert(event);
        self.open.push((at, id, key, event));
    }

    fn end(&mut self, at: usize, which: usize, is_full: bool) {
        let n = self.tabs[at].in_flight.len();
        if n == 0 {
            return;
        }
        // Transactions of one book come through in the order they were begun.
        let (work, head) = self.tabs[at].in_flight.remove(if n > 1 { which } else { 0 });
        if !is_full {
            self.write(at, &work, &head);
        }
        let result = if is_full { Err("full".to_owned()) } else { Ok(()) };
        self.tabs[at].journal.done(&work, result);
        self.note_safe();
    }

    /// All is gone but what the tabs hold, which goes to the store anew; transactions under way fail. Two tabs that hold one
    /// book know of each other's decisions, which these do not, so it does not happen to them.
    fn clear(&mut self) {
        let [a, b] = self.tabs.each_ref().map(|tab| tab.desk.as_ref().map(|(id, _)| id));
        if a == b {
            return;
        }
        self.disk = Disk::default();
        self.safe.clear();
        for tab in &mut self.tabs {
            for (work, _) in std::mem::take(&mut tab.in_flight) {
                tab.journal.done(&work, Err("closed".to_owned()));
            }
            if let Some((id, events)) = &tab.desk {
                let n_waiting = tab.journal.waiting(id).len();
                tab.journal.lost(id, events.len() - n_waiting);
            }
        }
    }

    /// A book that the other tab has open as well is not taken away.
    fn write(&mut self, at: usize, work: &Work<Event>, head: &[Event]) {
        if !matches!(work, Work::Drop { id } if self.tabs[1 - at].holds(id)) {
            self.disk.write(work, head);
        }
    }

    fn note_safe(&mut self) {
        let tabs = &self.tabs;
        let (open, told) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|(at, id, key, _)| tabs[*at].journal.is_waiting(id, key));
        self.open = open;
        let told: Vec<(usize, String, Key, Event)> = told;
        for (_, id, _, event) in told {
            self.safe.entry(id).or_default().insert(event);
        }
    }

    fn die(&mut self, at: usize, came_through: u8, knows_its_own: bool) {
        for (i, (work, head)) in std::mem::take(&mut self.tabs[at].in_flight).into_iter().enumerate() {
            if came_through >> (i % 8) & 1 == 1 {
                self.write(at, &work, &head);
            }
        }
        self.open.retain(|(of, ..)| *of != at);
        let own = self.tabs[at].desk.take().map(|(id, _)| id).filter(|_| knows_its_own);
        let writer = format!("{}{}", ["a", "b"][at], self.give());
        self.tabs[at] = Tab::new(writer);
        if let Some(id) = self.disk.latest(own.as_deref()) {
            let events = self.disk.events(&id).expect("it has a head");
            let n_base = self.disk.heads[&id].1;
            let last = self.disk.keys(&id).next_back().cloned();
            self.tabs[at].journal.adopt(&id, n_base, last.as_ref());
            self.tabs[at].desk = Some((id, events));
        }
    }

    /// What must hold at every moment.
    fn check(&self) {
        for id in self.disk.heads.keys() {
            let found = self.disk.events(id).expect("it has a head");
            let once: BTreeSet<Event> = found.iter().copied().collect();
            assert_eq!(once.len(), found.len(), "{id}: an event came twice: {found:?}");
            assert!(once.is_subset(&self.decided[id]), "{id}: holds another's: {found:?}");
            let safe = self.safe.get(id).cloned().unwrap_or_default();
            assert!(safe.is_subset(&once), "{id}: {safe:?} were called saved, {found:?} are there");
        }
        for tab in &self.tabs {
            let Some((id, events)) = &tab.desk else { continue };
            let stored = self.disk.events(id).unwrap_or_default();
            let here = stored.iter().filter(|event| events.contains(event));
            let there = events.iter().filter(|event| stored.contains(event));
            assert!(here.eq(there), "{id}: {events:?} are in another order in {stored:?}");
            if tab.journal.status(id) == Status::Saved {
                let found: BTreeSet<Event> =
                    self.disk.events(id).expect("what is saved has a head").into_iter().collect();
                assert!(events.iter().all(|event| found.contains(event)), "{id}: {events:?}, {found:?}");
            }
        }
    }

    /// With room again, everything that is open in a living tab is saved.
    fn settle(&mut self) {
        for at in [0, 1] {
            for _ in 0..500 {
                self.tabs[at].journal.retry();
                self.tabs[at].begin_writes();
                if self.tabs[at].in_flight.is_empty() {
                    break;
                }
                self.end(at, 0, false);
                self.check();
            }
            if let Some((id, _)) = &self.tabs[at].desk {
                assert_eq!(self.tabs[at].journal.status(id), Status::Saved);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_saved_is_lost_nothing_comes_twice_and_nothing_mixes(steps in steps()) {
        let mut world = World::new();
        for (at, step) in steps {
            world.step(at, step);
            world.check();
        }
        world.settle();
    }
}

#[test]
fn a_full_store_is_said_and_tried_again() {
    let mut journal = Journal::new("a".to_owned());
    journal.begin("s", 0, Vec::new());
    assert_eq!(journal.status("s"), Status::Saving);
    let head = journal.due().unwrap();
    journal.done(&head, Err("full".to_owned()));
    assert_eq!(journal.status("s"), Status::NotSaved { reason: "full".to_owned() });
    let key = journal.append("s", 7, 0).unwrap();
    assert_eq!(journal.due(), None, "a large head is not written with every decision");
    journal.retry();
    let head = journal.due().unwrap();
    assert_eq!(journal.due(), None, "the log waits for the head");
    journal.done(&head, Ok(()));
    assert_eq!(journal.status("s"), Status::Saving);
    let entries = journal.due().unwrap();
    journal.done(&entries, Ok(()));
    assert!(!journal.is_waiting("s", &key));
    assert_eq!(journal.status("s"), Status::Saved);
}

#[test]
fn what_comes_while_one_is_written_goes_together() {
    let mut journal = Journal::new("a".to_owned());
    journal.adopt("s", 0, None);
    journal.append("s", 1, 5);
    let first = journal.due().unwrap();
    journal.append("s", 2, 5);
    journal.append("s", 3, 4);
    assert_eq!(journal.due(), None);
    journal.done(&first, Ok(()));
    let Some(Work::Entries { records, .. }) = journal.due() else { panic!("two entries wait") };
    assert_eq!(records.iter().map(|record| record.entry).collect::<Vec<_>>(), [2, 3]);
    assert!(records[0].key < records[1].key, "a clock that goes back changes no order");
}

#[test]
fn a_book_goes_when_the_one_in_its_place_is_stored_and_its_own_head_cannot_bring_it_back() {
    let mut journal = Journal::<u32>::new("a".to_owned());
    journal.begin("old", 0, Vec::new());
    let old = journal.due().unwrap();
    journal.begin("new", 0, vec!["old".to_owned()]);
    let new = journal.due().unwrap();
    assert!(matches!(&new, Work::Head { id, .. } if id == "new"));
    journal.done(&new, Ok(()));
    assert_eq!(journal.due(), None, "the old head is still on its way");
    journal.done(&old, Ok(()));
    assert_eq!(journal.due(), Some(Work::Drop { id: "old".to_owned() }));
}

#[test]
fn a_refused_head_is_said_and_tried_again_although_another_book_could_be_dropped() {
    let mut journal = Journal::<u32>::new("a".to_owned());
    ["other", "run"].iter().for_each(|id| journal.adopt(id, 0, None));
    journal.begin("s", 0, Vec::new());
    let head = journal.due().unwrap();
    journal.done(&head, Err("no room left".to_owned()));
    journal.takes_place_of("s", "run");
    journal.forget("other");
    let drop = journal.due().unwrap();
    journal.done(&drop, Ok(()));
    assert!(matches!(journal.status("s"), Status::NotSaved { .. }));
    journal.retry();
    assert_eq!(journal.due(), Some(head.clone()));
    journal.done(&head, Ok(()));
    assert_eq!(journal.status("s"), Status::Saved);
    assert_eq!(journal.due(), Some(Work::Drop { id: "run".to_owned() }), "it was all there was until now");
}
