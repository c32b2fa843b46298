//! Archives that are ours, foreign, broken and hostile.

use proptest::prelude::*;

use super::*;

fn small() -> Vec<u8> {
    let text = "Ein Satz, der sich wiederholt. ".repeat(4_000);
    write(&[("manifest.json", b"{}"), ("texts/de.txt", text.as_bytes()), ("empty", b"")]).unwrap()
}

fn message(bytes: &[u8], limits: &Limits) -> String {
    read(bytes, limits).unwrap_err().to_string()
}

/// Puts other bytes in the place of all that are like these.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut patched = bytes.to_vec();
    let mut n = 0;
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            patched[at..at + to.len()].copy_from_slice(to);
            n += 1;
        }
    }
    assert!(n > 0, "nothing to patch");
    patched
}

#[test]
fn what_is_packed_comes_out_in_order_and_the_same_files_give_the_same_bytes() {
    let bytes = small();
    assert_eq!(bytes, small());
    assert!(is_archive(&bytes) && bytes.len() < 2_000, "{}", bytes.len());
    let entries = read(&bytes, &Limits::default()).unwrap();
    let names: Vec<(&str, usize)> = entries.iter().map(|e| (e.name.as_str(), e.bytes.len())).collect();
    assert_eq!(names, [("manifest.json", 2), ("texts/de.txt", 124_000), ("empty", 0)]);
    assert!(read(&write(&[]).unwrap(), &Limits::default()).unwrap().is_empty());
}

#[test]
fn what_is_beyond_a_limit_is_refused_before_it_is_unpacked() {
    let limits = Limits { n_entries: 2, ..Limits::default() };
    assert!(message(&small(), &limits).contains("more than 2 files"));
    let limits = Limits { n_bytes: 100_000, ..Limits::default() };
    assert!(message(&small(), &limits).contains("unpacks to more than"));
    let zeros = vec![0; FREE_BYTES as usize + 1];
    assert!(message(&write(&[("bomb", &zeros)]).unwrap(), &Limits::default()).contains("bomb"));
    assert!(read(&write(&[("fine", &zeros[1..])]).unwrap(), &Limits::default()).is_ok());
}

#[test]
fn a_size_that_is_not_true_is_found_while_unpacking() {
    let bytes = write(&[("a", &[7; 70_000])]).unwrap();
    for size in [5_u32, 69_999, 70_001] {
        let lying = patched(&bytes, &70_000_u32.to_le_bytes(), &size.to_le_bytes());
        assert!(message(&lying, &Limits::default()).contains("its size is not the one"), "{size}");
    }
}

#[test]
fn names_that_lead_out_and_names_that_stand_twice_are_refused() {
    let bytes = write(&[("aa/b.txt", b"1"), ("cc/d.txt", b"2")]).unwrap();
    for name in [b"../b.txt", b"/a/b.txt", b"a\\../txt", b"c:/b.txt", b"a/../txt"] {
        let message = message(&patched(&bytes, b"aa/b.txt", name), &Limits::default());
        assert!(message.contains("leads out of it"), "{message}");
    }
    let message = message(&patched(&bytes, b"aa/b.txt", b"cc/d.txt"), &Limits::default());
    assert!(message.contains("twice"), "{message}");
    assert!(write(&[("a", b""), ("a", b"")]).is_err());
}

#[test]
fn a_file_that_is_not_as_it_was_packed_is_named() {
    let bytes = write(&[("de.txt", b"Zwei und zwei sind vier.")]).unwrap();
    let at = bytes.windows(6).position(|six| six == b"de.txt").unwrap() + 20;
    let mut broken = bytes.clone();
    broken[at] ^= 0x10;
    assert!(message(&broken, &Limits::default()).contains("de.txt in this zip archive is damaged"));
    for n in [0, 3, 40, bytes.len() - 1] {
        assert!(message(&bytes[..n], &Limits::default()).contains("damaged or not complete"), "{n}");
    }
}

proptest! {
    /// Whatever happens to an archive's bytes: what is read is what was packed, or an error.
    #[test]
    fn damage_is_never_taken_for_content(at in 0_usize..10_000, with in 1..=255_u8, cut in 0_usize..10_000) {
        let whole = read(&small(), &Limits::default()).unwrap();
        let mut bytes = small();
        let at = at % bytes.len();
        bytes[at] ^= with;
        if let Ok(entries) = read(&bytes, &Limits::default()) {
            for entry in entries {
                prop_assert!(whole.iter().any(|packed| packed.bytes == entry.bytes), "{}", entry.name);
            }
        }
        let bytes = &small()[..cut % small().len()];
        prop_assert!(read(bytes, &Limits::default()).is_err());
    }

    #[test]
    fn any_bytes_come_back(files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 0..5)) {
        let names: Vec<String> = (0..files.len()).map(|at| format!("ordner/{at}-é")).collect();
        let given: Vec<(&str, &[u8])> = names.iter().zip(&files).map(|(n, f)| (n.as_str(), f.as_slice())).collect();
        let read = read(&write(&given).unwrap(), &Limits::default()).unwrap();
        let found: Vec<(&str, &[u8])> = read.iter().map(|e| (e.name.as_str(), e.bytes.as_slice())).collect();
        prop_assert_eq!(found, given);
    }

    #[test]
    fn no_bytes_are_too_wild(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _refused_or_not = read(&[b"PK\x03\x04", bytes.as_slice()].concat(), &Limits::default());
    }
}
