//! Which switch for thinking a chat template has. It is found by rendering: only what changes the text is a switch.

use super::chat_template::{ChatTemplate, RenderOptions};
use super::message::ChatMessage;
use super::thinking::{KNOWN, ThinkingSwitch};

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
