//! The loaded model's language: tokenizer and chat template together.

use crate::{
    data::opens_reasoning,
    protocol::{Fault, FaultCode, Input, Message, Thinking},
    text::{ChatMessage, ChatTemplate, Date, FoundSwitch, GuardedText, RenderOptions, TextError, Tokenizer},
    weights::Metadata,
};

/// How a model reads and writes text.
#[derive(Debug)]
pub struct Speech {
    /// Text to ids and back.
    pub tokenizer: Tokenizer,
    template: Result<ChatTemplate, TextError>,
    /// How the template is told whether to think.
    switch: FoundSwitch,
    thinking: Thinking,
}

/// A prompt as the model reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompted {
    /// Its token ids.
    pub tokens: Vec<u32>,
    /// It ends within reasoning, so that the response begins there.
    pub opens_reasoning: bool,
    /// Why it was made without the switch for thinking, where that failed.
    pub fallback: Option<String>,
}

impl Speech {
    /// From a file's metadata. A missing or broken chat template is an error only once it is used.
    ///
    /// # Errors
    /// When the tokenizer is unknown or damaged.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self, TextError> {
        let tokenizer = Tokenizer::from_metadata(metadata)?;
        Ok(Self::new(tokenizer, ChatTemplate::from_metadata(metadata)))
    }

    /// From a `tokenizer.json`, which has no chat template.
    ///
    /// # Errors
    /// When the tokenizer is unknown or damaged.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        Ok(Self::new(Tokenizer::from_json(json)?, Err(TextError::NoTemplate)))
    }

    fn new(tokenizer: Tokenizer, template: Result<ChatTemplate, TextError>) -> Self {
        let mut speech = Self { tokenizer, template, switch: FoundSwitch::None, thinking: Thinking::Never };
        if let Ok(template) = &speech.template {
            let options = speech.options();
            speech.switch = FoundSwitch::of(template, &options);
            let opens = |text: Result<String, _>| text.is_ok_and(|text| opens_reasoning(&text));
            speech.thinking = match speech.switch {
                FoundSwitch::Works(_) => Thinking::Switch,
                FoundSwitch::Fails { .. } => Thinking::Always,
                FoundSwitch::None if opens(template.render(&[ChatMessage::user("1 + 1?")], &options)) => {
                    Thinking::Always
                }
                FoundSwitch::None => Thinking::Never,
            };
        }
        speech
    }

    /// Whether the model thinks before it answers, as far as its template tells.
    pub fn thinking(&self) -> Thinking {
        self.thinking
    }

    /// What is to be known of it, as a sentence.
    pub fn thinking_note(&self) -> Option<String> {
        match &self.switch {
            FoundSwitch::Fails { switch, reason } => Some(format!(
                "With {} off, {reason}. So the switch is not used, and the model may think every time.",
                switch.name()
            )),
            _ => None,
        }
    }

    /// That no response can come to an end, as a sentence.
    pub fn endless_note(&self) -> Option<String> {
        self.tokenizer.end_ids().is_empty().then(|| {
            "The file names no token that ends a response, so each goes on to the token limit. Set a short limit, or take another conversion of the model."
                .to_owned()
        })
    }

    /// The conversation as the model reads it, the assistant's turn opened; where the template fails with its switch for
    /// thinking and not without it, without it.
    ///
    /// # Errors
    /// When the template is missing, fails or does not end.
    pub fn render(&self, messages: &[Message], thinking: bool) -> Result<String, Fault> {
        self.with_switch(thinking, |template, options| template.render(&chat(messages), options))
            .map(|(text, _)| text)
    }

    /// Renders with the switch for thinking, where there is one; where that fails and it works without, without it and
    /// with the reason.
    fn with_switch<T>(
        &self,
        thinking: bool,
        render: impl Fn(&ChatTemplate, &RenderOptions) -> Result<T, TextError>,
    ) -> Result<(T, Option<String>), Fault> {
        let template = self.template.as_ref().map_err(|error| template_fault(error.clone()))?;
        let plain = self.options();
        let FoundSwitch::Works(switch) = self.switch else {
            return render(template, &plain).map(|out| (out, None)).map_err(template_fault);
        };
        let options = RenderOptions { thinking: Some((switch, thinking)), ..plain.clone() };
        render(template, &options).map(|out| (out, None)).or_else(|error| match render(template, &plain) {
            Ok(out) => Ok((
                out,
                Some(format!(
                    "with {} {}, {error}; the model was asked without that switch",
                    switch.name(),
                    if thinking { "on" } else { "off" }
                )),
            )),
            Err(_) => Err(template_fault(error)),
        })
    }

    fn options(&self) -> RenderOptions {
        let token_text = |id: Option<u32>| id.map(|id| self.tokenizer.token_text(id)).unwrap_or_default();
        RenderOptions {
            add_generation_prompt: true,
            bos_token: token_text(self.tokenizer.bos_id()),
            eos_token: token_text(self.tokenizer.eos_id()),
            // The same settings give the same responses on any day.
            date: Some(Date::FIXED),
            thinking: None,
        }
    }

    /// Token ids of a prompt in any form. Special tokens come from the template alone, never from
    /// what people write.
    ///
    /// # Errors
    /// As [`Speech::render`], and when the text cannot be tokenised.
    pub fn prompted(&self, input: &Input, thinking: bool) -> Result<Prompted, Fault> {
        let (tokens, opens_reasoning, fallback) = match input {
            Input::Messages(messages) => {
                let chat = chat(messages);
                let (chat, fallback) = self.with_switch(thinking, |template, options| {
                    GuardedText::render(template, &chat, options, &self.tokenizer)
                })?;
                let tokens = self.tokenizer.encode_chat(&chat).map_err(text_fault)?;
                (tokens, opens_reasoning(chat.text()), fallback)
            }
            Input::Prompt(text) => {
                (self.tokenizer.encode_prompt(text).map_err(text_fault)?, opens_reasoning(text), None)
            }
            Input::Tokens(tokens) => {
                let end = &tokens[tokens.len().saturating_sub(OPENING_TOKENS)..];
                (tokens.clone(), opens_reasoning(&self.tokenizer.decode(end, true)), None)
            }
        };
        Ok(Prompted { tokens, opens_reasoning, fallback })
    }

    /// The same for a model that is asked about texts: without thinking.
    ///
    /// # Errors
    /// As [`Speech::prompted`].
    pub fn prompt_tokens(&self, input: &Input) -> Result<Vec<u32>, Fault> {
        self.prompted(input, false).map(|prompted| prompted.tokens)
    }

    /// Whether there is a chat template to use.
    ///
    /// # Errors
    /// What is wrong with it, for the person.
    pub fn check_template(&self) -> Result<(), Fault> {
        self.template.as_ref().map(|_| ()).map_err(|error| template_fault(error.clone()))
    }

    /// A single user message.
    ///
    /// # Errors
    /// As [`Speech::prompted`].
    pub fn prompted_user(&self, text: &str, thinking: bool) -> Result<Prompted, Fault> {
        let message = Message { role: "user".to_owned(), content: text.to_owned() };
        self.prompted(&Input::Messages(vec![message]), thinking)
    }

    /// Token ids of a single user message, without thinking.
    ///
    /// # Errors
    /// As [`Speech::prompted`].
    pub fn user_tokens(&self, text: &str) -> Result<Vec<u32>, Fault> {
        self.prompted_user(text, false).map(|prompted| prompted.tokens)
    }
}

/// Tokens at the end of a prompt that may hold a marker.
const OPENING_TOKENS: usize = 32;

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
