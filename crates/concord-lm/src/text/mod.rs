//! Between strings and tokens: tokenizer, streaming detokeniser, chat template.
//!
//! The tokenizer and the template come from a model file's metadata, or the tokenizer alone from a
//! `tokenizer.json`; nothing else of a model is known here. `tokenizers` and `minijinja` are named only in this folder.

pub mod chat;
pub mod chat_template;
pub mod date;
pub mod error;
pub mod found_switch;
pub mod guard;
pub mod known_templates;
pub mod message;
pub mod stream;
pub mod thinking;
pub mod tokenizer;

mod byte_bpe;
mod byte_level;
mod charsmap;
mod hugging_face;
mod pieces;
mod pre_tokenizer;
mod pre_tokenizer_rules;
mod python;
mod sentence_piece;
mod template_budget;
mod template_code;
mod template_guards;
mod template_library;
mod template_source;
mod template_walk;
mod tokenizer_json;
mod unigram;
mod vocabulary;
mod word_piece;

pub use chat::chat_tokens;
pub use chat_template::{ChatTemplate, RenderOptions};
pub use date::Date;
pub use error::TextError;
pub use found_switch::FoundSwitch;
pub use guard::GuardedText;
pub use known_templates::KnownTemplate;
pub use message::ChatMessage;
pub use stream::StreamDecoder;
pub use thinking::ThinkingSwitch;
pub use tokenizer::Tokenizer;

#[cfg(test)]
mod tests;
