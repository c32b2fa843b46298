//! How to tell a chat template whether the model should think before it answers.
//!
//! Each family has its own name for the switch.

use minijinja::Value;

use super::message::ChatMessage;

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
pub(super) const KNOWN: [ThinkingSwitch; 9] = [
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
    pub(super) fn is_named_in(self, source: &str) -> bool {
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
    pub(super) fn without_words(self, text: String) -> String {
        match self {
            Self::System { off, on } => text.replace(off, on),
            _ => text,
        }
    }
}
