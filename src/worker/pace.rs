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

/// How long a call to a GPU may take, in milliseconds: what the page draws, and Cancel, wait for it. Windows takes a GPU away
/// from who keeps it for two seconds.
const CALL_MS: f64 = 100.0;
/// Calls that are averaged.
const N_CALLS: usize = 4;

/// How many of something go into a call: while nothing is known, at least, and at most.
#[derive(Clone, Copy, Debug)]
struct Range {
    at_first: u32,
    least: u32,
    most: u32,
}

/// Beyond these, fewer calls save nothing.
const STEPS: Range = Range { at_first: 1, least: 1, most: 16 };
/// Fewer tokens would read the weights for little.
const PROMPT_TOKENS: Range = Range { at_first: 64, least: 16, most: 256 };

/// What goes into a call: as many decode steps, or tokens of prompts, as take a tenth of a second, by the last calls.
#[derive(Debug, Default)]
pub struct CallPace {
    /// When the last call ended, and steps and tokens done by then.
    last: Option<(f64, u64, u64)>,
    /// (milliseconds, steps) of the last calls.
    steps: VecDeque<(f64, f64)>,
    /// (milliseconds, tokens) of the last calls that had no steps.
    tokens: VecDeque<(f64, f64)>,
}

impl CallPace {
    /// Notes that `n_steps` steps and `n_tokens` tokens of prompts have been done in all at `now_ms`, and gives those of the
    /// next call: always powers of two, so that there are few kinds of calls.
    pub fn next(&mut self, now_ms: f64, n_steps: u64, n_tokens: u64) -> (u32, u32) {
        if let Some((before_ms, steps_before, tokens_before)) = self.last.replace((now_ms, n_steps, n_tokens))
        {
            let ms = now_ms - before_ms;
            match (n_steps - steps_before, n_tokens - tokens_before) {
                (0, 0) => {}
                (0, n_tokens) => note(&mut self.tokens, ms, n_tokens),
                (n_steps, _) => note(&mut self.steps, ms, n_steps),
            }
        }
        (fitting(&self.steps, STEPS), fitting(&self.tokens, PROMPT_TOKENS))
    }
}

fn note(calls: &mut VecDeque<(f64, f64)>, ms: f64, n: u64) {
    calls.push_back((ms, n as f64));
    if calls.len() > N_CALLS {
        calls.pop_front();
    }
}

fn fitting(calls: &VecDeque<(f64, f64)>, Range { at_first, least, most }: Range) -> u32 {
    let ms: f64 = calls.iter().map(|call| call.0).sum();
    let n: f64 = calls.iter().map(|call| call.1).sum();
    if n == 0.0 {
        return at_first;
    }
    // Without a clock that moves, calls take no time.
    let wanted = (CALL_MS * n / ms.max(f64::MIN_POSITIVE)).clamp(f64::from(least), f64::from(most));
    1 << (wanted as u32).ilog2()
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

    /// What follows calls, each given by its milliseconds, steps and tokens.
    fn after(calls: &[(f64, u64, u64)]) -> (u32, u32) {
        let (mut pace, mut now_ms, mut n_steps, mut n_tokens) = (CallPace::default(), 1_000.0, 7, 30);
        let mut next = pace.next(now_ms, n_steps, n_tokens);
        for (ms, steps, tokens) in calls {
            (now_ms, n_steps, n_tokens) = (now_ms + ms, n_steps + steps, n_tokens + tokens);
            next = pace.next(now_ms, n_steps, n_tokens);
        }
        next
    }

    /// By hand.
    #[test]
    fn a_call_has_as_many_steps_as_take_a_tenth_of_a_second() {
        let after = |calls: &[(f64, u64)]| {
            after(&calls.iter().map(|&(ms, steps)| (ms, steps, 0)).collect::<Vec<_>>()).0
        };
        assert_eq!(after(&[]), 1, "nothing is known");
        assert_eq!([after(&[(2.0, 1)]), after(&[(20.0, 1)]), after(&[(33.0, 1)])], [16, 4, 2]);
        assert_eq!([after(&[(500.0, 1)]), after(&[(160.0, 8)])], [1, 4]);
        assert_eq!(after(&[(40.0, 1), (40.0, 0)]), 2, "a call without steps says nothing of them");
        let slowed = [(4.0, 1), (64.0, 16), (400.0, 8), (400.0, 8), (400.0, 8), (400.0, 8)];
        assert_eq!([after(&slowed[..2]), after(&slowed)], [16, 2], "what was long ago does not count");
        assert_eq!(after(&[(0.0, 1)]), 16, "a clock that stands still");
    }

    /// By hand.
    #[test]
    fn a_call_has_as_many_tokens_of_prompts_as_take_a_tenth_of_a_second() {
        assert_eq!(after(&[]).1, 64, "nothing is known");
        assert_eq!(after(&[(10.0, 0, 64)]).1, 256);
        assert_eq!(after(&[(100.0, 0, 64)]).1, 64);
        assert_eq!(after(&[(180.0, 0, 64)]).1, 32);
        assert_eq!(after(&[(1_900.0, 0, 64)]).1, 16, "never fewer");
        assert_eq!(after(&[(100.0, 0, 64), (900.0, 4, 64)]).1, 64, "steps beside them say nothing of tokens");
        assert_eq!(after(&[(0.0, 0, 64)]).1, 256, "a clock that stands still");
    }

    #[test]
    fn what_is_left_follows_the_finished_lengths_and_never_falls_below_a_token_a_response() {
        assert_eq!(expected_tokens_left(10.0, 0.0, 0.0, 0.0, 96.0), 480.0);
        assert_eq!(expected_tokens_left(10.0, 5.0, 100.0, 120.0, 96.0), 80.0);
        assert_eq!(expected_tokens_left(10.0, 9.0, 90.0, 400.0, 96.0), 1.0);
    }
}
