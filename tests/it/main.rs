//! The one native integration binary: modules by subject.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod blocks;
#[path = "../cases/mod.rs"]
mod cases;
mod chat_templates;
mod check_export;
mod code_snippets;
mod counters;
mod docs;
mod encoders;
mod engine;
mod hostile_gguf;
mod hostile_sessions;
mod hostile_templates;
mod hostile_tokenizers;
mod kernels;
mod language_gate;
mod llama_cpp;
mod minilm;
mod numbers;
mod plans;
mod prompt_files;
mod published_models;
mod real_build;
mod real_models;
mod recompute;
mod reference;
mod shaders;
mod shipped_model;
mod tidy;
mod tokenizers;
mod tokens;
