//! The program as it is run: the pairs of the example session in every way of giving them, shards, exit codes, bad inputs.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure shows, in its helpers too")]

mod bad_input;
mod embed;
mod exports;
mod given;
mod job;
mod same_pairs;
