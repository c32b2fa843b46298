//! How many requests are under way, when one is sent again, and when a run stops.

/// Requests at a time, at the beginning and at most.
const BEGIN: usize = 4;
const MOST: usize = 32;
/// Tries of one request.
pub const TRIES: u32 = 6;
/// Longest wait before another try, in seconds, and longest that a server may ask for.
const LONGEST_WAIT: f64 = 60.0;
const LONGEST_RETRY_AFTER: f64 = 600.0;
/// So many requests in a row that fail stop a run.
const TOO_MANY: u32 = 8;
/// So many rows, of so many samples in all, whose samples are all equal stop a run.
const EQUAL_ROWS: u32 = 4;
const EQUAL_SAMPLES: usize = 16;

/// What becomes of a request after an answer with this status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered.
    Answered,
    /// It is sent again later; `is_busy` says that the server has too much to do.
    Again {
        /// For 429 and 503.
        is_busy: bool,
    },
    /// It will never be answered; others may be.
    Refused,
    /// No request will be answered before a person changes something.
    Stop,
}

/// What an HTTP status says of a request.
pub fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Answered,
        429 | 503 => Verdict::Again { is_busy: true },
        408 | 409 | 425 => Verdict::Again { is_busy: false },
        // 0 is all that a browser tells of a redirect.
        0 | 401..=407 | 410 => Verdict::Stop,
        501 | 505 => Verdict::Refused,
        500.. => Verdict::Again { is_busy: false },
        _ => Verdict::Refused,
    }
}

/// Seconds before the try after try `k`, of which the first is 0: anywhere up to 1, 2, 4 … 60, or what the server asks for where
/// that is longer. `uniform` is from 0 to below 1.
pub fn wait_secs(k: u32, uniform: f64, retry_after: Option<f64>) -> f64 {
    let most = f64::from(1_u32 << k.min(10)).min(LONGEST_WAIT);
    let asked = retry_after.filter(|secs| secs.is_finite()).unwrap_or(0.0).clamp(0.0, LONGEST_RETRY_AFTER);
    (uniform.clamp(0.0, 1.0) * most).max(asked)
}

/// Seconds that a `Retry-After` names; its other form, a date, is not read.
pub fn retry_after(value: &str) -> Option<f64> {
    value.trim().parse().ok().filter(|secs: &f64| secs.is_finite() && *secs >= 0.0)
}

/// How many requests may be under way: one more after each success, half of them when the server is busy.
#[derive(Debug)]
pub struct Gate {
    limit: usize,
    n_under_way: usize,
    epoch: u32,
}

/// That a request is under way.
#[derive(Debug)]
pub struct Ticket(u32);

impl Default for Gate {
    fn default() -> Self {
        Self { limit: BEGIN, n_under_way: 0, epoch: 0 }
    }
}

impl Gate {
    /// Lets one more request through, where there is room.
    pub fn enter(&mut self) -> Option<Ticket> {
        (self.n_under_way < self.limit).then(|| {
            self.n_under_way += 1;
            Ticket(self.epoch)
        })
    }

    /// A request has ended.
    pub fn leave(&mut self, ticket: Ticket, is_success: bool, is_busy: bool) {
        self.n_under_way = self.n_under_way.saturating_sub(1);
        if is_success {
            self.limit = (self.limit + 1).min(MOST);
        }
        // What was sent before the last halving says nothing new.
        if is_busy && ticket.0 == self.epoch {
            self.limit = (self.limit / 2).max(1);
            self.epoch += 1;
        }
    }

    /// Requests under way.
    pub fn n_under_way(&self) -> usize {
        self.n_under_way
    }

    /// Requests that may be.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

/// Why a run stops by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Every request fails.
    #[error(
        "{TOO_MANY} requests in a row failed; the server last said: {0}. What was answered is kept: go on when it works"
    )]
    Failing(String),
    /// Every request is refused.
    #[error("the server refuses every request: {0}")]
    Refusing(String),
    /// One that no other request would pass.
    #[error("the server turns requests away: {0}. What was answered is kept")]
    TurnedAway(String),
    /// Every sample is the same.
    #[error(
        "this server gives the same text for every sample: its seed is fixed. Start it without a fixed seed, or raise the temperature"
    )]
    Equal,
}

/// Watches for what no patience helps against.
#[derive(Debug, Default)]
pub struct Watch {
    n_failed_in_row: u32,
    n_refused: u32,
    n_answered: u32,
    n_equal_rows: u32,
    n_equal_samples: usize,
    has_differed: bool,
}

impl Watch {
    /// A request was answered.
    pub fn answered(&mut self) {
        self.n_answered += 1;
        self.n_failed_in_row = 0;
    }

    /// A request has failed for good.
    pub fn failed(&mut self, said: &str) -> Option<Stopped> {
        self.n_failed_in_row += 1;
        (self.n_failed_in_row >= TOO_MANY).then(|| Stopped::Failing(said.to_owned()))
    }

    /// A request was refused. That counts as long as none was answered.
    pub fn refused(&mut self, said: &str) -> Option<Stopped> {
        self.n_refused += 1;
        let is_hopeless = self.n_answered == 0 && self.n_refused >= TOO_MANY;
        is_hopeless.then(|| Stopped::Refusing(said.to_owned()))
    }

    /// All `n` samples of a row are here, sampled above temperature 0; `are_equal` says that they are one text.
    pub fn row(&mut self, n: usize, are_equal: bool) -> Option<Stopped> {
        if n < 2 {
            return None;
        }
        self.has_differed |= !are_equal;
        self.n_equal_rows += u32::from(are_equal);
        self.n_equal_samples += n;
        let is_fixed = !self.has_differed;
        (is_fixed && self.n_equal_rows >= EQUAL_ROWS && self.n_equal_samples >= EQUAL_SAMPLES)
            .then_some(Stopped::Equal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statuses_say_what_becomes_of_a_request() {
        let again = |is_busy| Verdict::Again { is_busy };
        for (statuses, expected) in [
            (&[200, 201][..], Verdict::Answered),
            (&[429, 503], again(true)),
            (&[408, 409, 500, 502, 504, 529], again(false)),
            (&[400, 411, 413, 422, 501, 302], Verdict::Refused),
            (&[401, 402, 403, 404, 405, 407, 410], Verdict::Stop),
        ] {
            for status in statuses {
                assert_eq!(verdict(*status), expected, "{status}");
            }
        }
    }

    #[test]
    fn waits_double_up_to_a_minute_and_are_no_shorter_than_asked() {
        let longest: Vec<f64> = (0..8).map(|k| wait_secs(k, 1.0, None)).collect();
        assert_eq!(longest, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
        assert_eq!((wait_secs(3, 0.0, None), wait_secs(3, 0.5, None)), (0.0, 4.0));
        assert_eq!((wait_secs(0, 0.5, Some(7.0)), wait_secs(5, 0.5, Some(7.0))), (7.0, 16.0));
        assert_eq!(wait_secs(0, 0.5, Some(1e9)), 600.0);
        assert_eq!(wait_secs(u32::MAX, 1.0, Some(f64::NAN)), 60.0);
        for (value, secs) in
            [("7", Some(7.0)), (" 1.5 ", Some(1.5)), ("-1", None), ("inf", None), ("Sun, 29 Nov", None)]
        {
            assert_eq!(retry_after(value), secs, "{value}");
        }
    }

    #[test]
    fn requests_grow_by_one_and_halve_once_for_all_that_were_under_way() {
        let mut gate = Gate::default();
        let mut tickets: Vec<Ticket> = std::iter::from_fn(|| gate.enter()).collect();
        assert_eq!((tickets.len(), gate.limit()), (4, 4));
        gate.leave(tickets.pop().unwrap(), true, false);
        assert_eq!(gate.limit(), 5);
        for ticket in tickets.drain(..) {
            gate.leave(ticket, false, true);
        }
        assert_eq!((gate.limit(), gate.n_under_way()), (2, 0));
        for _ in 0..100 {
            let ticket = gate.enter().unwrap();
            gate.leave(ticket, true, false);
        }
        assert_eq!(gate.limit(), 32);
        for _ in 0..10 {
            let ticket = gate.enter().unwrap();
            gate.leave(ticket, false, true);
        }
        assert_eq!(gate.limit(), 1);
    }

    #[test]
    fn a_run_stops_where_no_patience_helps() {
        let mut watch = Watch::default();
        assert!((0..7).all(|_| watch.failed("down").is_none()));
        watch.answered();
        assert!((0..7).all(|_| watch.failed("down").is_none()), "an answer in between counts");
        assert_eq!(watch.failed("down"), Some(Stopped::Failing("down".to_owned())));
        assert!((0..20).all(|_| watch.refused("n").is_none()), "some requests are answered");
        let mut watch = Watch::default();
        assert!((0..7).all(|_| watch.refused("n").is_none()));
        assert_eq!(watch.refused("n"), Some(Stopped::Refusing("n".to_owned())));
    }

    #[test]
    fn equal_samples_stop_a_run_unless_some_ever_differed() {
        let mut watch = Watch::default();
        let stops: Vec<bool> = (0..4).map(|_| watch.row(8, true).is_some()).collect();
        assert_eq!(stops, [false, false, false, true]);
        let mut watch = Watch::default();
        watch.row(2, false);
        assert!((0..20).all(|_| watch.row(8, true).is_none()));
        let mut watch = Watch::default();
        assert!((0..20).all(|_| watch.row(1, true).is_none()), "one sample is equal to nothing");
        assert!((0..7).all(|_| watch.row(2, true).is_none()), "few samples may be equal by chance");
        assert_eq!(watch.row(2, true), Some(Stopped::Equal));
    }

    proptest! {
        #[test]
        fn a_gate_never_lets_more_through_than_its_limit(acts in prop::collection::vec(0u8..4, 0..300)) {
            let (mut gate, mut tickets) = (Gate::default(), Vec::new());
            for act in acts {
                match act {
                    0 => tickets.extend(gate.enter()),
                    act => if let Some(ticket) = tickets.pop() {
                        gate.leave(ticket, act == 1, act == 2);
                    }
                }
                prop_assert_eq!(gate.n_under_way(), tickets.len());
                prop_assert!((1..=32).contains(&gate.limit()));
            }
        }
    }
}
