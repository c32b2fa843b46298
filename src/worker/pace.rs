//! How fast a job goes and how long it will take: the clock is passed in.

use std::collections::VecDeque;

/// The span over which the rate is measured, in milliseconds.
const WINDOW_MS: f64 = 4_000.0;

/// Counts tokens, or bytes, over time.
#[derive(Debug, Default)]
pub struct Pace {
    /// (time in ms, how many so far), oldest first.
    marks: VecDeque<(f64, f64)>,
}

impl Pace {
    /// Notes that `n_done` have come in all at `now_ms`.
    pub fn mark(&mut self, now_ms: f64, n_done: f64) {
        self.marks.push_back((now_ms, n_done));
        while self.marks.len() > 2 && self.marks.get(1).is_some_and(|mark| now_ms - mark.0 >= WINDOW_MS) {
            self.marks.pop_front();
        }
    }

    /// How many per second over the last few seconds; 0 while unknown.
    pub fn per_sec(&self) -> f64 {
        match (self.marks.front(), self.marks.back()) {
            (Some(first), Some(last)) if last.0 > first.0 => {
                (last.1 - first.1) / (last.0 - first.0) * 1_000.0
            }
            _ => 0.0,
        }
    }

    /// Seconds until `n_left` more have come, or `None` while the rate is unknown.
    pub fn remaining_secs(&self, n_left: f64) -> Option<f64> {
        let rate = self.per_sec();
        (rate > 0.0).then(|| n_left.max(0.0) / rate)
    }
}

/// How long a call to a GPU may take, in milliseconds: what the page draws, and Cancel, wait for it.
const CALL_MS: f64 = 100.0;
/// Most decode steps of a call: beyond these, fewer calls save nothing.
const MOST_STEPS: u32 = 16;
/// Calls whose steps are averaged.
const N_CALLS: usize = 4;

/// How many decode steps go into a call: as many as take a tenth of a second, by the steps of the last calls.
#[derive(Debug, Default)]
pub struct StepPace {
    /// When the last call ended, and steps done by then.
    last: Option<(f64, u64)>,
    /// (milliseconds, steps) of the last calls.
    calls: VecDeque<(f64, f64)>,
}

impl StepPace {
    /// Notes that `n_done` steps have been done in all at `now_ms`, and gives the steps of the next call: one while nothing
    /// is known, and always a power of two, so that there are few kinds of calls.
    pub fn steps(&mut self, now_ms: f64, n_done: u64) -> u32 {
        if let Some((before_ms, n_before)) = self.last.replace((now_ms, n_done))
            && n_done > n_before
        {
            self.calls.push_back((now_ms - before_ms, (n_done - n_before) as f64));
            if self.calls.len() > N_CALLS {
                self.calls.pop_front();
            }
        }
        let ms: f64 = self.calls.iter().map(|call| call.0).sum();
        let n_steps: f64 = self.calls.iter().map(|call| call.1).sum();
        if n_steps == 0.0 {
            return 1;
        }
        // Without a clock that moves, steps take no time.
        let wanted = (CALL_MS * n_steps / ms.max(f64::MIN_POSITIVE)).clamp(1.0, f64::from(MOST_STEPS));
        1 << (wanted as u32).ilog2()
    }
}

/// Tokens still to come: every unfinished response is expected to be as long as the finished ones
/// were on average, or half the limit while none has finished.
pub fn expected_tokens_left(
    n_responses: f64,
    n_finished: f64,
    finished_tokens: f64,
    tokens: f64,
    max_tokens: f64,
) -> f64 {
    let mean = if n_finished > 0.0 { finished_tokens / n_finished } else { max_tokens / 2.0 };
    (n_responses * mean - tokens).max(n_responses - n_finished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds_only() {
        let mut pace = Pace::default();
        assert_eq!(pace.per_sec(), 0.0);
        assert_eq!(pace.remaining_secs(10.0), None);
        for second in 0..10 {
            pace.mark(f64::from(second) * 1_000.0, f64::from(second) * 10.0);
        }
        assert_eq!(pace.per_sec(), 10.0);
        for second in 10..20 {
            pace.mark(f64::from(second) * 1_000.0, 90.0 + f64::from(second - 9) * 50.0);
        }
        assert_eq!(pace.per_sec(), 50.0);
        assert_eq!(pace.remaining_secs(100.0), Some(2.0));
    }

    /// By hand: each call is given by its milliseconds and steps.
    #[test]
    fn a_call_has_as_many_steps_as_take_a_tenth_of_a_second() {
        let after = |calls: &[(f64, u64)]| {
            let (mut pace, mut now_ms, mut n_done) = (StepPace::default(), 1_000.0, 7);
            let mut steps = pace.steps(now_ms, n_done);
            for (ms, n_steps) in calls {
                (now_ms, n_done) = (now_ms + ms, n_done + n_steps);
                steps = pace.steps(now_ms, n_done);
            }
            steps
        };
        assert_eq!(after(&[]), 1, "nothing is known");
        assert_eq!([after(&[(2.0, 1)]), after(&[(20.0, 1)]), after(&[(33.0, 1)])], [16, 4, 2]);
        assert_eq!([after(&[(500.0, 1)]), after(&[(160.0, 8)])], [1, 4]);
        assert_eq!(after(&[(40.0, 1), (40.0, 0)]), 2, "a call without steps says nothing of them");
        let slowed = [(4.0, 1), (64.0, 16), (400.0, 8), (400.0, 8), (400.0, 8), (400.0, 8)];
        assert_eq!([after(&slowed[..2]), after(&slowed)], [16, 2], "what was long ago does not count");
        assert_eq!(after(&[(0.0, 1)]), 16, "a clock that stands still");
    }

    #[test]
    fn what_is_left_follows_the_finished_lengths_and_never_falls_below_a_token_a_response() {
        assert_eq!(expected_tokens_left(10.0, 0.0, 0.0, 0.0, 96.0), 480.0);
        assert_eq!(expected_tokens_left(10.0, 5.0, 100.0, 120.0, 96.0), 80.0);
        assert_eq!(expected_tokens_left(10.0, 9.0, 90.0, 400.0, 96.0), 1.0);
    }
}
