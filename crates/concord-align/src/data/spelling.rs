//! How a prompt set writes its languages: `deu` for what is `de` here, so that exports can write it as it came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Language;

/// The spellings that differ from the canonical tag, by language; the first that was met stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spellings(BTreeMap<Language, String>);

impl Spellings {
    /// Takes note of a spelling, and gives its language.
    pub fn note(&mut self, spelling: &str) -> Language {
        let language = Language::from(spelling);
        if language.as_str() != spelling {
            self.0.entry(language.clone()).or_insert_with(|| spelling.to_owned());
        }
        language
    }

    /// The spelling of a language; `None` where it came as its canonical tag.
    pub fn of(&self, language: &Language) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// Whether every language came as its canonical tag.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_spelling_stands() {
        let mut spellings = Spellings::default();
        assert_eq!(spellings.note("en"), Language::from("en"));
        assert!(spellings.is_empty());
        for spelling in ["deu", "german", "sw"] {
            spellings.note(spelling);
        }
        assert_eq!((spellings.of(&"de".into()), spellings.of(&"sw".into())), (Some("deu"), None));
        assert_eq!(serde_json::to_string(&spellings).unwrap(), r#"{"de":"deu"}"#);
    }
}
