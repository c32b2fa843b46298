//! Chat templates: a list of messages as the one text that the model was trained on.
//!
//! Templates come from files of strangers. They run in a sandbox with fuel, a recursion limit and a
//! limit on what they write, so a cyclic or endless one ends in an error.

use std::io;

use minijinja::{Environment, Error, ErrorKind, context};
use serde::Serialize;

use super::date::Date;
use super::error::TextError;
use super::python;
use super::template_source::prepared;
use crate::weights::Metadata;

/// Longest template and longest rendered chat, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Instructions that a template may run: real ones take some hundred per message.
const FUEL: u64 = 2_000_000;
/// Nested macro calls and blocks; kept small because a worker's stack is.
const MAX_DEPTH: usize = 64;
/// Name under which the template is kept, as it appears in messages.
const NAME: &str = "chat_template";

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// Text.
    pub content: String,
}

impl ChatMessage {
    /// A message of the user.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: "user".to_owned(), content: content.into() }
    }
}

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
}

/// A compiled chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
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
        if source.len() > MAX_BYTES {
            return Err(TextError::TemplateTooLong { limit: MAX_BYTES });
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_DEPTH);
        // As the libraries that templates are written for set them.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        python::add_to(&mut environment);
        environment.add_template_owned(NAME, prepared(source)).map_err(|error| template_error(&error))?;
        Ok(Self { environment })
    }

    /// Renders messages.
    ///
    /// # Errors
    /// [`TextError::Template`] when the template refuses the messages or fails,
    /// [`TextError::TemplateEndless`], [`TextError::TemplateTooLong`].
    pub fn render(&self, messages: &[ChatMessage], options: &RenderOptions) -> Result<String, TextError> {
        let mut environment = self.environment.clone();
        python::bound_output(&mut environment);
        if let Some(date) = options.date {
            python::add_date(&mut environment, date);
        }
        let template = environment.get_template(NAME).map_err(|error| template_error(&error))?;
        let mut out = LimitedWriter::default();
        let context = context! {
            messages,
            add_generation_prompt => options.add_generation_prompt,
            bos_token => options.bos_token,
            eos_token => options.eos_token,
            // As the libraries set them where a chat has none.
            tools => (),
            documents => (),
        };
        let result = template.render_captured_to(context, &mut out);
        let is_over = out.is_over || result.as_ref().is_err_and(python::is_too_long);
        if is_over {
            return Err(TextError::TemplateTooLong { limit: MAX_BYTES });
        }
        match result {
            // The template engine writes only text.
            Ok(_) => Ok(String::from_utf8_lossy(&out.bytes).into_owned()),
            Err(error) => Err(template_error(&error)),
        }
    }
}

/// The error for a person: kind, detail and line, without the template's source.
fn template_error(error: &Error) -> TextError {
    if error.kind() == ErrorKind::OutOfFuel {
        return TextError::TemplateEndless;
    }
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let reason = match error.line() {
        Some(line) => format!("{detail} (line {line})"),
        None => detail,
    };
    TextError::Template { reason }
}

/// Collects what a template writes, up to [`MAX_BYTES`].
#[derive(Default)]
struct LimitedWriter {
    bytes: Vec<u8>,
    is_over: bool,
}

impl io::Write for LimitedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_BYTES {
            self.is_over = true;
            return Err(io::Error::other("too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
        assert_eq!(render(&" ".repeat(MAX_BYTES + 1)), Err(TextError::TemplateTooLong { limit: MAX_BYTES }));
        let doublings = [
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{%- set ns.x = ns.x + ns.x -%}{% endfor %}",
            "{% set ns = namespace(x='ab') %}{% for a in range(99999) %}{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}",
            "{% set ns = namespace(x=[1]) %}{% for a in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        ];
        for source in doublings {
            assert_eq!(render(source), Err(TextError::TemplateTooLong { limit: MAX_BYTES }), "{source}");
        }
        let deep = "(".repeat(100_000);
        assert!(matches!(render(&format!("{{{{ {deep} }}}}")), Err(TextError::Template { .. })));
    }
}
