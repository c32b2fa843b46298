//! Session files that harm: what the fuzz target `session` drives, with random changes of a good session.

#[path = "../../fuzz/src/sessions.rs"]
#[expect(unreachable_pub, clippy::expect_used, reason = "public for the fuzz target, and a test here")]
mod sessions;

use concord::align::random::SplitMix64;
use proptest::prelude::*;
use sessions::{file, open};

#[test]
fn a_good_session_opens_and_is_used() {
    assert!(open(&file(&[])));
}

#[test]
fn what_is_no_session_is_refused_with_a_reason() {
    for bytes in
        [&b""[..], b"{", b"[", b"\xef\xbb\xbf{}", b"{\"schema\":\"concord-session/1\"}", b"{\"a\":1e999}"]
    {
        assert!(!open(bytes), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn changes_leave_some_sessions_that_open_and_make_some_that_do_not() {
    let mut numbers = SplitMix64::new(7);
    let mut n_open = 0;
    for _ in 0..200 {
        let data: Vec<u8> = (0..40).map(|_| numbers.below(256) as u8).collect();
        // Never its own bytes.
        n_open += usize::from(open(&file(&[&[0], &data[..]].concat())));
    }
    assert!((20..180).contains(&n_open), "{n_open} of 200 open");
}

#[test]
fn a_decision_on_a_row_whose_pair_is_gone_is_exported() {
    assert!(open(&file(&[0, 58, 4, 32, 6, 33, 137, 184, 24, 175, 22, 215, 0, 13])));
}

proptest! {
    // CONCORD_CASES sets another number of cases for a longer search.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("CONCORD_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_changed_it_opens_or_is_refused(data in prop::collection::vec(any::<u8>(), 0..64)) {
        open(&file(&data));
    }
}
