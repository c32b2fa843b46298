//! From the messages of a chat to the tokens that a model answers: template, guard and tokenizer in one call.

use super::chat_template::{ChatTemplate, RenderOptions};
use super::error::TextError;
use super::guard::GuardedText;
use super::message::ChatMessage;
use super::tokenizer::Tokenizer;

/// Token ids of a chat up to where the assistant's turn begins. Special tokens come from the template alone: a message
/// that spells one is plain text.
///
/// # Errors
/// As [`GuardedText::render`] and [`Tokenizer::encode_chat`].
pub fn chat_tokens(
    tokenizer: &Tokenizer,
    template: &ChatTemplate,
    messages: &[ChatMessage],
) -> Result<Vec<u32>, TextError> {
    let token_text = |id: Option<u32>| id.map(|id| tokenizer.token_text(id)).unwrap_or_default();
    let options = RenderOptions {
        add_generation_prompt: true,
        bos_token: token_text(tokenizer.bos_id()),
        eos_token: token_text(tokenizer.eos_id()),
        ..RenderOptions::default()
    };
    tokenizer.encode_chat(&GuardedText::render(template, messages, &options, tokenizer)?)
}
