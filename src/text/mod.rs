//! Between strings and tokens: tokenizer, streaming detokeniser, chat template, language identification.
//!
//! The tokenizer and the template come from a model file's metadata; nothing else of a model is known
//! here. `tokenizers` and `minijinja` are named only in this folder.

pub mod chat_template;
pub mod error;
pub mod language;
pub mod stream;
pub mod tokenizer;

mod byte_level;
mod language_profiles;
mod pre_tokenizer;
mod vocabulary;

pub use chat_template::{ChatMessage, ChatTemplate};
pub use error::TextError;
pub use language::detect;
pub use stream::StreamDecoder;
pub use tokenizer::Tokenizer;

#[cfg(test)]
mod tests;
