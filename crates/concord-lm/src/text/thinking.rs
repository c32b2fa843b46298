//! How to tell a chat template whether the model should think before it answers.
//!
//! Each family has its own name for the switch. Which one a template has is found by rendering: only what changes
//! the text is a switch.

use minijinja::Value;

use super::chat_template::{ChatMessage, ChatTemplate, RenderOptions};

/// A switch of a chat template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingSwitch {
    /// A variable that is true or false, and its value for no thinking.
    Flag {
        /// Its name.
        name: &'static str,
        /// Its value for no thinking.
        off: bool,
    },
    /// A variable with a word for how much.
    Word {
        /// Its name.
        name: &'static str,
        /// The least there is.
        off: &'static str,
        /// Much.
        on: &'static str,
    },
    /// A variable with the number of tokens to think; without it there is no bound.
    Budget {
        /// Its name.
        name: &'static str,
    },
    /// A word in the system message.
    System {
        /// The word for no thinking.
        off: &'static str,
        /// The word for thinking.
        on: &'static str,
    },
}

/// What there is, the most common first. Families in brackets: each was read in a published template.
const KNOWN: [ThinkingSwitch; 9] = [
    // Qwen3, GLM-4.5, SmolLM3, Hunyuan, EXAONE 4.
    ThinkingSwitch::Flag { name: "enable_thinking", off: false },
    // DeepSeek-V3.1, Granite 3.2 and 3.3, Kimi.
    ThinkingSwitch::Flag { name: "thinking", off: false },
    // Cohere.
    ThinkingSwitch::Flag { name: "skip_thinking", off: true },
    ThinkingSwitch::Flag { name: "reasoning", off: false },
    // Mistral.
    ThinkingSwitch::Word { name: "reasoning_effort", off: "none", on: "high" },
    // gpt-oss, which has no word for none at all; Solar.
    ThinkingSwitch::Word { name: "reasoning_effort", off: "low", on: "high" },
    // Seed-OSS.
    ThinkingSwitch::Budget { name: "thinking_budget" },
    // Nemotron.
    ThinkingSwitch::System { off: "/no_think", on: "/think" },
    ThinkingSwitch::System { off: "detailed thinking off", on: "detailed thinking on" },
];

impl ThinkingSwitch {
    /// What people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag { name, .. } | Self::Word { name, .. } | Self::Budget { name } => name,
            Self::System { off, .. } => off,
        }
    }

    /// Whether a template speaks of it at all.
    fn is_named_in(self, source: &str) -> bool {
        match self {
            // A template that does not list the word would print it, and no model knows it.
            Self::Word { name, off: off @ "none", .. } => {
                source.contains(name)
                    && [format!("'{off}'"), format!("\"{off}\"")].iter().any(|w| source.contains(w))
            }
            other => source.contains(other.name()),
        }
    }

    /// The variable that says it.
    pub(super) fn variable(self, is_on: bool) -> Option<(&'static str, Value)> {
        match self {
            Self::Flag { name, off } => Some((name, Value::from(off != is_on))),
            Self::Word { name, off, on } => Some((name, Value::from(if is_on { on } else { off }))),
            Self::Budget { name } => (!is_on).then(|| (name, Value::from(0))),
            Self::System { .. } => None,
        }
    }

    /// The messages that say it.
    pub(super) fn messages(self, is_on: bool, messages: &[ChatMessage]) -> Option<Vec<ChatMessage>> {
        let Self::System { off, on } = self else { return None };
        let word = if is_on { on } else { off };
        let mut messages = messages.to_vec();
        match messages.first_mut().filter(|first| first.role == "system") {
            Some(system) => system.content = format!("{}\n{word}", system.content),
            None => {
                messages.insert(0, ChatMessage { role: "system".to_owned(), content: word.to_owned() });
            }
        }
        Some(messages)
    }

    /// The text without its own words, which a template repeats and which are no effect of theirs.
    fn without_words(self, text: String) -> String {
        match self {
            Self::System { off, on } => text.replace(off, on),
            _ => text,
        }
    }
}

/// What was found out of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundSwitch {
    /// It has none.
    None,
    /// This one works.
    Works(ThinkingSwitch),
    /// It has this one, but fails where that says not to think.
    Fails {
        /// The switch.
        switch: ThinkingSwitch,
        /// What the template says.
        reason: String,
    },
}

impl FoundSwitch {
    /// Looks for the switch of a template by rendering a short chat.
    pub fn of(template: &ChatTemplate, options: &RenderOptions) -> Self {
        let chat = [ChatMessage::user("1 + 1?")];
        let render = |thinking| template.render(&chat, &RenderOptions { thinking, ..options.clone() });
        let mut failure = Self::None;
        for switch in KNOWN.into_iter().filter(|switch| switch.is_named_in(template.source())) {
            match (render(Some((switch, false))), render(Some((switch, true)))) {
                (Ok(off), Ok(on))
                    if switch.without_words(off.clone()) != switch.without_words(on.clone()) =>
                {
                    return Self::Works(switch);
                }
                (Err(error), _) if failure == Self::None && render(None).is_ok() => {
                    failure = Self::Fails { switch, reason: error.to_string() };
                }
                _ => {}
            }
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> RenderOptions {
        RenderOptions { add_generation_prompt: true, ..RenderOptions::default() }
    }

    fn found(source: &str) -> FoundSwitch {
        FoundSwitch::of(&ChatTemplate::new(source).unwrap(), &options())
    }

    fn rendered(source: &str, thinking: bool) -> String {
        let template = ChatTemplate::new(source).unwrap();
        let FoundSwitch::Works(switch) = FoundSwitch::of(&template, &options()) else { panic!("{source}") };
        let options = RenderOptions { thinking: Some((switch, thinking)), ..options() };
        template.render(&[ChatMessage::user("hi")], &options).unwrap()
    }

    /// Each does what a family's template does, in words of our own.
    #[test]
    fn the_switch_of_each_family_is_found_and_works() {
        let cases = [
            (
                "{% if enable_thinking is defined and not enable_thinking %}E{% endif %}",
                "enable_thinking",
                "E",
                "",
            ),
            (
                "{% if enable_thinking | default(true) %}T{% else %}<think></think>{% endif %}",
                "enable_thinking",
                "<think></think>",
                "T",
            ),
            (
                "{% if not thinking is defined %}{% set thinking = false %}{% endif %}{{ '<think>' if thinking else '</think>' }}",
                "thinking",
                "</think>",
                "<think>",
            ),
            ("{% if skip_thinking %}S{% endif %}", "skip_thinking", "S", ""),
            ("{% if reasoning is defined and not reasoning %}N{% endif %}", "reasoning", "N", ""),
            (
                "{% if reasoning_effort not in ['none', 'high'] %}{{ raise_exception('bad') }}{% endif %}{{ reasoning_effort }}",
                "reasoning_effort",
                "none",
                "high",
            ),
            (
                "{{ 'Reasoning: ' + (reasoning_effort or 'medium') }}",
                "reasoning_effort",
                "Reasoning: low",
                "Reasoning: high",
            ),
            (
                "{% if thinking_budget is defined and thinking_budget == 0 %}Z{% endif %}",
                "thinking_budget",
                "Z",
                "",
            ),
            (
                "{{ messages[0].content }}{% if '/no_think' in messages[0].content %}<think></think>{% endif %}",
                "/no_think",
                "/no_think<think></think>",
                "/think",
            ),
        ];
        for (source, name, off, on) in cases {
            let FoundSwitch::Works(switch) = found(source) else { panic!("{source}: {:?}", found(source)) };
            assert_eq!(switch.name(), name, "{source}");
            assert_eq!(
                (rendered(source, false).as_str(), rendered(source, true).as_str()),
                (off, on),
                "{source}"
            );
        }
    }

    #[test]
    fn what_changes_nothing_is_no_switch() {
        for source in [
            "{{ messages[0].content }}",
            "{# enable_thinking #}{{ messages[0].content }}",
            "{% set thinking = true %}{{ messages[0].content }}",
            "{% if messages[0].reasoning_content %}x{% endif %}",
            "{{ messages[0].content }} {# /no_think #}",
        ] {
            assert_eq!(found(source), FoundSwitch::None, "{source}");
        }
    }

    #[test]
    fn one_that_fails_only_without_thinking_says_why() {
        let source = "{% if enable_thinking is defined and not enable_thinking %}{{ raise_exception('always thinks') }}{% endif %}hi";
        let FoundSwitch::Fails { switch, reason } = found(source) else { panic!("{:?}", found(source)) };
        assert_eq!(switch.name(), "enable_thinking");
        assert!(reason.contains("always thinks"), "{reason}");
    }

    #[test]
    fn a_system_message_that_is_there_is_added_to() {
        let system = ThinkingSwitch::System { off: "/no_think", on: "/think" };
        let chat =
            [ChatMessage { role: "system".into(), content: "Be brief.".into() }, ChatMessage::user("hi")];
        let messages = system.messages(false, &chat).unwrap();
        assert_eq!((messages.len(), messages[0].content.as_str()), (2, "Be brief.\n/no_think"));
        assert_eq!(system.messages(true, &chat[1..]).unwrap()[0].content, "/think");
    }
}
