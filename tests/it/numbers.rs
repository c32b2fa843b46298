//! What sessions that no model made are built of: seeded numbers, the same in every run, and a blank.

use concord::align::random::SplitMix64;
use concord::data::{AppRecord, SESSION_SCHEMA, Session};

/// A session with nothing in it that can be written and read.
pub(crate) fn blank_session() -> Session {
    Session {
        schema: SESSION_SCHEMA.into(),
        created: "2026-11-21T10:00:00Z".into(),
        app: AppRecord { version: "0".into() },
        ..Session::default()
    }
}

pub(crate) struct Numbers(SplitMix64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0.below(n as usize) as u64
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Few values, so that ties are common.
    pub(crate) fn cosine(&mut self) -> f32 {
        self.below(24) as f32 / 24.0 - 0.2
    }

    pub(crate) fn logprob(&mut self) -> f32 {
        -(self.below(4000) as f32) / 64.0
    }

    /// From -1 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.0.between_minus_one_and_one() as f32
    }

    pub(crate) fn vector(&mut self, dim: usize) -> Vec<f32> {
        (0..dim).map(|_| self.unit()).collect()
    }
}
