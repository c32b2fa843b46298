//! The program as it is run: the pairs of the example session in every way of giving them, shards, exit codes, bad inputs.

mod bad_input;
mod exports;
mod given;
mod same_pairs;
