//! Async cases shared by the native and the browser tests: each takes the thing to be tested.

pub(crate) mod encoder_models;
pub(crate) mod encoders;
pub(crate) mod kernels;
pub(crate) mod language_model;
pub(crate) mod llama_cpp;
pub(crate) mod llama_cpp_models;
pub(crate) mod sampler;
