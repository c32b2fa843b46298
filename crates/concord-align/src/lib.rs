//! Preference pairs from agreement across languages: records, methods, evaluation, exports.
//!
//! The modules are listed in reading order.
//!
#![doc = include_str!("../README.md")]

pub mod align;
pub mod data;
pub mod job;
