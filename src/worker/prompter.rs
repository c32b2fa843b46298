//! The loaded model's language: tokenizer and chat template together.

use crate::{
    data::{Day, SessionConfig, opens_reasoning},
    protocol::{Fault, FaultCode, Input, Message, ModelInfo, TemplateChoice, Thinking},
    text::{
        ChatMessage, ChatTemplate, Date, FoundSwitch, GuardedText, KnownTemplate, RenderOptions, TextError,
        Tokenizer,
    },
    weights::Metadata,
};

/// How a model reads and writes text.
#[derive(Debug)]
pub struct Prompter {
    /// Text to ids and back.
    pub tokenizer: Tokenizer,
    /// The file's own template.
    own: Result<ChatTemplate, TextError>,
    /// The one that is used instead.
    picked: Option<(TemplateChoice, ChatTemplate)>,
    /// What is to be known of that one; sentences.
    notes: Vec<String>,
    /// Texts that end a turn, where the vocabulary has no token for that.
    stops: Vec<String>,
    /// How the template is told whether to think.
    switch: FoundSwitch,
    thinking: Thinking,
}

/// How a model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// It is to think first, where its template has a switch for that.
    pub thinking: bool,
    /// The day that its template tells it, where it tells one; `None` is [`Day::FIXED`].
    pub date: Option<Day>,
}

impl Manner {
    /// As the settings say.
    pub fn of(config: &SessionConfig) -> Self {
        Self { thinking: config.thinking, date: config.date }
    }

    /// Without thinking, as a model is asked about texts.
    pub fn unthinking(date: Option<Day>) -> Self {
        Self { thinking: false, date }
    }
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

impl Prompter {
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

    fn new(tokenizer: Tokenizer, own: Result<ChatTemplate, TextError>) -> Self {
        let mut prompter = Self {
            tokenizer,
            own,
            picked: None,
            notes: Vec::new(),
            stops: Vec::new(),
            switch: FoundSwitch::None,
            thinking: Thinking::Never,
        };
        prompter.find_switch();
        prompter
    }

    /// Uses another template from now on.
    ///
    /// # Errors
    /// None that a template of ours gives.
    pub fn pick(&mut self, choice: TemplateChoice) -> Result<(), Fault> {
        (self.picked, self.notes, self.stops) = (None, Vec::new(), Vec::new());
        if let Some(known) = KnownTemplate::named(choice.as_str()) {
            let template = known.template(&self.tokenizer).map_err(template_fault)?;
            self.picked = Some((choice, template));
            self.notes.extend(missing_marks(known, &self.tokenizer));
            self.stops.extend(known.stop_text(&self.tokenizer).map(str::to_owned));
        }
        self.find_switch();
        Ok(())
    }

    /// Finds out how the template is told whether to think.
    fn find_switch(&mut self) {
        (self.switch, self.thinking) = (FoundSwitch::None, Thinking::Never);
        let Ok(template) = self.template() else { return };
        let options = self.options(None);
        let switch = FoundSwitch::of(template, &options);
        let opens = |text: Result<String, _>| text.is_ok_and(|text| opens_reasoning(&text));
        self.thinking = match switch {
            FoundSwitch::Works(_) => Thinking::Switch,
            FoundSwitch::Fails { .. } => Thinking::Always,
            FoundSwitch::None if opens(template.render(&[ChatMessage::user("1 + 1?")], &options)) => {
                Thinking::Always
            }
            FoundSwitch::None => Thinking::Never,
        };
        self.switch = switch;
    }

    /// The template that is used.
    fn template(&self) -> Result<&ChatTemplate, TextError> {
        match &self.picked {
            Some((_, template)) => Ok(template),
            None => self.own.as_ref().map_err(Clone::clone),
        }
    }

    /// Which template is used; `None` where there is none.
    pub fn choice(&self) -> Option<TemplateChoice> {
        match &self.picked {
            Some((choice, _)) => Some(*choice),
            None => self.has_own_template().then_some(TemplateChoice::File),
        }
    }

    /// Whether the file has a template, be it a broken one.
    pub fn has_own_template(&self) -> bool {
        !matches!(self.own, Err(TextError::NoTemplate))
    }

    /// Tells the page how the model is asked; what it was told before is taken back by [`Prompter::untell`].
    pub fn tell(&self, info: &mut ModelInfo) {
        info.template = self.choice();
        info.has_own_template = self.has_own_template();
        info.notes.extend(self.all_notes());
        info.tells_date = self.tells_date();
        info.thinking = self.thinking;
    }

    /// Takes the notes of [`Prompter::tell`] back, before another template is picked.
    pub fn untell(&self, info: &mut ModelInfo) {
        let told = self.all_notes();
        info.notes.retain(|note| !told.contains(note));
    }

    /// What is to be known of the template and of how responses end, a sentence each.
    fn all_notes(&self) -> Vec<String> {
        self.notes.iter().cloned().chain(self.thinking_note()).chain(self.endless_note()).collect()
    }

    /// Texts that end a response, where the template's end of a turn is no token of the vocabulary.
    pub fn stops(&self) -> &[String] {
        &self.stops
    }

    /// Whether the template may tell the model a date.
    pub fn tells_date(&self) -> bool {
        self.template().is_ok_and(ChatTemplate::asks_for_date)
    }

    /// The day that the template tells the model where `date` was chosen, as far as it is ours to say.
    pub fn told_date(&self, date: Option<Day>) -> Option<Day> {
        let Ok(template) = self.template() else { return None };
        let fixed = template.calls_for_date().then_some(Day::FIXED);
        date.filter(|_| template.asks_for_date()).or(fixed)
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
        (self.tokenizer.end_ids().is_empty() && self.stops.is_empty()).then(|| {
            "The file names no token that ends a response, so each one runs to the token limit. Set a short limit, or take another conversion of the model."
                .to_owned()
        })
    }

    /// The conversation as the model reads it, the assistant's turn opened; where the template fails with its switch for
    /// thinking and not without it, without it.
    ///
    /// # Errors
    /// When the template is missing, fails or does not end.
    pub fn render(&self, messages: &[Message], manner: Manner) -> Result<String, Fault> {
        self.with_switch(manner, |template, options| template.render(&chat(messages), options))
            .map(|(text, _)| text)
    }

    /// Renders with the switch for thinking, where there is one; where that fails and it works without, without it and
    /// with the reason.
    fn with_switch<T>(
        &self,
        manner: Manner,
        render: impl Fn(&ChatTemplate, &RenderOptions) -> Result<T, TextError>,
    ) -> Result<(T, Option<String>), Fault> {
        let template = self.template().map_err(template_fault)?;
        let Manner { thinking, date } = manner;
        let plain = self.options(date);
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

    fn options(&self, date: Option<Day>) -> RenderOptions {
        let token_text = |id: Option<u32>| id.map(|id| self.tokenizer.token_text(id)).unwrap_or_default();
        RenderOptions {
            add_generation_prompt: true,
            bos_token: token_text(self.tokenizer.bos_id()),
            eos_token: token_text(self.tokenizer.eos_id()),
            // The same settings give the same responses on any day.
            date: Some(noon(date.unwrap_or(Day::FIXED))),
            date_string: date.map(noon),
            thinking: None,
        }
    }

    /// Token ids of a prompt in any form. Special tokens come from the template alone, never from
    /// what people write.
    ///
    /// # Errors
    /// As [`Prompter::render`], and when the text cannot be tokenised.
    pub fn prompted(&self, input: &Input, manner: Manner) -> Result<Prompted, Fault> {
        let (tokens, opens_reasoning, fallback) = match input {
            Input::Messages(messages) => {
                let chat = chat(messages);
                let (chat, fallback) = self.with_switch(manner, |template, options| {
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
    /// As [`Prompter::prompted`].
    pub fn prompt_tokens(&self, input: &Input, date: Option<Day>) -> Result<Vec<u32>, Fault> {
        self.prompted(input, Manner::unthinking(date)).map(|prompted| prompted.tokens)
    }

    /// Whether there is a chat template to use.
    ///
    /// # Errors
    /// What is wrong with it, for the person.
    pub fn check_template(&self) -> Result<(), Fault> {
        self.template().map(|_| ()).map_err(template_fault)
    }

    /// A single user message.
    ///
    /// # Errors
    /// As [`Prompter::prompted`].
    pub fn prompted_user(&self, text: &str, manner: Manner) -> Result<Prompted, Fault> {
        let message = Message { role: "user".to_owned(), content: text.to_owned() };
        self.prompted(&Input::Messages(vec![message]), manner)
    }

    /// Token ids of a single user message, without thinking.
    ///
    /// # Errors
    /// As [`Prompter::prompted`].
    pub fn user_tokens(&self, text: &str, date: Option<Day>) -> Result<Vec<u32>, Fault> {
        self.prompted_user(text, Manner::unthinking(date)).map(|prompted| prompted.tokens)
    }
}

/// Tokens at the end of a prompt that may hold a marker.
const OPENING_TOKENS: usize = 32;

fn chat(messages: &[Message]) -> Vec<ChatMessage> {
    let copy = |m: &Message| ChatMessage { role: m.role.clone(), content: m.content.clone() };
    messages.iter().map(copy).collect()
}

/// When a day is, for a template that asks for the hour too.
fn noon(day: Day) -> Date {
    let (year, month, day) = day.parts();
    Date::noon(year, month, day)
}

/// What to say where the vocabulary lacks what a template marks turns with.
fn missing_marks(known: KnownTemplate, tokenizer: &Tokenizer) -> Option<String> {
    let missing = known.missing_marks(tokenizer);
    let (last, others) = missing.split_last()?;
    let marks =
        if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
    let (name, is) = (known.name, if others.is_empty() { "is no token" } else { "are no tokens" });
    Some(format!(
        "The chat template \"{name}\" marks turns with {marks}, which {is} of this model's vocabulary: the model reads \
         them as ordinary text, may never have seen them, and cannot tell them from the same text in a prompt."
    ))
}

fn template_fault(error: TextError) -> Fault {
    Fault::new(FaultCode::BadTemplate, error.to_string())
}

/// A tokenizer's error, as the page hears it.
pub fn text_fault(error: TextError) -> Fault {
    Fault::new(FaultCode::BadInput, error.to_string())
}
