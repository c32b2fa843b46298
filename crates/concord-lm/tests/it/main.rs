//! The one native integration binary of this crate: modules by subject.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod blocks;
#[path = "../cases/mod.rs"]
mod cases;
mod chat_templates;
mod counters;
mod encoders;
mod engine;
mod examples;
mod hostile_gguf;
mod hostile_templates;
mod hostile_tokenizers;
mod kernels;
mod llama_cpp;
mod published_models;
mod real_models;
mod reference;
mod shaders;
mod tokenizers;
mod tokens;
mod work;
