//! The native integration tests of the app and of the repository itself: modules by subject.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod check_export;
mod code_snippets;
mod docs;
<<<<<<< HEAD
=======
mod encoders;
mod engine;
mod hostile_gguf;
mod hostile_sessions;
mod hostile_templates;
mod hostile_tokenizers;
mod kernels;
>>>>>>> data
mod language_gate;
mod minilm;
mod numbers;
mod plans;
mod prompt_files;
mod real_build;
mod recompute;
mod shipped_model;
mod tidy;
