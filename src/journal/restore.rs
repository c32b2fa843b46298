//! What an earlier visit left.

use serde_json::Value;

use super::{Backup, Entry, Label, Meta, Summary};
use crate::data::{CurationEvent, InOrder, Response, from_json};

/// A book in the store, before its head is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What is known of it; `None` where that cannot be read.
    pub meta: Option<Meta>,
    /// When the last record was added to its log, in milliseconds since 1970.
    pub last_time: Option<u64>,
    /// What the person calls it.
    pub label: Label,
    /// What a list says of it.
    pub summary: Option<Summary>,
    /// Bytes of its head.
    pub n_bytes: f64,
}

impl Kept {
    /// When it was worked on last, in milliseconds since 1970.
    pub fn worked_at(&self) -> Option<u64> {
        self.last_time.max(self.meta.as_ref().map(|meta| meta.saved_at))
    }

    /// Takes what was noted of it.
    pub fn note(&mut self, text: &str) {
        match from_json(text) {
            Ok(Entry::Label(label)) => self.label = label,
            Ok(Entry::Summary(summary)) => self.summary = Some(summary),
            _ => {}
        }
    }
}

/// Books in the order to open them in: this tab's own, then the one that was worked on last.
pub fn in_order(mut kept: Vec<Kept>, own: Option<&str>) -> Vec<Kept> {
    kept.order_by_key(|kept| (own == Some(kept.id.as_str()), kept.worked_at()));
    kept.reverse();
    kept
}

/// A log as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// The decisions.
    pub events: Vec<CurationEvent>,
    /// The responses of a run.
    pub responses: Vec<Response>,
    /// What the last downloaded file holds.
    pub backup: Option<Backup>,
    /// Entries that could not be read.
    pub n_unreadable: usize,
}

impl Log {
    /// Reads the entries of a log in their order.
    pub fn read<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut log = Self::default();
        for text in entries {
            match from_json(text) {
                Ok(Entry::Event { event }) => log.events.push(event),
                Ok(Entry::Responses { responses }) => log.responses.extend(responses),
                Ok(Entry::Downloaded { n_events, at }) => {
                    log.backup = Some(Backup { n_events, at, is_whole: true });
                }
                Ok(Entry::Changed {}) => {
                    if let Some(backup) = &mut log.backup {
                        backup.is_whole = false;
                    }
                }
                Ok(Entry::Label(_) | Entry::Summary(_)) => {}
                Err(_) => log.n_unreadable += 1,
            }
        }
        log
    }
}

/// The events of a session: those of its head that count, then the log's, numbered anew.
pub fn events(mut base: Vec<CurationEvent>, n_base: usize, log: Vec<CurationEvent>) -> Vec<CurationEvent> {
    base.truncate(n_base);
    base.extend(log);
    for (at, event) in base.iter_mut().enumerate() {
        event.seq = u32::try_from(at).unwrap_or(u32::MAX);
    }
    base
}

/// A book that cannot be opened here as a file that loses nothing of it: the session with its log put in where the head is
/// JSON, as it is for a session of a newer version; else the head as it is and the log below it, a line each.
pub fn as_file(head: &str, n_base: usize, entries: &[String]) -> String {
    if let Ok(Value::Object(mut session)) = from_json::<Value>(head) {
        let mut events = match session.remove("events") {
            Some(Value::Array(events)) => events,
            _ => Vec::new(),
        };
        events.truncate(n_base);
        let of_log = |text: &String| match from_json::<Value>(text).ok()? {
            Value::Object(mut entry) => entry.remove("event"),
            _ => None,
        };
        events.extend(entries.iter().filter_map(of_log));
        session.insert("events".to_owned(), Value::Array(events));
        return Value::Object(session).to_string();
    }
    let mut text = head.to_owned();
    for entry in entries {
        text.push('\n');
        text.push_str(entry);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{CurationAct, RowState};
    use crate::journal::Kind;

    fn event(item: &str) -> CurationEvent {
        CurationEvent {
            seq: 9,
            time: "2026-11-27T10:00:00.000Z".to_owned(),
            actor: "person".to_owned(),
            item: item.to_owned(),
            lang: "de".into(),
            event: CurationAct::Accept,
            before: RowState::default(),
            after: RowState::default(),
            reason: None,
            shown_order: None,
            seed: None,
            reasons: Vec::new(),
            sample: None,
            text: None,
            rows: Vec::new(),
        }
    }

    #[test]
    fn a_log_is_read_entry_by_entry_and_says_what_it_could_not_read() {
        let written = serde_json::to_string(&Entry::Event { event: event("a") }).unwrap();
        let downloaded = r#"{"kind":"downloaded","nEvents":3}"#;
        let label = serde_json::to_string(&Entry::Label(Label::default())).unwrap();
        let log = Log::read([label.as_str(), written.as_str(), "{", downloaded, r#"{"kind":"other"}"#]);
        let backup = log.backup.unwrap();
        assert_eq!((log.events.len(), backup.n_events, log.n_unreadable), (1, 3, 2));
        assert!(backup.holds(3) && !backup.holds(4));
        let all = events(vec![event("x"), event("y")], 1, log.events);
        let seen: Vec<(u32, &str)> = all.iter().map(|event| (event.seq, event.item.as_str())).collect();
        assert_eq!(seen, [(0, "x"), (1, "a")]);
    }

    #[test]
    fn a_file_of_before_a_change_does_not_hold_the_session() {
        let text = |entry: &Entry| serde_json::to_string(entry).unwrap();
        let downloaded = text(&Entry::Downloaded { n_events: 2, at: Some(7) });
        let changed = text(&Entry::Changed {});
        let backup = |entries: &[&String]| Log::read(entries.iter().map(|entry| entry.as_str())).backup;
        assert_eq!(backup(&[&changed]), None);
        let stale = backup(&[&downloaded, &changed]).unwrap();
        assert_eq!((stale.at, stale.holds(2)), (Some(7), false));
        assert!(backup(&[&downloaded, &changed, &downloaded]).unwrap().holds(2));
    }

    #[test]
    fn what_is_noted_of_a_book_is_read_and_what_is_unknown_is_passed_over() {
        let mut kept = kept("a", 1, None);
        let summary = Summary { model: "M".to_owned(), n_rows: 4, ..Summary::default() };
        let label = Label { name: Some("Mine".to_owned()), deleted_at: None };
        for entry in [Entry::Summary(summary.clone()), Entry::Label(label.clone())] {
            kept.note(&serde_json::to_string(&entry).unwrap());
        }
        kept.note("{");
        assert_eq!((kept.summary, kept.label), (Some(summary), label));
    }

    fn kept(id: &str, saved_at: u64, last_time: Option<u64>) -> Kept {
        let meta = Meta {
            kind: Kind::Session,
            created: String::new(),
            saved_at,
            n_base: 0,
            n_prompts: 1,
            languages: Vec::new(),
        };
        let (label, summary) = (Label::default(), None);
        Kept { id: id.to_owned(), meta: Some(meta), last_time, label, summary, n_bytes: 0.0 }
    }

    #[test]
    fn a_book_that_cannot_be_opened_makes_a_file_with_its_log() {
        let entry = serde_json::to_string(&Entry::Event { event: event("a") }).unwrap();
        let entries = [entry.clone(), r#"{"kind":"downloaded","nEvents":1}"#.to_owned()];
        let file = as_file(r#"{"format":"of tomorrow","events":[{"item":"x"},{"item":"y"}]}"#, 1, &entries);
        let file: Value = serde_json::from_str(&file).unwrap();
        assert_eq!(file["format"], "of tomorrow");
        let items: Vec<&str> =
            file["events"].as_array().unwrap().iter().map(|e| e["item"].as_str().unwrap()).collect();
        assert_eq!(items, ["x", "a"]);
        let torn = as_file(r#"{"format":"#, 1, &entries);
        assert_eq!(torn.lines().collect::<Vec<_>>(), [r#"{"format":"#, &entry, &entries[1]]);
    }

    #[test]
    fn a_tab_opens_its_own_book_else_the_one_worked_on_last() {
        let all = vec![kept("decided", 1, Some(9)), kept("written", 5, Some(2)), kept("own", 3, None)];
        let ids = |own| in_order(all.clone(), own).into_iter().map(|kept| kept.id).collect::<Vec<_>>();
        assert_eq!(ids(Some("own")), ["own", "decided", "written"]);
        assert_eq!(ids(None), ["decided", "written", "own"]);
    }
}
