//! Chat templates: a list of messages as the one text that the model was trained on.
//!
//! Templates come from untrusted files. They run in a sandbox with fuel, a recursion limit and a
//! budget for all that they make, read and print, so a cyclic, endless or greedy one ends in an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::machinery::{Vm, make_string_output};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value, context};

use super::date::Date;
use super::error::TextError;
use super::message::ChatMessage;
use super::python;
use super::template_budget::{Budget, MAX_BYTES, is_too_long};
use super::template_code::Code;
use super::template_source::prepared;
use super::thinking::ThinkingSwitch;
use super::{template_guards, template_library};
use crate::weights::Metadata;

/// Longest template, in bytes; published ones stay below 32 KiB. The engine counts columns in 16 bits.
const MAX_SOURCE_BYTES: usize = (1 << 16) - 1;
/// Longest reason that is passed on, in characters: a template may put anything into one.
const MAX_REASON_CHARS: usize = 1000;
/// Instructions that a template may run: real ones take some hundred per message.
const FUEL: u64 = 2_000_000;
/// Nested macro calls and blocks; kept small because a worker's stack is.
const MAX_DEPTH: usize = 64;
/// Name under which the template is kept, as it appears in messages.
const NAME: &str = "chat_template";

/// The variable in which Llama's templates take a date.
const DATE_STRING: &str = "date_string";

/// What a template is told besides the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// Open the assistant's turn.
    pub add_generation_prompt: bool,
    /// Text of the token that begins a text; empty where the model has none.
    pub bos_token: String,
    /// Text of the token that ends a text; empty where the model has none.
    pub eos_token: String,
    /// What `strftime_now` tells; without it templates have no such function, and many then use a
    /// date of their own.
    pub date: Option<Date>,
    /// What the variable `date_string` holds, in which some templates take the date of a person's choice; without it they
    /// use a date of their own.
    pub date_string: Option<Date>,
    /// Whether the model is to think, for a template that has a switch for it; `None` leaves it to the template.
    pub thinking: Option<(ThinkingSwitch, bool)>,
}

/// A compiled chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    source: String,
}

impl ChatTemplate {
    /// The template of a model file.
    ///
    /// # Errors
    /// [`TextError::NoTemplate`] when there is none, else those of [`ChatTemplate::new`].
    pub fn from_metadata(metadata: &Metadata) -> Result<Self, TextError> {
        Self::new(metadata.string("tokenizer.chat_template").ok_or(TextError::NoTemplate)?)
    }

    /// Compiles a template.
    ///
    /// # Errors
    /// [`TextError::Template`] with the line for a syntax error, [`TextError::TemplateTooLong`].
    pub fn new(source: &str) -> Result<Self, TextError> {
        if source.len() > MAX_SOURCE_BYTES {
            return Err(TextError::TemplateTooLong { limit: MAX_SOURCE_BYTES });
        }
        let source = prepared(source);
        Code::compile(NAME, &source).map_err(|error| template_error(&error))?;
        Ok(Self { source })
    }

    /// The template as it is compiled.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it may tell a date that it is given.
    pub fn asks_for_date(&self) -> bool {
        self.calls_for_date() || self.source.contains(DATE_STRING)
    }

    /// Whether it calls `strftime_now`.
    pub fn calls_for_date(&self) -> bool {
        self.source.contains("strftime_now")
    }

    /// Renders messages.
    ///
    /// # Errors
    /// [`TextError::Template`] when the template refuses the messages or fails,
    /// [`TextError::TemplateEndless`], [`TextError::TemplateTooLong`].
    pub fn render(&self, messages: &[ChatMessage], options: &RenderOptions) -> Result<String, TextError> {
        let environment = environment(options.date);
        let (switched, variable) = match options.thinking {
            Some((switch, is_on)) => (switch.messages(is_on, messages), switch.variable(is_on)),
            None => (None, None),
        };
        let messages = switched.as_deref().unwrap_or(messages);
        // As Llama's templates write it.
        let day = options.date_string.and_then(|date| date.format("%d %b %Y"));
        let day = day.map(|day| (DATE_STRING, Value::from(day)));
        let variables: BTreeMap<&str, Value> = variable.into_iter().chain(day).collect();
        let context = context! {
            messages,
            add_generation_prompt => options.add_generation_prompt,
            bos_token => options.bos_token,
            eos_token => options.eos_token,
            // As the libraries set them where a chat has none.
            tools => (),
            documents => (),
            ..Value::from(variables)
        };
        let mut text = String::new();
        let result = Code::compile(NAME, &self.source).and_then(|code| {
            let mut out = make_string_output(&mut text);
            let vm = Vm::new(&environment);
            vm.eval(&code.main, context, &code.blocks, &mut out, AutoEscape::None).map(|_| ())
        });
        result.map_err(|error| template_error(&error))?;
        if text.len() > MAX_BYTES { Err(TextError::TemplateTooLong { limit: MAX_BYTES }) } else { Ok(text) }
    }
}

/// What a template may call, under a budget for one rendering.
fn environment(date: Option<Date>) -> Environment<'static> {
    let budget = Arc::new(Budget::default());
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_DEPTH);
    template_guards::add_to(&mut environment, &budget);
    template_library::add_to(&mut environment, &budget);
    python::add_to(&mut environment, &budget);
    if let Some(date) = date {
        python::add_date(&mut environment, date);
    }
    environment
}

/// The error for a person: kind, detail and line, without the template's source.
fn template_error(error: &Error) -> TextError {
    if error.kind() == ErrorKind::OutOfFuel {
        return TextError::TemplateEndless;
    }
    if is_too_long(error) {
        return TextError::TemplateTooLong { limit: MAX_BYTES };
    }
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let detail: String = detail.chars().take(MAX_REASON_CHARS).collect();
    let reason = match error.line() {
        Some(line) => format!("{detail} (line {line})"),
        None => detail,
    };
    TextError::Template { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::random_model::CHAT_TEMPLATE;

    fn options() -> RenderOptions {
        RenderOptions {
            add_generation_prompt: true,
            bos_token: "<s>".to_owned(),
            eos_token: "</s>".to_owned(),
            date: None,
            date_string: None,
            thinking: None,
        }
    }

    fn render(source: &str) -> Result<String, TextError> {
        let messages =
            [ChatMessage::user("hi"), ChatMessage { role: "assistant".into(), content: "ho".into() }];
        ChatTemplate::new(source)?.render(&messages, &options())
    }

    #[test]
    fn chatml_is_rendered() {
        let text = render(CHAT_TEMPLATE).unwrap();
        assert_eq!(
            text,
            "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nho<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn tokens_flags_and_blocks_work_as_in_the_usual_libraries() {
        let source = "{{ bos_token }}\n{% for m in messages %}\n  {% if m.role == 'user' %}\n{{ m.content | trim }}{{ eos_token }}\n  {% endif %}\n{% endfor %}";
        assert_eq!(render(source).unwrap(), "<s>\nhi</s>\n");
    }

    #[test]
    fn wrong_templates_say_so() {
        let cases = [
            ("{% for m in messages %}", "line 1"),
            ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
            ("{{ nothing.at.all }}", "undefined"),
            ("{% include 'other' %}", "other"),
        ];
        for (source, expected) in cases {
            match render(source) {
                Err(TextError::Template { reason }) => assert!(reason.contains(expected), "{reason}"),
                other => panic!("{source} gave {other:?}"),
            }
        }
    }

    #[test]
    fn endless_and_huge_templates_end() {
        let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
        assert_eq!(render(endless), Err(TextError::TemplateEndless));
        let cyclic = "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}";
        assert!(matches!(render(cyclic), Err(TextError::Template { .. })), "{:?}", render(cyclic));
        assert!(matches!(render("{% include 'chat_template' %}"), Err(TextError::Template { .. })));
        let long = "{% for a in range(9999) %}{{ 'x' * 1000 }}{% endfor %}";
        assert_eq!(render(long), Err(TextError::TemplateTooLong { limit: MAX_BYTES }));
        let blank = " ".repeat(MAX_SOURCE_BYTES + 1);
        assert_eq!(render(&blank), Err(TextError::TemplateTooLong { limit: MAX_SOURCE_BYTES }));
        let doublings = [
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{%- set ns.x = ns.x + ns.x -%}{% endfor %}",
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}",
            "{% set ns = namespace(x=[1]) %}{% for a in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        ];
        for source in doublings {
            assert_eq!(render(source), Err(TextError::TemplateTooLong { limit: MAX_BYTES }), "{source}");
        }
        let deep = "(".repeat(60_000);
        let result = render(&format!("{{{{ {deep} }}}}"));
        assert!(matches!(result, Err(TextError::Template { .. })), "{result:?}");
    }
}
