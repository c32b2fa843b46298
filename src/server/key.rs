//! A server's key: it is never printed, and what a server says is shown without it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest key, in bytes.
const LONGEST: usize = 4_096;
/// Most characters that are shown of what a server says.
const MOST_SHOWN: usize = 300;

/// A key. It is kept in memory and crosses the port to the worker that asks; it stands in no file, address or message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerKey(String);

/// Why a text is no key; the text is not quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this key holds spaces or letters that no key has: copy it again, without what stands around it")]
pub struct KeyError;

impl ServerKey {
    /// The key that was typed, `None` where nothing was.
    ///
    /// # Errors
    /// For letters that cannot travel in a header.
    pub fn parse(text: &str) -> Result<Option<Self>, KeyError> {
        let text = text.trim();
        let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError);
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// The value of the header `Authorization`.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

/// A sentence from outside as it may be shown: without the key, on one line, and not without end.
pub fn shown(text: &str, key: Option<&ServerKey>) -> String {
    let text = match key {
        Some(ServerKey(key)) => text.replace(key, "(key)"),
        None => text.to_owned(),
    };
    let mut shown = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    if let Some((end, _)) = shown.char_indices().nth(MOST_SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// A model's name as it is shown and kept: a path on the server's disk is nobody's business but its last part.
pub fn model_name(name: &str) -> &str {
    let is_path = name.starts_with('/') || name.contains('\\');
    let last = name.rsplit(['/', '\\']).next().filter(|last| is_path && !last.is_empty());
    last.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_as_it_is_pasted_and_never_printed() {
        let key = ServerKey::parse(" Bearer sk-secret\n").unwrap().unwrap();
        assert_eq!(key.header(), "Bearer sk-secret");
        assert!(!format!("{key:?}{:?}", Some(&key)).contains("secret"));
        assert_eq!(ServerKey::parse("  "), Ok(None));
        for bad in ["sk secret", "sk-\u{e9}", "sk\n-a", &"k".repeat(5_000)] {
            assert_eq!(ServerKey::parse(bad), Err(KeyError));
        }
        let there_and_back: ServerKey = serde_json::from_value(serde_json::to_value(&key).unwrap()).unwrap();
        assert_eq!(there_and_back, key);
    }

    #[test]
    fn a_path_on_the_servers_disk_is_not_shown() {
        for (name, shown) in [
            ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Instruct"),
            ("llama3.2:3b", "llama3.2:3b"),
            ("/home/someone/models/a b.gguf", "a b.gguf"),
            ("C:\\Users\\someone\\a.gguf", "a.gguf"),
            ("/srv/models/Qwen/", "/srv/models/Qwen/"),
            ("", ""),
        ] {
            assert_eq!(model_name(name), shown);
        }
    }

    #[test]
    fn what_a_server_says_is_shown_without_the_key() {
        let key = ServerKey::parse("sk-secret").unwrap();
        let said = shown("Incorrect key\n\tsk-secret \u{1b}[31m given", key.as_ref());
        assert_eq!(said, "Incorrect key (key) [31m given");
        assert_eq!(shown(&"ä".repeat(1_000), None).chars().count(), MOST_SHOWN + 1);
    }
}
