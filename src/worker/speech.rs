//! The loaded model's language: tokenizer and chat template together.

use crate::{
    protocol::{Fault, FaultCode, Input, Message},
    text::{ChatMessage, ChatTemplate, Date, GuardedText, RenderOptions, TextError, Tokenizer},
    weights::Metadata,
};

/// How a model reads and writes text.
#[derive(Debug)]
pub struct Speech {
    /// Text to ids and back.
    pub tokenizer: Tokenizer,
    template: Result<ChatTemplate, TextError>,
}

impl Speech {
    /// From a file's metadata. A missing or broken chat template is an error only once it is used.
    ///
    /// # Errors
    /// When the tokenizer is unknown or damaged.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self, TextError> {
        let tokenizer = Tokenizer::from_metadata(metadata)?;
        Ok(Self { tokenizer, template: ChatTemplate::from_metadata(metadata) })
    }

    /// From a `tokenizer.json`, which has no chat template.
    ///
    /// # Errors
    /// When the tokenizer is unknown or damaged.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        Ok(Self { tokenizer: Tokenizer::from_json(json)?, template: Err(TextError::NoTemplate) })
    }

    /// The conversation as the model reads it, the assistant's turn opened.
    ///
    /// # Errors
    /// When the template is missing, fails or does not end.
    pub fn render(&self, messages: &[Message]) -> Result<String, Fault> {
        let template = self.template.as_ref().map_err(|error| template_fault(error.clone()))?;
        template.render(&chat(messages), &self.options()).map_err(template_fault)
    }

    fn options(&self) -> RenderOptions {
        let token_text = |id: Option<u32>| id.map(|id| self.tokenizer.token_text(id)).unwrap_or_default();
        RenderOptions {
            add_generation_prompt: true,
            bos_token: token_text(self.tokenizer.bos_id()),
            eos_token: token_text(self.tokenizer.eos_id()),
            // The same settings give the same responses on any day.
            date: Some(Date::FIXED),
        }
    }

    /// Token ids of a prompt in any form. Special tokens come from the template alone, never from
    /// what people write.
    ///
    /// # Errors
    /// As [`Speech::render`], and when the text cannot be tokenised.
    pub fn prompt_tokens(&self, input: &Input) -> Result<Vec<u32>, Fault> {
        match input {
            Input::Messages(messages) => {
                let template = self.template.as_ref().map_err(|error| template_fault(error.clone()))?;
                let (chat, options) = (chat(messages), self.options());
                let chat = GuardedText::render(template, &chat, &options, &self.tokenizer);
                self.tokenizer.encode_chat(&chat.map_err(template_fault)?).map_err(text_fault)
            }
            Input::Prompt(text) => self.tokenizer.encode_prompt(text).map_err(text_fault),
            Input::Tokens(tokens) => Ok(tokens.clone()),
        }
    }

    /// Whether there is a chat template to use.
    ///
    /// # Errors
    /// What is wrong with it, for the person.
    pub fn check_template(&self) -> Result<(), Fault> {
        self.template.as_ref().map(|_| ()).map_err(|error| template_fault(error.clone()))
    }

    /// Token ids of a single user message.
    ///
    /// # Errors
    /// As [`Speech::prompt_tokens`].
    pub fn user_tokens(&self, text: &str) -> Result<Vec<u32>, Fault> {
        self.prompt_tokens(&Input::Messages(vec![Message {
            role: "user".to_owned(),
            content: text.to_owned(),
        }]))
    }
}

fn chat(messages: &[Message]) -> Vec<ChatMessage> {
    let copy = |m: &Message| ChatMessage { role: m.role.clone(), content: m.content.clone() };
    messages.iter().map(copy).collect()
}

fn template_fault(error: TextError) -> Fault {
    Fault::new(FaultCode::BadTemplate, error.to_string())
}

/// A tokenizer's error, as the page hears it.
pub fn text_fault(error: TextError) -> Fault {
    Fault::new(FaultCode::BadInput, error.to_string())
}
