//! Batched inference for small language models and encoders, on the CPU and on any GPU that wgpu reaches.
//!
//! The modules are listed in reading order.
//!
#![doc = include_str!("../README.md")]

pub mod engine;
pub mod generate;
pub mod reference;
pub mod text;
pub mod weights;
