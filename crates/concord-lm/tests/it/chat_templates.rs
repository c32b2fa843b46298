//! Chat templates against Python's jinja2, byte for byte.

use std::collections::BTreeMap;

use concord_lm::text::{ChatMessage, ChatTemplate, Date, RenderOptions};
use serde::Deserialize;

/// What `tests/fixtures/record_chat_templates.py` recorded.
#[derive(Deserialize)]
struct Recorded {
    secs: i64,
    conversations: BTreeMap<String, Vec<(String, String)>>,
    templates: Vec<Template>,
}

#[derive(Deserialize)]
struct Template {
    name: String,
    source: String,
    /// By conversation, `, opened` where the assistant's turn is; `None` where the template refuses.
    texts: BTreeMap<String, Option<String>>,
}

#[test]
fn texts_are_those_of_jinja2() {
    let recorded: Recorded = serde_json::from_str(include_str!("../data/chat_templates.json")).unwrap();
    assert!(recorded.templates.len() >= 10);
    let mut wrong = Vec::new();
    for template in &recorded.templates {
        assert_eq!(template.texts.len(), 2 * recorded.conversations.len());
        let compiled = match ChatTemplate::new(&template.source) {
            Ok(compiled) => compiled,
            Err(error) => {
                wrong.push(format!("{}: {error}", template.name));
                continue;
            }
        };
        for (key, expected) in &template.texts {
            let conversation = key.strip_suffix(", opened").unwrap_or(key);
            let messages: Vec<ChatMessage> = recorded.conversations[conversation]
                .iter()
                .map(|(role, content)| ChatMessage { role: role.clone(), content: content.clone() })
                .collect();
            let options = RenderOptions {
                add_generation_prompt: key != conversation,
                bos_token: "<s>".to_owned(),
                eos_token: "</s>".to_owned(),
                date: Some(Date { secs: recorded.secs }),
                date_string: None,
                thinking: None,
            };
            let found = compiled.render(&messages, &options);
            if found.as_ref().ok() != expected.as_ref() {
                wrong
                    .push(format!("{} {key}:\n  found    {found:?}\n  expected {expected:?}", template.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
