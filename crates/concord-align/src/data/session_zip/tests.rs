//! Sessions in archives: exact, and refused where anything is not as it was saved.

use proptest::prelude::*;

use super::*;
use crate::data::{CurationAct, DataError, Session, archive, test_session::sample, write_session};

fn packed(session: &Session) -> Vec<u8> {
    let mut packer = SessionPacker::default();
    while packer.step(session).unwrap() {}
    assert_eq!(packer.n_events(), session.events.len());
    packer.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Result<Session, DataError> {
    let mut unpacker = SessionUnpacker::new(bytes.to_vec())?;
    while unpacker.step()? {}
    unpacker.complete()
}

fn with_events(n: usize) -> Session {
    let mut session = sample();
    let event = session.events[0].clone();
    session.events = (0..n)
        .map(|at| {
            let mut event = event.clone();
            event.seq = u32::try_from(at).unwrap();
            event.event = CurationAct::Note;
            event.text = Some(format!("line {at}\nwith a break, \u{2028} and 🙂"));
            event
        })
        .collect();
    session
}

/// The archive with a part in the place of its own.
fn with_part(bytes: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let entries = archive::read(bytes, &archive::Limits::default()).unwrap();
    let changed: Vec<(String, Vec<u8>)> = entries
        .into_iter()
        .map(|entry| match entry.name == name {
            true => (entry.name, change(std::str::from_utf8(&entry.bytes).unwrap()).into_bytes()),
            false => (entry.name, entry.bytes),
        })
        .filter(|(_, bytes)| bytes != b"gone")
        .collect();
    let given: Vec<(&str, &[u8])> = changed.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    archive::write(&given).unwrap()
}

fn message(bytes: &[u8]) -> String {
    unpacked(bytes).unwrap_err().to_string()
}

#[test]
fn a_session_comes_back_byte_for_byte() {
    for n_events in [0, 1, 64, 65, 500] {
        let session = with_events(n_events);
        let bytes = packed(&session);
        let back = unpacked(&bytes).unwrap();
        assert_eq!(write_session(&back).unwrap(), write_session(&session).unwrap());
        assert_eq!(packed(&back), bytes);
    }
}

#[test]
fn the_manifest_says_what_is_inside() {
    let entries = archive::read(&packed(&with_events(3)), &archive::Limits::default()).unwrap();
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["session.json", "events.jsonl", "manifest.json"]);
    let manifest: Manifest = serde_json::from_slice(&entries[2].bytes).unwrap();
    let counts = Counts { prompts: 2, languages: 2, responses: 8, pairs: manifest.counts.pairs, events: 3 };
    assert_eq!((manifest.schema.as_str(), manifest.counts), ("concord-archive/1", counts));
    let lines = entries[1].bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    assert_eq!(lines.count(), 3);
    assert_eq!(manifest.parts[1].bytes, entries[1].bytes.len() as u64);
}

#[test]
fn what_is_not_as_it_was_saved_is_refused_by_its_name() {
    let bytes = packed(&with_events(2));
    let swapped = with_part(&bytes, "events.jsonl", |text| text.replace("line 0", "line 9"));
    assert!(message(&swapped).contains("events.jsonl") && message(&swapped).contains("SHA-256"));
    let longer = with_part(&bytes, "session.json", |text| format!("{text} "));
    assert!(message(&longer).contains("session.json") && message(&longer).contains("bytes, not"));
    let newer = with_part(&bytes, "manifest.json", |text| text.replace("archive/1", "archive/2"));
    assert!(message(&newer).contains("newer Concord") && message(&newer).contains("concord-archive/2"));
    let other = with_part(&bytes, "manifest.json", |_| "{}".to_owned());
    assert!(message(&other).contains("not a Concord session"));
    let gone = with_part(&bytes, "events.jsonl", |_| "gone".to_owned());
    assert!(message(&gone).contains("events.jsonl") && message(&gone).contains("missing"));
    let gone = with_part(&bytes, "manifest.json", |_| "gone".to_owned());
    assert!(message(&gone).contains("it has no manifest.json"));
    assert!(message(b"PK\x03\x04").contains("damaged or not complete"));
}

#[test]
fn files_that_the_manifest_does_not_name_are_passed_over() {
    let bytes = packed(&sample());
    let entries = archive::read(&bytes, &archive::Limits::default()).unwrap();
    let mut given: Vec<(&str, &[u8])> = vec![("notes/of-mine.txt", b"hello")];
    given.extend(entries.iter().map(|entry| (entry.name.as_str(), entry.bytes.as_slice())));
    assert_eq!(unpacked(&archive::write(&given).unwrap()).unwrap(), sample());
}

proptest! {
    /// Whatever happens to an archive's bytes, it opens as the session that it was, or not at all.
    #[test]
    fn no_damage_opens_as_another_session(at in any::<prop::sample::Index>(), with in 1..=255_u8, cut in any::<prop::sample::Index>()) {
        let session = with_events(4);
        let whole = packed(&session);
        let mut bytes = whole.clone();
        bytes[at.index(whole.len())] ^= with;
        if let Ok(found) = unpacked(&bytes) {
            prop_assert_eq!(found, session);
        }
        prop_assert!(unpacked(&whole[..cut.index(whole.len())]).is_err());
    }
}
