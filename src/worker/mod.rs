//! The worker: jobs in, events and answers out.

pub mod queue;
