//! What a server's reply to a request for a file, or for the rest of one, allows.

use super::Ledger;

/// The head of a reply, as far as the browser shows it to a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyHead {
    /// HTTP status.
    pub status: u16,
    /// Length of the body; `None` when it is not said, or when the body is compressed.
    pub n_bytes: Option<u64>,
    /// First byte and length of the whole file, of a reply with a part of it.
    pub range: Option<(u64, Option<u64>)>,
    /// The file's version.
    pub etag: Option<String>,
}

/// What to do with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Read the body; the bytes that were asked for begin after `skip` of it.
    Read {
        /// Bytes before those that were asked for.
        skip: u64,
    },
    /// The file is another one now: what is here of the old one is of no use.
    Changed,
    /// The server is busy or broken: ask again after a pause.
    Later,
    /// The server refuses.
    Refused,
}

/// Judges the reply to a request for the bytes from `from` to `to` of the file of a ledger.
pub fn judge(ledger: &Ledger, from: u64, to: u64, head: &ReplyHead) -> Verdict {
    let facts = ledger.facts();
    let is_other = |theirs: &Option<String>| match (&facts.etag, theirs) {
        (Some(ours), Some(theirs)) => bare(ours) != bare(theirs),
        _ => false,
    };
    match head.status {
        200 if is_other(&head.etag) || head.n_bytes.is_some_and(|n_bytes| n_bytes != facts.n_bytes) => {
            Verdict::Changed
        }
        200 => Verdict::Read { skip: from },
        206 => {
            let (start, total) = head.range.unwrap_or((from, None));
            let is_other_size = total.is_some_and(|total| total != facts.n_bytes)
                || head.range.is_none() && head.n_bytes.is_some_and(|n_bytes| n_bytes != to - from);
            if is_other(&head.etag) || is_other_size || start > from {
                return Verdict::Changed;
            }
            Verdict::Read { skip: from - start }
        }
        416 => Verdict::Changed,
        408 | 425 | 429 | 500..=599 => Verdict::Later,
        _ => Verdict::Refused,
    }
}

/// `Content-Range: bytes 5-9/100` as the first byte and the whole length.
pub fn content_range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = header.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let start = range.split('-').next()?.trim().parse().ok()?;
    Some((start, total.trim().parse().ok()))
}

/// The pause before try number `n_failed`, in milliseconds: doubled from a quarter of a second to a quarter of a minute.
pub fn pause_ms(n_failed: u32) -> u32 {
    250 << n_failed.saturating_sub(1).min(6)
}

/// Tries without a single byte between them after which a download gives up.
pub const MOST_TRIES: u32 = 8;

/// An ETag without its mark for weak comparison.
fn bare(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::Facts;

    fn ledger(etag: Option<&str>) -> Ledger {
        let facts = Facts { n_bytes: 100, etag: etag.map(str::to_owned), ..Facts::default() };
        Ledger::new(facts)
    }

    fn head(
        status: u16,
        n_bytes: Option<u64>,
        range: Option<(u64, Option<u64>)>,
        etag: Option<&str>,
    ) -> ReplyHead {
        ReplyHead { status, n_bytes, range, etag: etag.map(str::to_owned) }
    }

    #[test]
    fn a_reply_is_read_waited_for_or_refused() {
        let read = |skip| Verdict::Read { skip };
        let cases = [
            ("the rest", head(206, Some(40), Some((60, Some(100))), Some("\"a\"")), read(0)),
            (
                "the rest, weakly the same",
                head(206, Some(40), Some((60, Some(100))), Some("W/\"a\"")),
                read(0),
            ),
            ("the rest, its headers hidden", head(206, Some(40), None, None), read(0)),
            ("more than the rest", head(206, Some(50), Some((50, Some(100))), None), read(10)),
            ("ranges are ignored", head(200, Some(100), None, Some("\"a\"")), read(60)),
            ("ranges are ignored, nothing is said", head(200, None, None, None), read(60)),
            ("another version", head(206, Some(40), Some((60, Some(100))), Some("\"b\"")), Verdict::Changed),
            ("another size", head(206, Some(50), Some((60, Some(110))), Some("\"a\"")), Verdict::Changed),
            ("another size, its headers hidden", head(206, Some(50), None, None), Verdict::Changed),
            ("a whole other file", head(200, Some(101), None, None), Verdict::Changed),
            ("too short now", head(416, None, None, None), Verdict::Changed),
            ("another part", head(206, Some(30), Some((70, Some(100))), None), Verdict::Changed),
            ("busy", head(503, None, None, None), Verdict::Later),
            ("too many", head(429, None, None, None), Verdict::Later),
            ("gone", head(404, None, None, None), Verdict::Refused),
        ];
        for (name, head, expected) in cases {
            assert_eq!(judge(&ledger(Some("\"a\"")), 60, 100, &head), expected, "{name}");
        }
        assert_eq!(judge(&ledger(None), 60, 100, &head(200, Some(100), None, Some("\"b\""))), read(60));
    }

    #[test]
    fn ranges_are_read_from_their_header() {
        assert_eq!(content_range("bytes 5-9/100"), Some((5, Some(100))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("bytes */100"), None);
        assert_eq!(content_range("items 5-9/100"), None);
    }

    #[test]
    fn pauses_grow_and_stay_bearable() {
        let pauses: Vec<u32> = (1..=MOST_TRIES).map(pause_ms).collect();
        assert!(
            pauses.is_sorted() && pauses[0] == 250 && pauses.iter().all(|&ms| ms <= 16_000),
            "{pauses:?}"
        );
    }
}
