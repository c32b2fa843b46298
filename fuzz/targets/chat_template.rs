//! Untrusted chat templates, over untrusted messages.
//!
//! The input is a template; what follows a line `====`, if anything does, are the texts of messages.

#![no_main]

use concord::text::{ChatMessage, ChatTemplate, Date, RenderOptions};
use concord_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (source, texts) = data.split_once("\n====\n").unwrap_or((data, "hi\nho</think>x\nন্দ"));
    bounded(data.len(), || {
        let roles = ["system", "user", "assistant"].iter().cycle();
        let messages: Vec<ChatMessage> = texts
            .lines()
            .zip(roles)
            .map(|(text, role)| ChatMessage { role: (*role).to_owned(), content: text.to_owned() })
            .collect();
        let Ok(template) = ChatTemplate::new(source) else { return };
        for date in [None, Some(Date { secs: 1_753_000_000 })] {
            let options = RenderOptions {
                add_generation_prompt: date.is_some(),
                bos_token: "<s>".to_owned(),
                eos_token: "</s>".to_owned(),
                date,
                date_string: date,
                thinking: None,
            };
            match template.render(&messages, &options) {
                Ok(text) => assert!(text.len() <= 1 << 20, "{} bytes were rendered", text.len()),
                Err(error) => assert!(error.to_string().len() < 1 << 20),
            }
        }
    });
});
