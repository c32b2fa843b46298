//! The native integration tests of the app and of the repository itself: modules by subject.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod check_export;
mod code_snippets;
mod contrast;
mod docs;
mod hostile_sessions;
mod language_gate;
mod minilm;
mod numbers;
mod plans;
mod prompt_files;
mod real_build;
mod recompute;
mod shipped_model;
mod tidy;
